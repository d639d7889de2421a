import { describe, expect, test } from "vitest";
import { PHONE_WIDTH, tableLines } from "../../src/chat/layout.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { figuresText } from "../../src/cli/figures-text.ts";
import { moneyText } from "../../src/core/text.ts";
import { ONE, value } from "../../src/core/units.ts";
import { deskOfTrades, LINES, NOW, trade } from "./trades.ts";

const read = ({ fields = [] }: Reply): Record<string, string> =>
  Object.fromEntries(fields.map(({ label, text }) => [label, text]));
/** As the table of `perpdesk analyze` writes it. */
const money = (text: string | null | undefined): string =>
  moneyText(value(Math.round(Number(text) * ONE)), 2);

describe("profit", () => {
  test("tells all grids since the log began with the figures of perpdesk analyze", async () => {
    const { say, figures } = deskOfTrades();
    const reply = await say("profit");
    expect(figuresText(figures, "USDT")).toMatch(/Average per trade +2\.53 USDT/);
    const grid = figures.gridMetrics;
    expect([reply.title, reply.lines]).toEqual([
      "All grids, since the log began",
      ["What was closed, after fees, by the market's time, since 2026-11-29 12:00 UTC."],
    ]);
    expect(read(reply)).toMatchObject({
      Trades: `${grid.total_trades}, ${(Number(grid.win_rate) * 100).toFixed(2)}% won`,
      Net: `+${money(String(Number(figures.pnl) - Number(figures.fees)))} USDT`,
      Average: `+${money(grid.average_profit_per_trade)} USDT`,
      "Their fees": `${money(figures.fees)} USDT`,
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
    const { say, figures } = deskOfTrades();
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
    const both = await say("figures today grid-btc");
    const own = figures.engineDays.find(({ name }) => name === "grid-btc:2026-11-30");
    expect([both.title, read(both)["Net"], read(both)["Trades"]]).toEqual([
      "grid-btc, today (2026-11-30)",
      `+${money(own?.net)} USDT`,
      "1, 100.00% won",
    ]);
    expect(both.buttons?.[0]?.map(({ action }) => "line" in action && action.line)).toEqual([
      "profit grid-btc today",
      "profit grid-btc all",
      "equity",
    ]);
  });

  test("says what is not known, and what is no grid", async () => {
    const { say } = deskOfTrades([]);
    const reply = await say("profit");
    expect(reply.lines).toEqual(["Nothing is in the trade log yet."]);
    expect(read(reply)).toMatchObject({ Trades: "0, unknown won", Average: "unknown", Exposure: "unknown" });
    expect((await say("profit grid-x")).lines?.[0]).toContain('grid "grid-x" is not one of this desk');
  });

  test("fits a phone", async () => {
    const { say } = deskOfTrades([trade("grid-btc", "-1234567.89000000", NOW), ...LINES]);
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
