import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { tableLines } from "../../src/chat/layout.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import type { RungView } from "../../src/core/recovery.ts";
import { lots, millis, ticks } from "../../src/core/units.ts";
import type { EngineView, GridView } from "../../src/desk/snapshot.ts";
import {
  DeskOfOneCard,
  GRID_VIEW,
  ManualClock,
  NO_ALERTS,
  NO_CARDS,
  NO_CODES,
  NOON,
  proposal,
  STUCK,
  snapshot,
} from "../chat/desk.ts";

function desk(role: PersonRole = "admin") {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  const runner = new CommandRunner({
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
  });
  const actor = { person: "alice", role, platform: "telegram" } as const;
  const say = (line: string): Promise<Reply> => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor });
  };
  return { door, say };
}

function read({ title, lines = [], fields = [], table, footer = "" }: Reply): string[] {
  const rows = table === undefined ? [] : tableLines(table);
  const told = [title, ...lines, ...fields.map(({ label, text }) => `${label}: ${text}`), ...rows, footer];
  return told.filter((line) => line !== "");
}

const [ENGINE] = snapshot().engines;
const [, HELD] = GRID_VIEW.rungs;
if (ENGINE === undefined || HELD === undefined) throw new Error("the snapshot has no grid");

const engine = (changes: Partial<EngineView> = {}, grid: Partial<GridView> = {}): EngineView => ({
  ...ENGINE,
  ...changes,
  grid: { ...GRID_VIEW, ...grid },
});
const stuckRung = (changes: Partial<RungView> = {}): RungView => ({
  ...HELD,
  stage: "ladder",
  stuckSince: millis(NOON - 7_260_000),
  attempts: 1,
  ...changes,
});

describe("/grid", () => {
  test("lists every grid in one look", async () => {
    const { door, say } = desk("viewer");
    expect(read(await say("grid"))).toEqual([
      "1 grid",
      "grid1 buy BTCUSDT",
      "  does     runs",
      "  held     1 of 5",
      "  opening  1",
      "  cycles   12",
      "  realized +1.23 USDT",
      "/grid grid1 shows its rungs.",
    ]);
    door.view = snapshot({ engines: [engine({ entriesWait: "the purse has 3.00 USDT free" })] });
    expect(await say("grid")).toMatchObject({
      tone: "warning",
      table: {
        rows: [
          [
            expect.anything(),
            "waits",
            expect.anything(),
            expect.anything(),
            expect.anything(),
            expect.anything(),
            expect.anything(),
          ],
        ],
      },
    });
    door.view = snapshot({ engines: [] });
    expect(read(await say("grids"))).toEqual(["No grid", "This desk runs no grid."]);
  });

  test("shows one: its prices, fill rate, mismatch, spacing, next entry, next action, and every rung", async () => {
    expect(read(await desk("viewer").say("grid GRID1"))).toEqual([
      "grid1: buy BTCUSDT",
      "It buys 0.010 BTC when the price comes to 96,900.0.",
      "Mark: 97,200.0",
      "Rungs: 1 held, 1 opening of 5",
      "Spacing: 0.20%, 0.010 BTC each; take profit 0.80%, stop 2.00%",
      "Range: no bound",
      "Stop price: none",
      "Pause price: none",
      "Fill rate: 75%: 6 of 8 entries",
      "Mismatch: none",
      "Next entry: rung 3 at 96,900.0",
      "Recovery: ladder",
      "Purse: 324.00 USDT of 2,000.00 USDT",
      "Realized: +1.23 USDT in 12 cycles since start, by rung",
      "4",
      "  price    97,123.4",
      "  does     holding",
      "  held     0.010 BTC",
      "  entry    97,123.4",
      "  stop     95,180.9",
      "  closes   0.010 BTC at 98,000.0",
      "3",
      "  price    96,900.0",
      "  does     opening",
    ]);
  });

  test("says what it waits for, the most pressing first", async () => {
    const { door, say } = desk("viewer");
    const next = async (changes: Parameters<typeof snapshot>[0]): Promise<string | undefined> => {
      door.view = snapshot(changes);
      return (await say("grid grid1")).lines?.[0];
    };
    const card = proposal({ id: "r1-e7", action: { ...STUCK, engine: "grid1" } });
    const closing = [stuckRung({ status: "closing", stage: "closing" })];
    const all = Array.from({ length: 5 }, () => HELD);
    expect([
      await next({ engines: [engine({ pausedBy: "bob", isRunning: false })], isPaused: true }),
      await next({ isPaused: true }),
      await next({ engines: [engine({ isRunning: false, summary: "divided by zero" })] }),
      await next({ proposals: [card] }),
      await next({ engines: [engine({ entriesWait: "the market data is stale" }, { rungs: closing })] }),
      await next({
        engines: [engine({ entriesWait: "the market data is stale" })],
        blocks: ["another grid is paused: alice"],
      }),
      await next({ engines: [engine({}, { pausePrice: ticks(980_000) })] }),
      await next({ engines: [engine({}, { rungs: all })] }),
      await next({ engines: [engine({}, { rungs: [], priceMin: ticks(980_000) })] }),
      await next({ engines: [engine({}, { rungs: [HELD], positionMax: lots(10) })] }),
      await next({ engines: [engine({}, { rungs: [] })] }),
    ]).toEqual([
      "It waits for /grid_start grid1: paused by bob.",
      "It waits for /resume: the desk is paused.",
      "It is stopped: divided by zero",
      "It waits for a decision: card r1-e7.",
      "It closes rung 4 at the market.",
      "Its entries wait: the market data is stale.",
      "It waits until the price is back beyond its pause price 98,000.0.",
      "All its rungs are taken: it waits for a take profit.",
      "It waits until the price is back within 98,000.0, the end of its range.",
      "It holds 0.010 BTC of 0.010 BTC at most: it waits for a take profit.",
      "It places the next entry when its wait is over.",
    ]);
  });

  test("an unknown one is answered with those that there are, and start and stop with their own commands", async () => {
    const { say } = desk("viewer");
    expect((await say("grid other")).lines).toEqual([
      'grid "other" is not one of this desk; say one of grid1.',
    ]);
    expect((await say("grid stop grid1")).lines).toEqual([
      "Say /grid_stop grid1: that stops the entries of one grid.",
    ]);
    expect((await say("grid start")).lines?.[0]).toContain("Say /grid_start NAME");
  });
});

