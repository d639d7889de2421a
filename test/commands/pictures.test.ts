import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { PALETTES, type Theme } from "../../src/chat/pictures/theme.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import {
  bitcoin,
  DeskOfOneCard,
  GRID_VIEW,
  ManualClock,
  NO_ALERTS,
  NO_CARDS,
  NO_CODES,
  NOON,
  snapshot,
} from "../chat/desk.ts";

function desk(pictures?: Theme) {
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
    ...(pictures === undefined ? {} : { themeOf: () => pictures }),
    log: (level, text) => {
      if (level === "error") throw new Error(text);
    },
    audit: () => undefined,
  });
  const actor = { person: "alice", role: "viewer", platform: "telegram" } as const;
  const say = (line: string): Promise<Reply> => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor });
  };
  return { door, say };
}

const drawn = ({ picture }: Reply): string[] =>
  [...(picture?.svg ?? "").matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
const read = ({ fields = [] }: Reply): Record<string, string> =>
  Object.fromEntries(fields.map(({ label, text }) => [label, text]));
const lines = ({ buttons = [] }: Reply): string[] =>
  buttons.flat().map(({ action }) => ("line" in action ? action.line : ""));

describe("chart", () => {
  test("shows rungs, entries, stops, take profits and liquidation with the words of the same moment", async () => {
    const { say } = desk();
    const reply = await say("chart btc 1h");
    expect(drawn(reply)).toEqual(
      expect.arrayContaining([
        "BTCUSDT 1h",
        "2026-05-02 14:03 UTC, price in USDT",
        "97,200.0 mark",
        "64,000.0 liquidation",
        "97,123.4 long entry",
        "97,123.4 rung",
        "96,900.0 entry waits",
        "95,180.9 stop",
        "98,000.0 take profit",
      ]),
    );
    expect(reply.title).toBe("BTCUSDT 1h at 14:03:20 UTC");
    expect(read(reply)).toEqual({
      Mark: "97,200.0",
      Position: "0.010 BTC long from 97,123.4, +0.77 USDT",
      Liquidation: "64,000.0, 34.2% away (low)",
      "Rungs held": "1",
      "Entries waiting": "1",
      "Take profits": "1",
      Stops: "1",
    });
    // Sixty candles, each a wick and a body.
    expect(reply.picture?.svg.match(/<rect/g)).toHaveLength(61);
    expect(lines(reply)).toEqual([
      "chart BTCUSDT 1m dark",
      "chart BTCUSDT 5m dark",
      "chart BTCUSDT 15m dark",
      "chart BTCUSDT 4h dark",
      "chart BTCUSDT 1d dark",
      "chart BTCUSDT 1h dark",
      "chart BTCUSDT 1h light",
    ]);
  });

  test("picture and words are of one moment, also when the exchange took its time", async () => {
    const { say, door } = desk();
    const slow = door.candles.bind(door);
    door.candles = async (...asked) => {
      const answer = await slow(...asked);
      const [book, ...others] = door.view.books;
      if (book !== undefined)
        door.view = { ...door.view, books: [{ ...book, mark: ticks(973_333) }, ...others] };
      return answer;
    };
    const reply = await say("chart BTCUSDT");
    expect([read(reply)["Mark"], drawn(reply).includes("97,333.3 mark")]).toEqual(["97,333.3", true]);
  });

  test("words come in any order; several symbols are offered, strange ones are named", async () => {
    const { say, door } = desk();
    const one = await say("chart LIGHT 4H BTCUSDT");
    expect([one.title, one.picture?.svg.includes(PALETTES.light.background)]).toEqual([
      "BTCUSDT 4h at 14:03:20 UTC",
      true,
    ]);
    const which = await say("chart 5m");
    expect([which.title, lines(which)]).toEqual(["Which one?", ["chart BTCUSDT 5m", "chart ETHUSDT 5m"]]);
    expect((await say("chart DOGE")).lines).toEqual([
      'symbol "DOGE" is not traded here; say BTCUSDT, ETHUSDT.',
    ]);
    expect((await say("chart btc 90m")).lines?.[0]).toBe("The timeframe is one of 1m, 5m, 15m, 1h, 4h, 1d.");
    door.view = snapshot({ instruments: [bitcoin] });
    expect((await say("chart")).title).toBe("BTCUSDT 15m at 14:03:20 UTC");
  });

  test("without candles the desk's own prices are drawn and the reason is told; without anything there is no picture", async () => {
    const { say, door } = desk();
    door.candleProblem = "The exchange gave no candles of BTCUSDT: timeout";
    const reply = await say("chart btc");
    expect([reply.lines, reply.tone, drawn(reply).includes("97,200.0 mark")]).toEqual([
      ["The exchange gave no candles of BTCUSDT: timeout"],
      "warning",
      true,
    ]);
    door.view = snapshot({ books: [], engines: [], orders: [], instruments: [bitcoin] });
    const bare = await say("chart btc");
    expect([bare.picture, read(bare)["Mark"]]).toEqual([undefined, "unknown"]);
  });

  test("a level near the candles is on the scale, one far away is named at the edge and squeezes nothing", async () => {
    const { say, door } = desk();
    const height = (svg: string, label: string): number =>
      Number(new RegExp(`y="([\\d.]+)"[^>]*>${label}<`).exec(svg)?.[1]);
    const near = (await say("chart btc")).picture?.svg ?? "";
    door.view = snapshot({
      engines: snapshot().engines.map((each) => ({ ...each, grid: { ...GRID_VIEW, stopPrice: ticks(100) } })),
    });
    const far = (await say("chart btc")).picture?.svg ?? "";
    expect(drawn({ title: "", tone: "plain", picture: { svg: far, caption: "" } })).toContain(
      "10.0 stop price",
    );
    expect(height(far, "97,200.0 mark")).toBe(height(near, "97,200.0 mark"));
    expect(height(near, "97,200.0 mark")).toBeLessThan(height(near, "96,900.0 entry waits"));
  });
});

/** A line of the trade log, so many minutes after noon. */
const line = (
  minute: number,
  equity: number,
  transferred = "0",
): Readonly<Record<string, string | number>> => ({
  Action: "EQUITY",
  At: NOON + minute * 60_000,
  Equity: equity.toFixed(8),
  Wallet: equity.toFixed(8),
  Transferred: transferred,
  Funding: "0",
  Exposure: "0",
  Purses: "grid1:324.00000000/2000.00000000/972.00000000",
  Epoch: 1,
});

describe("equity", () => {
  function withLines(given: readonly Readonly<Record<string, string | number>>[]) {
    const metrics = new GridMetrics();
    for (const each of given) metrics.add(each);
    const made = desk();
    made.door.view = snapshot({ metrics: metrics.report() });
    return made;
  }

  test("tells and draws the same course: lowest, highest, peak and drawdown", async () => {
    const { say } = withLines([line(0, 10_000), line(60, 10_200), line(120, 9_900), line(180, 10_098)]);
    const reply = await say("equity");
    expect(read(reply)).toMatchObject({
      Equity: "10,098.00 USDT",
      Change: "+98.00 USDT in 3 h of the market",
      Lowest: "9,900.00 USDT",
      Highest: "10,200.00 USDT",
      Peak: "10,200.00 USDT, 1.00% above",
      "Max drawdown": "2.94% since the log began",
    });
    expect(drawn(reply)).toEqual([
      "Equity 10,098.00 USDT",
      "2026-05-02 14:03 UTC to 2026-05-02 17:03 UTC",
      "9,900.00 USDT",
      "10,000.00 USDT",
      "10,100.00 USDT",
      "10,200.00 USDT",
      "equity",
      "peak",
      "drawdown",
    ]);
    expect(lines(reply)).toEqual([
      "equity day dark",
      "equity week dark",
      "equity month dark",
      "equity all dark",
      "equity all light",
    ]);
  });

  test("a day is the last day only, and profit leads to it", async () => {
    const days = [line(0, 10_000), line(3_000, 10_500), line(4_000, 10_400)];
    const { say } = withLines(days);
    expect(read(await say("equity day"))["Change"]).toBe("-100.00 USDT in 16 h 40 min of the market");
    expect(read(await say("curve WEEK"))["Change"]).toBe("+400.00 USDT in 2 d 18 h of the market");
    expect(lines(await say("profit"))).toContain("equity");
    expect((await say("equity year")).lines?.[0]).toBe("The period is one of day, week, month, all.");
  });

  test("before the first line there is none, and it says when to ask again", async () => {
    const reply = await withLines([]).say("equity");
    expect([reply.title, reply.picture]).toEqual(["No equity yet", undefined]);
    expect((await withLines([line(0, 10_000)]).say("equity")).picture).toBeDefined();
  });
});

describe("exposure", () => {
  test("tells and draws each position, its share of the account, and how far each purse is used", async () => {
    const { say } = desk();
    const reply = await say("exposure");
    expect(read(reply)).toEqual({
      "Held in all": "1,847.03 USDT, 18.5% of the account",
      Long: "972.00 USDT, 9.7% of the account",
      Short: "875.03 USDT, 8.7% of the account",
      Account: "10,000.77 USDT",
    });
    expect(reply.table?.rows).toEqual([
      ["BTCUSDT long", "972.00 USDT", "9.7%"],
      ["ETHUSDT short", "875.03 USDT", "8.7%"],
      ["purse grid1", "324.00 USDT", "16.2%"],
    ]);
    expect(drawn(reply)).toEqual([
      "Exposure 1,847.03 USDT",
      "18.5% of an account of 10,000.77 USDT",
      "Positions, full bar: 100% of the account",
      "BTCUSDT long",
      "972.00 USDT 9.7%",
      "ETHUSDT short",
      "875.03 USDT 8.7%",
      "Purses, full bar: all of the purse is used",
      "grid1",
      "16.2% of 2,000.00 USDT",
    ]);
  });

  test("more than the account is a bar of its own scale, and what is not known is not counted as nothing", async () => {
    const { say, door } = desk();
    const [book, other] = snapshot().books;
    if (book === undefined || other === undefined) throw new Error("no books");
    door.view = snapshot({ equity: value(500 * ONE), books: [book] });
    const large = await say("exposure");
    expect(drawn(large)).toContain("Positions, full bar: 194% of the account");
    door.view = snapshot({
      books: [book, { ...other, mark: undefined }],
      others: [{ symbol: "XRPUSDT", asset: "USDT", size: "5", notional: value(30 * ONE) }],
    });
    const unknown = await say("exposure");
    expect(read(unknown)).toMatchObject({
      "Held in all": "unknown, unknown of the account",
      Long: "972.00 USDT, 9.7% of the account",
      Short: "unknown, unknown of the account",
    });
    expect(drawn(unknown)).toEqual(expect.arrayContaining(["ETHUSDT short", "unknown", "30.00 USDT 0.3%"]));
    const coins = [{ symbol: "BTCUSD_PERP", asset: "BTC", size: "5", notional: value(ONE) }];
    door.view = snapshot({ books: [book], others: coins });
    expect(read(await say("exposure"))).toMatchObject({
      "Held in all": "972.00 USDT, 9.7% of the account",
      "Not in these sums": "what is counted in BTC",
    });
    door.view = snapshot({ books: [], engines: [] });
    const nothing = await say("exposure");
    expect([nothing.title, nothing.picture]).toEqual(["Nothing is held", undefined]);
  });
});

test("a person's pictures look as their settings say, unless the command says otherwise", async () => {
  const { say, door } = desk("light");
  door.view = snapshot({ instruments: [bitcoin], at: millis(NOON), drawdown: rate(0) });
  for (const [asked, look] of [
    ["chart", "light"],
    ["chart dark", "dark"],
    ["exposure", "light"],
    ["exposure dark", "dark"],
    ["grid grid1", "light"],
  ] as const)
    expect((await say(asked)).picture?.svg, asked).toContain(`fill="${PALETTES[look].background}"`);
  expect((await say("exposure blue")).lines?.[0]).toBe("The look is dark or light.");
});
