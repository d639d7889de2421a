import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { AlertDesk } from "../../src/chat/alert-desk.ts";
import type { AnyCommand } from "../../src/chat/command.ts";
import { fitsDiscord, renderDiscord } from "../../src/chat/discord/embed.ts";
import { problemOf } from "../../src/chat/discord/limits.ts";
import { slashCommands } from "../../src/chat/discord/slash.ts";
import { messagesOf } from "../../src/chat/layout.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { fitsCaption, fitsTelegram, keyboardOf, renderHtml } from "../../src/chat/telegram/html.ts";
import { terminalText } from "../../src/chat/terminal.ts";
import { millis, ONE, value } from "../../src/core/units.ts";
import type { DeskSnapshot } from "../../src/desk/snapshot.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import { LINES } from "../commands/trades.ts";
import { checkCommands } from "../emulators/discord/command-rules.ts";
import { parseHtml } from "../emulators/telegram/html.ts";
import {
  CLOSE,
  DeskOfOneCard,
  MACHINE,
  ManualClock,
  NO_CARDS,
  NO_CODES,
  NOON,
  proposal,
  STUCK,
  snapshot,
} from "./desk.ts";
import { openWorld, until } from "./platforms.ts";

/** What somebody could put into a name, a reason or a note that the desk shows. */
const HOSTILE = [
  "<b>bold</b></pre><script>alert(1)</script>",
  "&lt;&amp;<a href='http://evil.example'>",
  "```js\nx```",
  "**_~~||`[a](http://evil.example)",
  "@everyone <@400000000000000001> #channel",
  "> quote\n# head",
  "\\",
  "\u{1f680}".repeat(200),
  "\ud83d",
  "\u202eevil\u200b",
  "\u0000\u001b[31mred\r\n",
  "x".repeat(9_000),
  `A${"B".repeat(190)}USDT`,
  "|".repeat(300),
  "1;2:3/4,5",
  "__proto__",
  "",
];
const nasty = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  fc.string({ unit: "binary", maxLength: 60 }),
);

/** Where free words stand in what a desk tells: everything else is one of a closed list, or a number. */
const FREE = new Set([
  ...["id", "base", "quote", "settle", "asset", "account", "venue", "version", "engine", "instrument"],
  ...["summary", "pausedBy", "blocks", "problems", "lastError", "queue", "clientId", "symbol", "size"],
  ...["person", "outcome", "cause", "lines", "name", "text", "path", "title", "lastFailure"],
  ...["why", "problem"],
  ...["Engine", "Symbol", "Cause", "By", "Order", "Trade", "Action", "Duration", "Rung", "kind", "actor"],
]);

/** The same with every free word replaced, the same word by the same one everywhere. */
function poisoned<T>(node: T, poison: (word: string) => string, name = ""): T {
  if (typeof node === "string") return (FREE.has(name) ? poison(node) : node) as T;
  if (Array.isArray(node)) return node.map((each) => poisoned(each, poison, name)) as T;
  if (typeof node !== "object" || node === null) return node;
  // The kind of an order is one of a closed list.
  const isOrder = "clientId" in node;
  return Object.fromEntries(
    Object.entries(node).map(([key, each]) => [
      key,
      isOrder && key === "kind" ? each : poisoned(each, poison, key),
    ]),
  ) as T;
}

/** The first of a kind keeps its name, the others are told apart. */
const numbered = (name: string, at: number): string => (at < 2 ? name : `${name}${at}`);
const ofNumbered = <T extends { readonly instrument: string }>(each: T, at: number): T => ({
  ...each,
  instrument: numbered(each.instrument, at),
});

