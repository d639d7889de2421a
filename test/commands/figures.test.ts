import { describe, expect, test } from "vitest";
import { PHONE_WIDTH, tableLines } from "../../src/chat/layout.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { moneyText } from "../../src/core/text.ts";
import { ONE, value } from "../../src/core/units.ts";
import { snapshot } from "../chat/desk.ts";
import { DAY, deskOfTrades, LINES, NOW, trade } from "./trades.ts";

const rows = ({ table }: Reply) => table?.rows.map((row) => [...row]) ?? [];
const fields = ({ fields: told = [] }: Reply): Record<string, string> =>
  Object.fromEntries(told.map(({ label, text }) => [label, text]));
const lineOf = ({ buttons = [] }: Reply): string | undefined => {
  const action = buttons[0]?.[0]?.action;
  return action?.type === "run" ? action.line : undefined;
};
/** As `perpdesk analyze` writes it, with its sign. */
const gained = (text: string | undefined): string => {
  const plain = moneyText(value(Math.round(Number(text) * ONE)), 2);
  return `${Number(text) > 0 ? "+" : ""}${plain} USDT`;
};

describe("daily, weekly and monthly", () => {
  const long = [
    ...LINES,
    trade("grid-btc", "5.00000000", NOW - 8 * DAY),
    trade("grid-btc", "7.00000000", NOW - 35 * DAY),
  ];

  test("tell each day with the figures of perpdesk analyze, the latest first, days without trades too", async () => {
    const { say, figures } = deskOfTrades(long);
    const reply = await say("daily 10");
    expect([reply.title, lineOf(reply)]).toEqual(["All grids, the last 10 days", "daily 10"]);
    const days = Object.fromEntries(figures.days.map((day) => [day.name, day]));
    expect(rows(reply)).toHaveLength(10);
    for (const [name = "", trades, , net] of rows(reply)) {
      const day = days[name];
      expect([trades, net], name).toEqual(
        day === undefined ? ["0", "0.00 USDT"] : [`${day.trades}`, gained(day.net)],
      );
    }
    expect(rows(reply)[0]).toEqual(["2026-11-30", "2", "50%", "+1.30 USDT"]);
    expect(rows(reply)[2]).toEqual(["2026-11-28", "0", "-", "0.00 USDT"]);
    expect(rows(reply)[8]?.slice(0, 2)).toEqual(["2026-11-22", "1"]);
    expect(rows(await say("daily"))).toHaveLength(7);
  });

  test("add days up to weeks from Monday and to months", async () => {
    const { say } = deskOfTrades(long);
    expect(rows(await say("weekly 3"))).toEqual([
      ["2026-11-30", "2", "50%", "+1.30 USDT"],
      ["2026-11-23", "2", "50%", "+8.80 USDT"],
      ["2026-11-16", "1", "100%", "+4.90 USDT"],
    ]);
    expect(rows(await say("monthly 3"))).toEqual([
      ["2026-11", "5", "60%", "+15.00 USDT"],
      ["2026-10", "1", "100%", "+6.90 USDT"],
    ]);
  });

  test("leave out what was over before the log began, and say when that was", async () => {
    const { say, door } = deskOfTrades(long);
    const told = async (line: string) => {
      const reply = await say(line);
      return [reply.title, rows(reply).length, rows(reply).at(-1)?.[0], ...(reply.lines?.slice(1) ?? [])];
    };
    const began = "The log began on 2026-10-26.";
    expect(await told("daily")).toEqual(["All grids, the last 7 days", 7, "2026-11-24"]);
    expect(await told("daily 36")).toEqual(["All grids, the last 36 days", 36, "2026-10-26"]);
    expect(await told("daily 999")).toEqual(["All grids, the last 36 days", 36, "2026-10-26", began]);
    expect(await told("weekly")).toEqual(["All grids, the last 6 weeks", 6, "2026-10-26", began]);
    expect(await told("monthly")).toEqual(["All grids, the last 2 months", 2, "2026-10", began]);
    door.view = deskOfTrades([]).door.view;
    expect(await told("daily")).toEqual(["All grids, the last day", 1, "2026-11-30"]);
  });

  test("tell one grid alone, in any order of words, and refuse what is no number", async () => {
    const { say } = deskOfTrades(long);
    const reply = await say("daily grid-eth 2");
    expect([reply.title, rows(reply), lineOf(reply)]).toEqual([
      "grid-eth, the last 2 days",
      [
        ["2026-11-30", "1", "0%", "-1.10 USDT"],
        ["2026-11-29", "0", "-", "0.00 USDT"],
      ],
      "daily 2 grid-eth",
    ]);
    expect((await say("monthly 0")).lines?.[0]).toBe("How many months is a number from 1 to 60.");
    expect((await say("weekly grid-x")).lines?.[0]).toContain('grid "grid-x" is not one of this desk');
  });
});