test("/grid_stop and /grid_start pause and resume one engine, each for its role", async () => {
  const { door, say } = desk("risk");
  await say("grid_stop grid1");
  await say("grid_start");
  expect(door.calls).toMatchObject([
    { type: "pause", engine: "grid1" },
    { type: "resume", engine: "grid1" },
  ]);
  const trader = desk("trader");
  expect((await trader.say("grid_start grid1")).lines?.[0]).toContain("needs the role risk; you are trader");
  expect((await trader.say("grid_stop other")).title).toBe("Not done");
  expect(trader.door.calls).toEqual([]);
});

describe("/stuck", () => {
  test("says since when, how far away, at what loss, and what is done about it", async () => {
    const { door, say } = desk("viewer");
    expect(read(await say("stuck"))).toEqual([
      "Nothing is stuck",
      "Every rung that holds something has its way out.",
    ]);
    const rung = stuckRung({
      entry: ticks(1_000_000),
      closes: [{ price: ticks(986_580), lots: lots(10), isLadder: true }],
    });
    door.view = snapshot({
      engines: [engine({}, { rungs: [rung] })],
      proposals: [proposal({ id: "r1-e7", action: { ...STUCK, engine: "grid1", rung: 4 } })],
    });
    expect(read(await say("stuck"))).toEqual([
      "1 stuck rung",
      "grid1 4",
      "  for    2 h 1 min",
      "  held   0.010 BTC",
      "  entry  100,000.0",
      "  away   -2.80%",
      "  loss   -28.00 USDT",
      "  does   ladder rests",
      "  tries  1",
      "  closes 0.010 BTC at 98,658.0",
      "  asks   card r1-e7",
      "/recover GRID RUNG asks at once how to get one out.",
    ]);
  });
});

describe("/recover", () => {
  test("asks about the only stuck rung, or the one that is named; of several it wants a name", async () => {
    const { door, say } = desk("trader");
    expect((await say("recover")).lines).toEqual(["Nothing is stuck. /close closes a position."]);
    door.view = snapshot({ engines: [engine({}, { rungs: [stuckRung()] })] });
    await say("recover");
    door.view = snapshot({ engines: [engine({}, { rungs: [stuckRung(), stuckRung({ index: 7 })] })] });
    const asked = await say("recover");
    expect([asked.title, asked.lines?.[1], asked.buttons?.[0]?.map(({ label }) => label)]).toEqual([
      "/recover: which rung?",
      "There are 4, 7.",
      ["4", "7"],
    ]);
    await say("recover grid1 7");
    await say("recover 4");
    // What the desk knows of a rung that is not stuck, it says itself.
    await say("recover 9");
    expect(door.calls.map(({ type, request }) => [type, request])).toEqual(
      [4, 7, 4, 9].map((rung) => ["proposeRecovery", { engine: "grid1", rung }]),
    );
    expect((await say("recover other 4")).title).toBe("Not done");
  });
});