/** A desk that has much of everything. */
function busy(count: number, held = count): DeskSnapshot {
  const metrics = new GridMetrics();
  for (const line of LINES) metrics.add(line);
  const plain = snapshot({
    blocks: ["the book does not add up"],
    others: [{ symbol: "DOGEUSDT", size: "12", asset: "USDT", notional: value(ONE) }],
    pausedBy: "bob",
    proposals: [
      proposal(),
      proposal({ id: "r1-e1", action: STUCK }),
      proposal({ id: "c2-e1", action: { ...CLOSE, part: CLOSE.part } }),
    ],
    metrics: metrics.report(),
    countdown: {
      seconds: 60,
      isArmed: false,
      why: "bob disarmed it",
      parts: [
        { instrument: "BTCUSDT", setWallAt: NOON, endsWallAt: NOON + 60_000, problem: undefined },
        { instrument: "ETHUSDT", setWallAt: undefined, endsWallAt: undefined, problem: "no answer" },
      ],
    },
  });
  const times = <T>(items: readonly T[], length = count): readonly T[] =>
    Array.from({ length }, (_, at) => items[at % items.length]).filter((each) => each !== undefined);
  return {
    ...plain,
    books: times(plain.books, held).map(ofNumbered),
    ...(plain.countdown === undefined
      ? {}
      : { countdown: { ...plain.countdown, parts: times(plain.countdown.parts, held) } }),
    orders: times(plain.orders),
    others: times(plain.others),
    blocks: times(plain.blocks),
    proposals: times(plain.proposals),
    instruments: times(plain.instruments, held).map((each, at) => ({ ...each, id: numbered(each.id, at) })),
    funding: times(plain.funding, held).map(ofNumbered),
    engines: times(plain.engines).map((each) => ({
      ...each,
      ...(each.grid === undefined
        ? {}
        : {
            grid: {
              ...each.grid,
              rungs: each.grid.rungs.map((rung) => ({ ...rung, stuckSince: millis(NOON) })),
            },
          }),
    })),
    metrics: {
      ...plain.metrics,
      engines: times(plain.metrics.engines),
      rungs: times(plain.metrics.rungs),
      closes: times(plain.metrics.closes),
      lastTrades: times(plain.metrics.lastTrades),
    },
  };
}

/** A command and somebody who may do all, on a desk whose every word is the enemy's. */
function hostileDesk(count: number, poison: (word: string) => string, held = count) {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  door.view = poisoned(busy(count, held), poison);
  const settings = MACHINE.settings();
  door.machine = {
    logLines: () => poisoned(MACHINE.logLines(10), poison),
    settings: () => poisoned(Array.from({ length: count }, () => settings).flat(), poison),
    queues: async () => poisoned(await MACHINE.queues(), poison),
  };
  const entry = { wallAt: NOON, kind: "tap", actor: "bob", previousHash: "0", hash: "1" };
  door.ledger = Array.from({ length: 30 }, (_, at) => ({
    ...poisoned(entry, poison),
    sequence: at + 1,
    body: JSON.stringify({ words: poison("words"), [poison("name")]: poison("text") }),
  }));
  const open = { mark: "1a2b", level: "extreme", sinceWallAt: NOON, count: 3 } as const;
  const alerts: AlertDesk = {
    open: () =>
      Array.from({ length: count }, () => ({
        ...open,
        title: poison("title"),
        seenBy: poison("bob"),
        untilWallAt: undefined,
      })),
    seen: () => ({ isOk: false, text: poison("text") }),
    notices: () => Array.from({ length: count }, () => ({ kind: poison("kind"), way: "on" as const })),
    choose: () => undefined,
    own: () => [],
    chooseOwn: () => ({ isOk: true, text: poison("text") }),
  };
  const faults: string[] = [];
  const runner = new CommandRunner({
    registry: commands,
    alerts,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 100_000,
    door,
    clock,
    log: (level, text) => level === "error" && faults.push(text),
    audit: () => undefined,
  });
  const actor = { person: poison("alice"), role: "admin", platform: "telegram" } as const;
  return {
    faults,
    runner,
    run: (command: AnyCommand, input: readonly string[]): Promise<Reply> =>
      runner.run({ name: command.name, input, actor }),
  };
}