describe("performance, exits, entries and stats", () => {
  test("grids come best first; of one grid its rungs", async () => {
    const { say, figures } = deskOfTrades();
    const all = await say("performance");
    expect(rows(all)).toEqual([
      ["grid-btc", "3", "67%", "+11.20 USDT"],
      ["grid-eth", "1", "0%", "-1.10 USDT"],
    ]);
    expect(figures.engines.map(({ net }) => gained(net))).toEqual(rows(all).map((row) => row[3]));
    const one = await say("performance grid-btc");
    expect([one.title, rows(one), lineOf(one)]).toEqual([
      "grid-btc: 2 rungs that closed something",
      [
        ["1", "2", "100%", "+14.30 USDT"],
        ["2", "1", "0%", "-3.10 USDT"],
      ],
      "performance grid-btc",
    ]);
  });

  test("exits tell what closed positions, stops with how late and how far they were", async () => {
    const stop = {
      ...trade("grid-btc", "-4.00000000", NOW),
      Action: "STOP_LOSS",
      Trigger: "100.0",
      Exit: "99.0",
      Slippage: "0.01000000",
      StopLatencyMs: 120,
      Filled: "0.010",
    };
    const reply = await deskOfTrades([...LINES, stop]).say("exits");
    expect(rows(reply)).toEqual([
      ["take profit", "4", "+10.10 USDT"],
      ["stop", "1", "-4.10 USDT"],
    ]);
    expect(fields(reply)).toEqual({
      Stops: "1, half within 120 ms of their trigger",
      "Beyond triggers": "0.01 USDT, 1.00% at worst",
    });
    expect((await deskOfTrades([]).say("exits")).title).toBe("Nothing was closed yet");
  });

  test("entries tell how many filled and which waits nearest", async () => {
    const { say, door } = deskOfTrades();
    door.view = snapshot();
    expect(rows(await say("entries"))).toEqual([["grid1", "buy", "75% of 8", "1", "1 of 5", "96,900.0"]]);
    door.view = snapshot({ engines: [] });
    expect((await say("buys")).title).toBe("No grid runs here");
  });

  test("stats are those of perpdesk analyze", async () => {
    const { say, figures } = deskOfTrades();
    const reply = await say("stats");
    expect(reply.title).toBe("4 trades, 50.0% won");
    expect(fields(reply)).toMatchObject({
      Net: `${gained(figures.net)} with funding`,
      "Profit factor": figures.profitFactor?.toFixed(2),
      "Reward/risk": figures.rewardToRisk?.toFixed(2),
      "Grids in profit": "50%",
      Stuck: "1 now, 1 in all",
      Leverage: "0.05 times the equity",
    });
    expect(fields(await deskOfTrades([]).say("stats"))).toMatchObject({ "Profit factor": "unknown" });
  });
});

describe("trades and trade", () => {
  test("the last ones come first, of all or of one grid or symbol, each with its number", async () => {
    const { say } = deskOfTrades();
    const reply = await say("trades");
    expect([reply.title, rows(reply)]).toEqual([
      "The last 4 of 4 trades",
      [
        ["4", "11-30 11:59", "take profit", "-1.10"],
        ["3", "11-30 11:59", "take profit", "+2.40"],
        ["2", "11-29 12:00", "take profit", "-3.10"],
        ["1", "11-29 12:00", "take profit", "+11.90"],
      ],
    ]);
    const own = await say("trades 1 GRID-BTC");
    expect([rows(own).map(([number]) => number), own.title, lineOf(own)]).toEqual([
      ["3"],
      "The last 1 of 3 trades",
      "trades grid-btc 1",
    ]);
    expect(rows(await say("trades btcusdt"))).toHaveLength(4);
    expect((await say("trades xrp")).lines?.[0]).toBe(
      '"xrp" is no grid and no symbol here; say one of grid-btc, grid-eth, BTCUSDT, ETHUSDT.',
    );
    expect((await deskOfTrades([]).say("trades")).title).toBe("No trade yet");
  });

  test("one of them tells all that the log knows", async () => {
    const stop = {
      ...trade("grid-btc", "-4.00000000", NOW),
      Action: "STOP_LOSS",
      Entry: "97000.0",
      Exit: "96000.0",
      Duration: "90s",
      Cause: "stop",
      Trigger: "96001.0",
      Slippage: "0.01000000",
      StopLatencyMs: 120,
      Order: "pd7",
      Trade: "8812",
    };
    const { say } = deskOfTrades([...LINES, stop]);
    const reply = await say("trade 5");
    expect([reply.title, reply.tone]).toEqual(["Trade 5: stop, -4.10 USDT", "warning"]);
    expect(fields(reply)).toEqual({
      Grid: "grid-btc, rung 1",
      Symbol: "BTCUSDT",
      Closed: "2026-11-30 12:00 UTC",
      "Held for": "1 min 30 s",
      Size: "0.010 BTC",
      Entry: "97,000.0",
      Exit: "96,000.0",
      Profit: "-4.00 USDT",
      Fees: "0.10 USDT",
      Why: "its stop",
      Trigger: "96,001.0",
      Slippage: "0.01 USDT",
      "Stop latency": "120 ms",
      Order: "pd7",
      "Exchange no.": "8812",
    });
    const part = { ...stop, Left: "0.004", Cause: "chosen", By: "bob", Symbol: "GONE" };
    const other = await deskOfTrades([...LINES, part]).say("trade 5");
    expect(fields(other)).toMatchObject({
      Size: "0.010, 0.004 left",
      Why: "stuck, a person chose it, by bob",
    });
    expect((await say("trade 77")).lines).toEqual([
      "trade 77 is not among those kept; say a number from 1 to 5.",
    ]);
    expect((await say("trade")).buttons?.flat().map(({ label }) => label)).toEqual(["5", "4", "3", "2", "1"]);
    expect((await deskOfTrades([]).say("trade")).lines?.[0]).toBe(
      "Which trade? /trades lists them with their numbers.",
    );
  });
});

