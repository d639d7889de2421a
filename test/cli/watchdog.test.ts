// biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings refer to variables in this way
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Herald } from "../../src/chat/herald.ts";
import { SignsOfLife } from "../../src/cli/signs-of-life.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { Vigil } from "../../src/cli/vigil.ts";
import { wordReply } from "../../src/cli/vigil-text.ts";
import { watchdog, watched } from "../../src/cli/watchdog.ts";
import { type LifeSign, readLifeSign } from "../../src/observe/life-file.ts";
import { ManualClock, machineClock, NOON, settle } from "../chat/desk.ts";
import { CHANNEL, GROUP, openWorld, textsIn, until } from "../chat/platforms.ts";
import { ownFolder } from "./settings.ts";

const SECOND = 1_000;
const LIMIT = 30 * SECOND;
const sign = (boot: string, beat: number, isOver = false): LifeSign => ({
  boot,
  beat,
  wallAt: NOON,
  desk: "live/binanceusdm/main/pd1",
  isOver,
  held: { rungs: 3, entries: 4, exits: 6 },
});

/** A process of its own every so many seconds, none of which reads its account. */
const startingSign = (second: number, everySeconds: number): LifeSign => ({
  ...sign(`b${Math.floor(second / everySeconds)}`, second),
  held: undefined,
});

/** Looks once a second at what `at` gives for each; the seconds and kinds of what was said. */
function kept(
  seconds: number,
  at: (second: number) => LifeSign | undefined,
): readonly (readonly [number, string])[] {
  const vigil = new Vigil(LIMIT);
  return Array.from({ length: seconds }, (_, second) => {
    const word = vigil.look(at(second), second * SECOND);
    if (word === undefined) return [];
    if (word.type === "ended") return [[second, "ended"] as const];
    const how = word.type === "silent" ? word.isAgain : word.isNewProcess;
    return [[second, `${word.type} ${how}`] as const];
  }).flat();
}