/** Every page of a reply within what each platform takes, and nothing of it formats, links or calls anybody. */
function judge(reply: Reply, what: string): void {
  const { line, ...rest } = reply;
  const wanted = [rest, ...(line === undefined ? [] : [1, 2, 9_999].map((page) => ({ ...reply, page })))];
  for (const each of wanted) {
    for (const page of messagesOf(each, fitsTelegram)) {
      const { text, entities } = parseHtml(renderHtml(page).html);
      expect(text.length, what).toBeLessThanOrEqual(4_096);
      expect(text.trim(), what).not.toBe("");
      expect(entities.length, what).toBeLessThanOrEqual(100);
      expect(
        entities.filter(({ type }) => !["bold", "italic", "pre"].includes(type)),
        what,
      ).toEqual([]);
      const buttons = keyboardOf(page);
      expect(buttons.length, what).toBeLessThanOrEqual(10);
      for (const row of buttons) {
        expect(row.length, what).toBeLessThanOrEqual(8);
        for (const button of row) {
          expect(Buffer.byteLength(button.callback_data), what).toBeLessThanOrEqual(64);
          expect(button.text.trim(), what).not.toBe("");
        }
      }
    }
    for (const page of messagesOf(each, fitsDiscord)) {
      const shown = renderDiscord(page);
      expect(problemOf(shown), what).toBeUndefined();
      const ids = shown.components.flatMap((row) => row.components.map((button) => button.custom_id));
      expect(new Set(ids).size, what).toBe(ids.length);
    }
  }
  if (reply.picture !== undefined && fitsCaption(reply))
    expect(parseHtml(renderHtml(reply).html).text.length, what).toBeLessThanOrEqual(1_024);
  const printed = terminalText(reply, false, NOON);
  expect(printed.replaceAll("\n", ""), what).not.toMatch(/[\p{Cc}\p{Zl}\p{Cs}]/u);
  expect(printed.split("\n").length, what).toBeLessThanOrEqual(202);
}

describe("every command", () => {
  test.each(commands.map((command) => [command.name, command] as const))(
    "/%s is within every platform's limits whatever stands in its words",
    async (name, command) => {
      const seen: string[] = [];
      await fc.assert(
        fc.asyncProperty(
          fc.array(nasty, { minLength: 4, maxLength: 12 }),
          fc.array(nasty, { maxLength: 3 }),
          fc.constantFrom(1, 12),
          fc.nat(30),
          async (words, typed, count, at) => {
            const known = new Map<string, string>();
            const poison = (word: string): string => {
              const is = known.get(word) ?? words[known.size % words.length] ?? "";
              known.set(word, is);
              return is;
            };
            const { run, runner, faults } = hostileDesk(count, poison);
            // What the desk itself offers is hostile, too.
            const offered = command.args.flatMap((each) => {
              const choices = runner.choices(name, each.name, "");
              return choices[at % Math.max(1, choices.length)] ?? [];
            });
            for (const input of [[], typed, offered, offered.slice(0, 1)]) {
              const reply = await run(command, input);
              expect(faults, `/${name} ${JSON.stringify(input)}`).toEqual([]);
              seen.push(reply.title);
              judge(reply, `/${name} ${JSON.stringify(input)}`);
            }
          },
        ),
        { numRuns: 5, seed: 21 },
      );
      expect(seen.length).toBe(20);
    },
    30_000,
  );

  test("with ten thousand positions is within them too", async () => {
    const { run, faults } = hostileDesk(200, (word) => word, 10_000);
    for (const command of commands) judge(await run(command, []), `/${command.name}`);
    expect(faults).toEqual([]);
  }, 240_000);
});

describe("both adapters expose the registry", () => {
  const names = commands.map(({ name }) => name);

  test("Telegram's menu and Discord's slash commands are exactly it", async () => {
    const world = await openWorld();
    try {
      const { telegram, discord } = world;
      const put = () => discord.calls.find(({ route, status }) => route.startsWith("PUT") && status < 300);
      const menu = () => telegram.calls.find(({ method }) => method === "setMyCommands");
      await until(() => put() !== undefined && menu() !== undefined, "both are told");
      const told = menu()?.params["commands"] as { command: string }[] | undefined;
      const body = put()?.body as { name: string }[] | undefined;
      expect(told?.map(({ command }) => command)).toEqual(names);
      expect(body?.map(({ name }) => name)).toEqual(names);
      expect(menu()?.error).toBeUndefined();
    } finally {
      await world.close();
    }
  });

  test("within what both take: 100 commands, their names, words and options", () => {
    const slash = slashCommands(commands);
    expect(() => checkCommands(JSON.parse(JSON.stringify(slash)))).not.toThrow();
    expect(names.length).toBeLessThanOrEqual(100);
    for (const { args, name } of commands) {
      const options = slash.find((each) => each["name"] === name)?.["options"];
      expect(options, name).toHaveLength(args.length);
    }
  });
});
