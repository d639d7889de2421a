import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { Button, Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { TAP_BYTES_MAX, tapText } from "../../src/chat/tap.ts";
import { GridSetups } from "../../src/cli/grid-setup.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES } from "../chat/desk.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const OWN = `# My desk.
account:
  deposit: "20000" # enough for two
engines:
  - type: grid
    name: first # the old one
    symbol: ETHUSDT
    direction: buy
    quantity_usd: 150
    take_profit: "0.8%"
    max_orders: 10
    max_margin_usd: 4000
    wait_time: 10
`;

function desk({ config = OWN, mode }: { readonly config?: string; readonly mode?: string } = {}) {
  const own = config === "" ? undefined : "own.yaml";
  if (own !== undefined) writeFileSync(join(folder, own), config);
  const clock = new ManualClock();
  const notes: string[] = [];
  const runner = new CommandRunner({
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door: new DeskOfOneCard(clock),
    clock,
    log: () => undefined,
    audit: () => undefined,
    setup: new GridSetups({ configFile: own, cwd: folder, env: {}, overrides: { mode } }, (text) =>
      notes.push(text),
    ),
  });
  const say = (line: string, person = "alice", role: PersonRole = "admin"): Promise<Reply> => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor: { person, role, platform: "telegram" } });
  };
  /** Answers what is asked until all is: by name, everything else as it is offered. */
  const answer = async (answers: Readonly<Record<string, string>>): Promise<Reply> => {
    let reply = await say("grid_setup");
    for (let question = settingOf(reply); question !== ""; question = settingOf(reply)) {
      reply = await say(`grid_setup ${answers[question] ?? (offeredBy(reply) ? "keep" : "none")}`);
      expect(settingOf(reply), `${question}: ${reply.lines?.[0]}`).not.toBe(question);
    }
    return reply;
  };
  return { say, answer, notes };
}

const field = (reply: Reply, name: string): string =>
  reply.fields?.find(({ label }) => label === name)?.text ?? "";
const settingOf = (reply: Reply): string => field(reply, "Setting");
const offeredBy = (reply: Reply): boolean => !field(reply, "Offered").startsWith("nothing");
const buttons = (reply: Reply): readonly Button[] => reply.buttons?.flat() ?? [];
const lineOf = (reply: Reply, label: string): string => {
  const action = buttons(reply).find((button) => button.label === label)?.action;
  if (action?.type !== "run") throw new Error(`no button "${label}" at ${reply.title}`);
  return action.line;
};