describe("a vigil", () => {
  test("says nothing while signs come, once when they stop, once when they come again", () => {
    const beats = (second: number) => Math.floor(second / 2);
    expect(kept(300, (second) => sign("a", beats(second)))).toEqual([]);
    // Killed at 100, started again at 200.
    expect(
      kept(300, (second) => (second < 200 ? sign("a", beats(Math.min(100, second))) : sign("b", second))),
    ).toEqual([
      [130, "silent false"],
      [200, "back true"],
    ]);
    // It hung.
    expect(kept(300, (second) => sign("a", second < 100 || second >= 250 ? second : 99)).slice(1)).toEqual([
      [250, "back false"],
    ]);
  });

  test("a start again within the limit is no matter; nor is an end that somebody wanted, for however long", () => {
    expect(
      kept(300, (second) =>
        second < 100 ? sign("a", second) : second < 125 ? sign("a", 99) : sign("b", second),
      ),
    ).toEqual([]);
    expect(kept(9_000, (second) => (second < 100 ? sign("a", second) : sign("a", 100, true)))).toEqual([]);
  });

  test("one that is started again and again and never reads its account is as silent as one that is gone", () => {
    const starting = (everySeconds: number) => (second: number) => startingSign(second, everySeconds);
    // Quick ones, and as seldom as Docker tries at last: none of them is a desk that is back.
    for (const everySeconds of [5, 40, 60]) {
      const start = starting(everySeconds);
      expect(
        kept(400, (second) =>
          second < 100 ? sign("a", second) : second < 300 ? start(second) : sign("c", second),
        ),
      ).toEqual([
        [129, "silent false"],
        [300, "back true"],
      ]);
      // After the machine came up again, with its watchdog; and when it is started for the first time.
      expect(kept(3_700, start)).toEqual([
        [30, "silent false"],
        [3_630, "silent true"],
      ]);
      // After somebody ended the one before.
      expect(
        kept(400, (second) => (second < 100 ? sign("a", second, second === 99) : start(second))),
      ).toEqual([[130, "silent false"]]);
    }
    const once = (second: number) => (second < 20 ? sign("a", 19, true) : startingSign(20, 1));
    expect(kept(400, once)).toEqual([[50, "silent false"]]);
  });

  test("a start has the whole limit where none was expected to run; no time is given twice", () => {
    const thenReads = (from: number, reads: number, before: (second: number) => LifeSign | undefined) =>
      kept(400, (second) =>
        second < from
          ? before(second)
          : second < reads
            ? { ...sign("b", second), held: undefined }
            : sign("b", second),
      );
    expect(thenReads(20, 49, () => undefined)).toEqual([]);
    expect(thenReads(100, 129, (second) => sign("a", second, second === 99))).toEqual([]);
    expect(thenReads(20, 52, () => undefined)).toEqual([
      [50, "silent false"],
      [52, "back true"],
    ]);
    expect(thenReads(40, 60, () => undefined)).toEqual([
      [30, "silent false"],
      [60, "back true"],
    ]);
  });

  test("one that was ended before the watchdog came is named once, and watched from its next start on", () => {
    const over = sign("a", 99, true);
    expect(kept(9_000, () => over)).toEqual([[30, "ended"]]);
    expect(kept(200, (second) => (second < 20 ? over : sign("b", second)))).toEqual([]);
    expect(kept(200, (second) => (second < 100 ? over : sign("b", 100)))).toEqual([
      [30, "ended"],
      [130, "silent false"],
    ]);
    // What was ended again while it looked on says so itself.
    const again = (second: number) => (second < 10 ? over : sign("b", second, second >= 20));
    expect(kept(300, (second) => again(Math.min(second, 20)))).toEqual([]);
  });

  test("a desk that never was, or was gone before the watchdog came, is told after the limit; then once an hour", () => {
    const told = [
      [30, "silent false"],
      [3_630, "silent true"],
      [7_230, "silent true"],
    ];
    expect(kept(7_500, () => undefined)).toEqual(told);
    expect(kept(7_500, () => sign("a", 7))).toEqual(told);
  });

  test("a watchdog that slept itself accuses nobody of that time", () => {
    const vigil = new Vigil(LIMIT);
    expect(vigil.look(sign("a", 1), 0)).toBeUndefined();
    expect(vigil.look(sign("a", 1), 3_600_000)).toBeUndefined();
    expect(vigil.look(sign("a", 2), 3_602_000)).toBeUndefined();
  });
});