describe("/stop_price and /pause_price", () => {
  test("show, set and clear", async () => {
    const { door, say } = desk("risk");
    expect(read(await say("stop_price"))).toEqual([
      "grid1: stop price none",
      "There is none; with one the grid closes all that it holds and waits for /resume.",
    ]);
    await say("stop_price grid1 58000.5");
    await say("pause_price 60,000");
    await say("stop_price grid1 none");
    expect(door.calls.map(({ request }) => request)).toEqual([
      { engine: "grid1", which: "stop", price: 580_005 },
      { engine: "grid1", which: "pause", price: 600_000 },
      { engine: "grid1", which: "stop", price: undefined },
    ]);
  });

  test("take a symbol for its only grid, and a distance from the mark price, on the side on which it loses", async () => {
    const { door, say } = desk("risk");
    const mark = door.view.books[0]?.mark ?? 0;
    expect(mark).toBeGreaterThan(0);
    await say("set_sl BTCUSDT 3%");
    await say("stop_price btc 2.5%");
    door.view = { ...door.view, engines: [engine({}, { direction: "sell" })] };
    await say("pause_price 10%");
    expect(door.calls.map(({ request }) => request)).toEqual([
      { engine: "grid1", which: "stop", price: Math.ceil(mark * 0.97) },
      { engine: "grid1", which: "stop", price: Math.ceil(mark * 0.975) },
      { engine: "grid1", which: "pause", price: Math.floor(mark * 1.1) },
    ]);
    expect((await say("stop_price 2,5%")).lines).toEqual([
      'distance "2,5%" can\'t be read; say one like 3%, with a point before its decimals, or a price.',
    ]);
    door.view = { ...door.view, books: [] };
    expect((await say("stop_price 3%")).lines).toEqual([
      'distance "3%" needs a mark price, which is shown for what is held: say a price like 58000.',
    ]);
  });

  test("a trader may tighten; what lets the grid lose or enter further needs the role risk", async () => {
    const { door, say } = desk("trader");
    door.view = snapshot({ engines: [engine({}, { stopPrice: ticks(600_000) })] });
    const no =
      "That allows more risk than before, which needs the role risk; you are trader. Nothing was changed.";
    expect((await say("stop_price 59000")).lines).toEqual([no]);
    expect((await say("stop_price none")).lines).toEqual([no]);
    expect(door.calls).toEqual([]);
    await say("stop_price 61000");
    expect(door.calls).toHaveLength(1);
    door.view = snapshot({ engines: [engine({}, { direction: "sell", stopPrice: ticks(600_000) })] });
    expect((await say("stop_price 61000")).lines).toEqual([no]);
  });

  test.each([
    [
      "stop_price 58000.55",
      'price "58000.55" is no multiple of the price step of BTCUSDT; round it to that.',
    ],
    [
      "stop_price -5",
      'price "-5" is no price; say a number like 58000, with a point before its decimals, or none.',
    ],
    [
      "stop_price 0,62",
      'price "0,62" is no price; say a number like 58000, with a point before its decimals, or none.',
    ],
    ["stop_price 0", 'price "0" is no multiple of the price step of BTCUSDT; round it to that.'],
  ])("%s is refused in one sentence", async (line, sentence) => {
    const { door, say } = desk();
    expect((await say(line)).lines).toEqual([sentence]);
    expect(door.calls).toEqual([]);
  });
});

test.each([
  ["stop_price 58000 57000", '"57000" is one word too many; say a grid, and a price or none, each once.'],
  ["recover grid1 4 7", '"7" is one word too many; say a grid and one of its rungs, each once.'],
  [
    "hedge BTCUSDT ETHUSDT",
    '"ETHUSDT" is one word too many; say a symbol or a grid, and a part like 50%, each once.',
  ],
])("%s: of two words for one thing nobody knows which was meant", async (line, sentence) => {
  const { door, say } = desk("risk");
  expect((await say(line)).lines?.[0]).toBe(sentence);
  expect(door.calls).toEqual([]);
});

test("/reconcile reads the account and says what changed by it and what does not add up", async () => {
  const { door, say } = desk("risk");
  const before = snapshot();
  const [book, ...rest] = before.books;
  const [order] = before.orders;
  if (book === undefined || order === undefined) throw new Error("nothing is held");
  const after = {
    ...before,
    books: [{ ...book, lots: lots(7), mismatchLots: lots(2) }, ...rest],
    orders: [order],
  };
  door.reconcile = async () => {
    door.view = after;
    return { isOk: true, text: "The account has been read." };
  };
  const reply = await say("reconcile");
  expect([reply.title, ...(reply.lines ?? [])]).toEqual([
    "Unexplained: BTCUSDT",
    "The account has been read.",
    "BTCUSDT went from 0.010 BTC to 0.007 BTC meanwhile.",
    "Of the orders 0 came and 1 went meanwhile.",
    "Entries on BTCUSDT wait. If you know where it comes from: /adopt BTCUSDT counts it as foreign.",
  ]);
  door.reconcile = async () => ({
    isOk: false,
    text: "The account could not be read in 20 s; the desk goes on trying.",
  });
  expect((await say("reconcile")).title).toBe("Not read");
});
