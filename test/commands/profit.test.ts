import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { PHONE_WIDTH, tableLines } from "../../src/chat/layout.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { figuresDocument } from "../../src/cli/figures-document.ts";
import { figuresText } from "../../src/cli/figures-text.ts";
import { moneyText } from "../../src/core/text.ts";
import type { TradeFields } from "../../src/core/trade-log.ts";
import { millis, ONE, value } from "../../src/core/units.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, snapshot } from "../chat/desk.ts";

const NOW = Date.UTC(2026, 10, 30, 12);
const DAY = 86_400_000;
const trade = (Engine: string, PnL: string, At: number, Rung = 1): TradeFields => ({
  Engine,
  Symbol: "BTCUSDT",
  Action: "TAKE_PROFIT",
  Rung,
  Size: "0.010",
  Left: "0.000",
  PnL,
  Fees: "0.10000000",
  At,
});
/** A log of two grids over two days. */
const LINES: readonly TradeFields[] = [
  trade("grid-btc", "12.00000000", NOW - DAY),
  trade("grid-btc", "-3.00000000", NOW - DAY, 2),
  trade("grid-btc", "2.50000000", NOW - 1_000),
  trade("grid-eth", "-1.00000000", NOW - 2_000),
  {
    Action: "EQUITY",
    At: NOW,
    Equity: "10010.00000000",
    Wallet: "10010.00000000",
    Transferred: "0.00000000",
    Funding: "-0.25000000",
    Exposure: "480.00000000",
    Purses: "grid-btc:100.00000000/400.00000000/300.00000000,grid-eth:60.00000000/400.00000000/180.00000000",
    Epoch: 1,
  },
  { ...trade("grid-btc", "0", NOW), Action: "STUCK", StuckSince: NOW, At: NOW },
];

function desk(lines = LINES) {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  const metrics = new GridMetrics();
  for (const line of lines) metrics.add(line);
  const view = snapshot();
  const [grid] = view.engines;
  if (grid === undefined) throw new Error("no grid to copy");
  door.view = {
    ...view,
    at: millis(NOW),
    metrics: metrics.report(),
    engines: ["grid-btc", "grid-eth"].map((engine) => ({ ...grid, engine })),
  };
  const parts = {
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
  };
  const runner = new CommandRunner(parts);
  const actor = { person: "alice", role: "viewer", platform: "telegram" } as const;
  const say = (line: string): Promise<Reply> => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor });
  };
  return { say, figures: figuresDocument(metrics.report()) };
}
const read = ({ fields = [] }: Reply): Record<string, string> =>
  Object.fromEntries(fields.map(({ label, text }) => [label, text]));
/** As the table of `perpdesk analyze` writes it. */
const money = (text: string | null | undefined): string =>
  moneyText(value(Math.round(Number(text) * ONE)), 2);

describe("profit", () => {
  test("tells all grids since the start with the figures of perpdesk analyze", async () => {
    const { say, figures } = desk();
    const reply = await say("profit");
    expect(figuresText(figures, "USDT")).toMatch(/Average per trade +2\.53 USDT/);
    const grid = figures.gridMetrics;
    expect([reply.title, reply.lines]).toEqual([
      "All grids, since the start",
      ["What was closed, after fees, by the market's time, since 2026-11-29 12:00 UTC."],
    ]);
    expect(read(reply)).toMatchObject({
      Trades: `${grid.total_trades}, ${(Number(grid.win_rate) * 100).toFixed(2)}% won`,
      Net: `+${money(String(Number(figures.pnl) - Number(figures.fees)))} USDT`,
      Average: `+${money(grid.average_profit_per_trade)} USDT`,
      Fees: `${money(figures.fees)} USDT`,
      "Profit factor": figures.profitFactor?.toFixed(2),
      "Reward/risk": figures.rewardToRisk?.toFixed(2),
      Exposure: `${money(grid.current_exposure)} USDT`,
      "Purse used": `${(Number(grid.margin_utilization) * 100).toFixed(2)}%`,
      "Stuck now": `${grid.stuck_positions_count}`,
      Funding: `${money(figures.funding)} USDT`,
      "Max drawdown": "0.00%",
      Recovered: "unknown of 1 stuck",
      Mismatches: "0 times",
    });
    expect(reply.table?.rows).toEqual([
      ["grid-btc", "3", "66.67%", "+11.20 USDT"],
      ["grid-eth", "1", "0.00%", "-1.10 USDT"],
    ]);
  });

  test("tells today, which is a day of the market, and one grid, in any order of words", async () => {
    const { say, figures } = desk();
    const today = read(await say("profit today"));
    const day = figures.days.find(({ name }) => name === "2026-11-30");
    expect([today["Trades"], today["Net"]]).toEqual(["2, 50.00% won", `+${money(day?.net)} USDT`]);
    const grid = figures.engines.find(({ name }) => name === "grid-btc");
    const one = read(await say("figures GRID-BTC"));
    expect([one["Trades"], one["Net"], one["Purse used"]]).toEqual([
      "3, 66.67% won",
      `+${money(grid?.net)} USDT`,
      "25.00%",
    ]);
    const both = await say("performance today grid-btc");
    const own = figures.engineDays.find(({ name }) => name === "grid-btc:2026-11-30");
    expect([both.title, read(both)["Net"], read(both)["Trades"]]).toEqual([
      "grid-btc, today (2026-11-30)",
      `+${money(own?.net)} USDT`,
      "1, 100.00% won",
    ]);
    expect(both.buttons?.[0]?.map(({ action }) => "line" in action && action.line)).toEqual([
      "profit grid-btc today",
      "profit grid-btc all",
    ]);
  });

  test("says what is not known, and what is no grid", async () => {
    const { say } = desk([]);
    const reply = await say("profit");
    expect(reply.lines).toEqual(["Nothing is in the trade log yet."]);
    expect(read(reply)).toMatchObject({ Trades: "0, unknown won", Average: "unknown", Exposure: "unknown" });
    expect((await say("profit grid-x")).lines?.[0]).toContain('grid "grid-x" is not one of this desk');
  });

  test("fits a phone", async () => {
    const { say } = desk([trade("grid-btc", "-1234567.89000000", NOW), ...LINES]);
    for (const line of ["profit", "profit today", "profit grid-btc", "profit grid-eth today"]) {
      const { fields = [], table, title } = await say(line);
      const width = Math.max(...fields.map(({ label }) => label.length));
      for (const { label, text } of fields)
        expect(`${label.padEnd(width)} ${text}`.length, label).toBeLessThanOrEqual(PHONE_WIDTH);
      expect(title.length).toBeLessThanOrEqual(PHONE_WIDTH);
      for (const row of table === undefined ? [] : tableLines(table))
        expect(row.length).toBeLessThanOrEqual(PHONE_WIDTH);
    }
  });
});