test("its words say since when, what was held, what that means, and what to do", () => {
  const silent = {
    type: "silent",
    last: sign("a", 7),
    starting: undefined,
    forMs: LIMIT,
    isAgain: false,
  } as const;
  expect(wordReply(silent, "pd1", NOON + LIMIT)).toEqual({
    title: "CRITICAL: No sign of life of the desk",
    tone: "danger",
    lines: [
      "live/binanceusdm/main/pd1: the last one was at 2026-05-02 14:03 UTC. Its process has ended, hangs, or can't write to its disk.",
      "Then 3 rungs held, and 6 exits rested at the exchange, which go on protecting.",
      "4 entry orders rested too: what fills of them has no stop until the desk runs. Cancel them in the exchange's app if it does not.",
      "Look at the machine and start the desk again. Nothing that is typed here is done meanwhile.",
    ],
    footer: "The watchdog at 14:03:50 UTC",
  });
  expect(wordReply({ ...silent, last: undefined, isAgain: true }, "pd1", NOON)).toMatchObject({
    title: "CRITICAL: Still no sign of life of the desk",
    lines: [
      "pd1: none since the watchdog began, 30 s ago.",
      expect.stringMatching(/another --mode, begin the watchdog with the same/),
      "What is held is not known here: look into the exchange's app.",
      expect.any(String),
    ],
  });
  expect(wordReply({ type: "ended", sign: sign("a", 7, true) }, "pd1", NOON)).toEqual({
    title: "The desk does not run",
    tone: "plain",
    lines: [
      "live/binanceusdm/main/pd1: somebody ended it at 2026-05-02 14:03 UTC, before this watchdog began. It is watched from its next start on.",
      "If a desk runs with other settings or another --mode, begin the watchdog with the same: it looks at this one alone.",
    ],
    footer: "The watchdog at 14:03:20 UTC",
  });
  const starting = { sign: startingSign(1, 1), starts: 6 };
  expect(wordReply({ ...silent, starting }, "pd1", NOON + LIMIT)).toEqual({
    title: "CRITICAL: The desk does not get through its start",
    tone: "danger",
    lines: [
      "live/binanceusdm/main/pd1: started 6 times, and nothing read of its account in 30 s.",
      "The one before it ran until 2026-05-02 14:03 UTC.",
      "Then 3 rungs held, and 6 exits rested at the exchange, which go on protecting.",
      "4 entry orders rested too: what fills of them has no stop until the desk runs. Cancel them in the exchange's app if it does not.",
      "Its log says why: it may fail, read a long history, or wait for somebody at its terminal. Nothing that is typed here is done meanwhile.",
    ],
    footer: "The watchdog at 14:03:50 UTC",
  });
  const first = { ...silent, last: undefined, starting: { ...starting, starts: 1 }, isAgain: true };
  expect(wordReply(first, "pd1", NOON)).toMatchObject({
    title: "CRITICAL: The desk still does not get through its start",
    lines: [
      "live/binanceusdm/main/pd1: started, and nothing read of its account in 30 s.",
      "What is held is not known here: look into the exchange's app.",
      expect.any(String),
    ],
  });
  const ended = { ...silent, last: sign("a", 7, true), starting };
  expect(wordReply(ended, "pd1", NOON).lines).toContain(
    "The one before it was ended by somebody at 2026-05-02 14:03 UTC.",
  );
  const back = { type: "back", sign: sign("b", 1), forMs: 125_000, isNewProcess: true } as const;
  expect(wordReply(back, "pd1", NOON)).toMatchObject({
    title: "The desk is back",
    tone: "good",
    lines: [
      "live/binanceusdm/main/pd1: away for 2 min 5 s. It was started again.",
      "/status shows how it is.",
    ],
  });
});

describe("signs of life", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "perpdesk-life-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const start = (clock: ManualClock, file: string, warned: string[] = []) =>
    new SignsOfLife({ file, desk: "sim/x/main/pd1", clock, log: { warn: (text) => warned.push(text) } });
  /** Waits until the file says something; disks take a moment. */
  const read = async (file: string, holds: (told: LifeSign) => boolean): Promise<LifeSign> =>
    vi.waitFor(async () => {
      const told = await readLifeSign(file);
      if (told === undefined || !holds(told)) throw new Error(`it says ${JSON.stringify(told)}`);
      return told;
    });

  test("come every two seconds, say what is held, and that the end was wanted, or not", async () => {
    const [clock, file] = [new ManualClock(), join(folder, "alive-pd1.json")];
    const life = start(clock, file);
    life.begin();
    const first = await read(file, ({ beat }) => beat === 1);
    expect(first).toMatchObject({ desk: "sim/x/main/pd1", isOver: false, wallAt: NOON });
    expect(first.held).toBeUndefined();
    life.tell(() => ({ rungs: 1, entries: 2, exits: 3 }));
    await settle();
    await clock.pass(2 * SECOND);
    expect((await read(file, ({ beat }) => beat === 2)).held).toEqual({ rungs: 1, entries: 2, exits: 3 });
    await life.end(true);
    expect(await readLifeSign(file)).toMatchObject({ boot: first.boot, beat: 3, isOver: true });
    const killed = start(clock, file);
    killed.begin();
    const second = await read(file, ({ boot }) => boot !== first.boot);
    await killed.end(false);
    await clock.pass(60 * SECOND);
    expect(await readLifeSign(file)).toEqual(second);
    expect(readdirSync(folder)).toEqual(["alive-pd1.json"]);
  });

  test("that can't be written are logged once and end nothing; what is no sign is none", async () => {
    const [clock, warned, file] = [new ManualClock(), [] as string[], join(folder, "alive.json")];
    const life = start(clock, join(folder, "gone", "alive.json"), warned);
    life.begin();
    await vi.waitFor(() => expect(warned).toHaveLength(1));
    await settle();
    await clock.pass(2 * SECOND);
    await life.end(true);
    expect(warned).toEqual(["a sign of life could not be written"]);
    for (const text of ["", "null", "{", "7", JSON.stringify({ ...sign("a", 1), held: { rungs: "3" } })]) {
      writeFileSync(file, text);
      expect(await readLifeSign(file), text).toBeUndefined();
    }
    writeFileSync(file, JSON.stringify(sign("a", 1)));
    expect(await readLifeSign(file)).toEqual(sign("a", 1));
  });
});