describe("/grid_setup", () => {
  test("asks one question at a time, with what is offered and the values of a choice as buttons", async () => {
    const { say } = desk();
    const first = await say("setup");
    expect([first.title, settingOf(first), buttons(first).map(({ label }) => label)]).toEqual([
      "Grid setup 1 of 22",
      "name",
      ["Keep grid", "Back", "Start anew"],
    ]);
    await say("grid_setup second");
    await say("grid_setup SOLUSDT");
    const direction = await say("grid_setup sell");
    expect(settingOf(direction)).toBe("quantity");
    const back = await say(lineOf(direction, "Back"));
    expect(buttons(back).map(({ label }) => label)).toEqual(["Keep buy", "sell", "Back", "Start anew"]);
    expect(settingOf(await say(lineOf(back, "sell")))).toBe("quantity");
  });

  test("a wrong answer gets its sentence and the same question again; nothing before it is lost", async () => {
    const { say } = desk();
    await say("grid_setup second");
    await say("grid_setup BTCUSDT");
    for (const [wrong, why] of [
      ["up", 'direction is "up"'],
      ["", ""],
    ] as const) {
      const reply = await say(`grid_setup ${wrong}`.trim());
      expect([settingOf(reply), reply.lines?.[0]?.startsWith(why)]).toEqual(["direction", true]);
    }
    const late = await say("grid_setup name=third");
    expect([settingOf(late), late.lines?.[0]]).toEqual([
      "direction",
      "name is not what is asked now, so nothing was taken. This is:",
    ]);
  });

  test("knows the desk's other grids: a name that is taken, a direction that stands against theirs", async () => {
    const { say } = desk();
    expect((await say("grid_setup first")).lines?.[0]).toContain("is used twice");
    await say("grid_setup second");
    await say("grid_setup ETHUSDT");
    const against = await say("grid_setup sell");
    expect([settingOf(against), against.lines?.[0]]).toEqual([
      "direction",
      expect.stringContaining('"first" already buys ETHUSDT'),
    ]);
  });

  test("people answer apart from each other, and may begin anew", async () => {
    const { say } = desk();
    await say("grid_setup second");
    expect(settingOf(await say("grid_setup", "bob"))).toBe("name");
    expect(settingOf(await say("grid_setup"))).toBe("symbol");
    expect(settingOf(await say("grid_setup again"))).toBe("name");
    expect((await say("grid_setup back")).lines?.[0]).toBe("This is the first question.");
  });

  test("what a grid has to say is not offered to be left out, and is not left out", async () => {
    const { say } = desk();
    let reply = await say("grid_setup");
    const needed: string[] = [];
    for (let at = 0; at < 30 && settingOf(reply) !== ""; at += 1) {
      const name = settingOf(reply);
      const isOffered = reply.footer?.includes("or none to leave it out") === true;
      const none = await say("grid_setup none");
      const isTaken = settingOf(none) !== name;
      if (!isTaken) {
        needed.push(name);
        expect(none.lines?.[0]).toMatch(/ can't be left out: write a value, like | is missing: set /);
      }
      // How stuck rungs are recovered has a none of its own.
      expect([name, isTaken]).toEqual([name, isOffered || name === "recovery_mode"]);
      reply = isTaken ? none : await say("grid_setup keep");
    }
    expect(needed).toEqual(expect.arrayContaining(["name", "symbol", "direction", "take_profit"]));
  });

  test("every button fits into what Telegram carries", async () => {
    const { say } = desk();
    let reply = await say("grid_setup");
    for (let at = 0; at < 30 && settingOf(reply) !== ""; at += 1) {
      for (const { action } of buttons(reply))
        expect(Buffer.byteLength(tapText(action) ?? "x".repeat(99))).toBeLessThanOrEqual(TAP_BYTES_MAX);
      reply = await say(`grid_setup ${offeredBy(reply) ? "keep" : "none"}`);
    }
    expect(reply.title).toBe("Grid setup: complete");
  });

  test("nothing said in chat goes above the ceilings of the settings", async () => {
    const { say } = desk({ config: `${OWN}risk:\n  leverageMax: 2\n` });
    let reply = await say("grid_setup");
    for (let at = 0; at < 30 && settingOf(reply) !== "leverage"; at += 1)
      reply = await say(`grid_setup ${offeredBy(reply) ? "keep" : "none"}`);
    for (const over of ["3", "5", "125"]) {
      const refused = await say(`grid_setup ${over}`);
      expect([over, settingOf(refused)]).toEqual([over, "leverage"]);
      expect(refused.lines?.[0]).toMatch(/leverage/);
    }
    expect(settingOf(await say("grid_setup 2"))).not.toBe("leverage");
  });
});

describe("/grid_setup_save", () => {
  test("writes the desk's own file with one engine more, comments kept, and the desk starts from it", async () => {
    const { say, answer, notes } = desk();
    const done = await answer({ name: "second", symbol: "SOLUSDT", direction: "sell", leverage: "2" });
    expect(done.table?.rows).toContainEqual(["symbol", "SOLUSDT"]);
    const saved = await say("grid_setup_save");
    expect([saved.title, saved.lines?.[0]]).toEqual([
      "Saved",
      expect.stringContaining("restart it with --config with-second.yaml"),
    ]);
    expect(notes).toEqual(["alice set up the grid second: with-second.yaml was written"]);
    expect(readFileSync(join(folder, "own.yaml"), "utf8")).toBe(OWN);
    const text = readFileSync(join(folder, "with-second.yaml"), "utf8");
    expect(text).toContain("name: first # the old one");
    const loaded = loadSettings({ configFile: "with-second.yaml", cwd: folder, env: {} });
    expect(
      loaded.ok && loaded.settings.engines.map(({ name, symbol, leverage }) => [name, symbol, leverage]),
    ).toEqual([
      ["first", "ETHUSDT", 1],
      ["second", "SOLUSDT", 2],
    ]);
    expect(settingOf(await say("grid_setup"))).toBe("name");
  });

  test("beside the shipped settings it keeps their grid", async () => {
    const { say, answer } = desk({ config: "" });
    await answer({ name: "second", symbol: "ETHUSDT" });
    expect((await say("grid_setup_save")).title).toBe("Saved");
    const loaded = loadSettings({ configFile: "with-second.yaml", cwd: folder, env: {} });
    expect(loaded.ok && loaded.settings.engines.map(({ name }) => name)).toEqual(["grid-btc", "second"]);
  });

  test("refuses with one sentence what is not complete, a file that exists, and whoever is no admin", async () => {
    const { say, answer } = desk();
    expect((await say("grid_setup_save")).lines).toEqual([
      "Not all questions are answered yet: go on with /grid_setup.",
    ]);
    writeFileSync(join(folder, "with-second.yaml"), "mine");
    await answer({ name: "second", symbol: "SOLUSDT" });
    expect((await say("grid_setup_save")).lines?.[0]).toContain("with-second.yaml exists already");
    expect(readFileSync(join(folder, "with-second.yaml"), "utf8")).toBe("mine");
    expect((await say("grid_setup_save", "bob", "risk")).lines?.[0]).toContain("needs the role admin");
    const purses = await desk().answer({ name: "third", symbol: "SOLUSDT", max_margin_usd: "16000" });
    expect(purses.title).toBe("Grid setup: complete");
  });

  test("secrets of the settings stay out of what is shown; a file of the desk that changed counts from the start on", async () => {
    const config = `${OWN}chat:\n  people:\n    - { name: alice, role: admin, telegramId: "12345" }\n  terminal: { person: alice }\n  telegram:\n    token: "\${TELEGRAM_BOT_TOKEN}"\n    chats: { alerts: "-100123" }\n`;
    const { answer, say } = desk({ config });
    const done = await answer({ name: "second", symbol: "SOLUSDT" });
    expect([done.title, JSON.stringify(done)]).toEqual([
      "Grid setup: complete",
      expect.not.stringContaining("TOKEN"),
    ]);
    const saved = await say("grid_setup_save");
    expect([saved.title, existsSync(join(folder, "with-second.yaml"))]).toEqual(["Not saved", false]);
    expect(saved.lines?.[0]).toContain("TELEGRAM_BOT_TOKEN");
  });
});

test("a desk without settings of its own says so", async () => {
  const clock = new ManualClock();
  const runner = new CommandRunner({
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door: new DeskOfOneCard(clock),
    clock,
    log: () => undefined,
    audit: () => undefined,
  });
  const actor = { person: "alice", role: "admin", platform: "telegram" } as const;
  for (const name of ["grid_setup", "grid_setup_save"])
    expect((await runner.run({ name, input: [], actor })).lines).toEqual([
      "This desk was not started from settings that a grid could be added to.",
    ]);
});