describe("funding", () => {
  test("tells the coming rate, when, what it will cost on what is held, and what was paid", async () => {
    const { say, door } = deskOfTrades();
    door.view = { ...snapshot(), metrics: door.view.metrics };
    const reply = await say("funding");
    expect(fields(reply)).toEqual({ "Since the log began": "-0.25 USDT", "Since the start": "-0.01 USDT" });
    expect(rows(reply)).toEqual([
      ["BTCUSDT", "0.0100%", "1 h 56 min", "long 972.00 USDT", "-0.10 USDT", "-0.01 USDT"],
      ["ETHUSDT", "unknown", "unknown", "short 875.03 USDT", "unknown", "0.00 USDT"],
    ]);
    expect(rows(await say("funding eth"))).toHaveLength(1);
    expect((await say("funding xrp")).lines?.[0]).toContain("is not traded here");
  });
});

describe("count, margin and ping", () => {
  test("tell what is open and of how many", async () => {
    const { say, door } = deskOfTrades();
    door.view = snapshot();
    const reply = await say("count");
    expect([reply.title, fields(reply), rows(reply)]).toEqual([
      "2 positions, 2 orders open",
      { "Orders BTCUSDT": "2 of the exchange's 200", "Orders ETHUSDT": "0 of the exchange's 200" },
      [["grid1", "1", "1", "5"]],
    ]);
  });

  test("tell each purse's cap and use, and how each position is margined", async () => {
    const { say, door } = deskOfTrades(LINES, "trader");
    const reply = await say("margin");
    // Of the same moment as the rows, whatever the trade log said a minute ago.
    expect([reply.title, rows(reply).map((row) => row[3])]).toEqual([
      "Margin: 16% of all purses used",
      ["16%", "16%"],
    ]);
    expect(door.view.metrics.marginUtilization).toBe(ONE / 5);
    expect(fields(reply)).toMatchObject({
      Exposure: "480.00 USDT, 0.05 times the equity",
      "BTCUSDT long": "isolated 3x, 323.00 USDT behind it, margin ratio 0.4%",
      "ETHUSDT short": "unknown, margin ratio unknown",
    });
    expect(rows(reply)[0]).toEqual(["grid-btc", "324.00 USDT", "2,000.00 USDT", "16%"]);
    expect((await deskOfTrades().say("margin")).lines?.[0]).toContain("needs the role trader");
  });

  test("ping says how quick the desk is, and what is wrong", async () => {
    const { say, door } = deskOfTrades();
    expect(fields(await say("ping"))).toEqual({
      "Market news": "120 ms ago",
      "Placing an order": "half within 4.2 ms",
      "Loop delay": "1.3 ms",
    });
    const view = snapshot();
    door.view = { ...view, health: { ...view.health, isHealthy: false, problems: ["no market data yet"] } };
    expect((await say("ping")).lines).toEqual(["no market data yet"]);
  });
});

test("all of them fit a phone side by side", async () => {
  const { say } = deskOfTrades([...LINES, trade("grid-btc", "-1234567.89000000", NOW)], "trader");
  for (const line of [
    "daily",
    "weekly",
    "monthly",
    "performance",
    "performance grid-btc",
    "exits",
    "count",
  ]) {
    const reply = await say(line);
    const lines = reply.table === undefined ? [] : tableLines(reply.table);
    expect(lines.length, line).toBe(rows(reply).length + 1);
    for (const each of lines) expect(each.length, each).toBeLessThanOrEqual(PHONE_WIDTH);
  }
  const { table } = await deskOfTrades([...LINES, trade("grid-btc", "-123456.78000000", NOW)]).say("trades");
  const lines = table === undefined ? [] : tableLines(table);
  expect([lines.length, Math.max(...lines.map(({ length }) => length)) <= PHONE_WIDTH]).toEqual([6, true]);
});