test("a herald speaks on both platforms with the desk's tokens, takes no update from it, and repeats what a lost line swallowed", async () => {
  // The desk runs beside it and reads: a second reader of one token would end that with 409.
  const world = await openWorld({ isDiscordLoud: false });
  const { telegram, discord, options, chat } = world;
  try {
    await until(() => telegram.calls.some(({ method }) => method === "setMyCommands"), "Telegram listens");
    await until(() => discord.calls.some(({ route }) => route.startsWith("PUT")), "Discord listens");
    const before = discord.gateway.counts.identified;
    const herald = new Herald(options.settings, machineClock, () => undefined);
    const fault = telegram.fault.down(700);
    herald.say({ title: "CRITICAL: No sign of life", tone: "danger", lines: ["pd1"] }, false);
    await fault.over;
    await herald.drained();
    herald.close();
    const onDiscord = discord.messages.list(CHANNEL).map(({ embeds }) => embeds[0]?.title);
    expect(onDiscord.filter((title) => title?.includes("No sign of life"))).toHaveLength(1);
    expect(textsIn(world, GROUP).filter((text) => text.includes("No sign of life"))).toHaveLength(1);
    expect(discord.gateway.counts.identified).toBe(before);
    await until(() => chat.health()[1]?.isConnected === true, "the desk reads on");
    expect(world.log.join("\n")).not.toContain("Another program reads");
  } finally {
    await world.close();
  }
});

test("it looks at the desk of the mode that it is given, like a start", async () => {
  const folder = ownFolder();
  writeFileSync(
    join(folder.path, "desk.yaml"),
    JSON.stringify({
      desk: { dataDir: "var" },
      chat: {
        people: [{ name: "ann", role: "admin", telegramId: 501 }],
        terminal: { person: "ann" },
        telegram: { token: "${TELEGRAM_BOT_TOKEN}", chats: [{ id: -42, alerts: true }] },
      },
    }),
  );
  const from = { env: { TELEGRAM_BOT_TOKEN: "7000000001:AAsecret-of-the-watchdog" }, cwd: folder.path };
  const file = async (...args: readonly string[]) =>
    (await watched(["--config", "desk.yaml", ...args], from)).file;
  expect(await file()).toBe(join(folder.path, "var", "alive-sim-binanceusdm-main-pd1.json"));
  expect(await file("--mode", "demo")).toBe(join(folder.path, "var", "alive-demo-binanceusdm-main-pd1.json"));
  await expect(file("--mode", "love")).rejects.toThrow(/mode is "love"/);
  folder.gone();
});

test("without a chat to speak up in it says what is missing", async () => {
  const folder = ownFolder();
  vi.spyOn(process, "cwd").mockReturnValue(folder.path);
  vi.stubEnv("DATABASE_URL", undefined);
  await expect(watchdog([])).rejects.toThrow(
    new StartError(
      "A watchdog needs a chat to speak up in: give it settings with chat.telegram or chat.discord, e.g. --config config/chat.yaml.",
    ),
  );
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  folder.gone();
});
