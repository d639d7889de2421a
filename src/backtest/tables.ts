import type { InstrumentId } from "../core/instrument.ts";
import { averagePrice } from "../core/instrument.ts";
import { moneyText, textOf } from "../core/text.ts";
import { type Lots, type Value, value } from "../core/units.ts";
import { isoOf } from "./candles.ts";
import type { ClosedTrade } from "./ledger.ts";
import type { BacktestRun } from "./runner.ts";

const row = (cells: readonly (string | number)[]): string => `${cells.join(",")}\n`;

/** Every closed trade as CSV, in the order in which they ended. */
export function tradesTable({ observer: { ledger }, instruments }: BacktestRun): string {
  const priceOf = (id: InstrumentId, cost: Value, size: Lots): string => {
    const instrument = instruments.get(id);
    const average = instrument && averagePrice(instrument, cost, size);
    return instrument === undefined || average === undefined ? "" : textOf(average, instrument.tick);
  };
  const lines = ledger.closed.map((trade: ClosedTrade) => {
    const { engine, instrument: id, rung, side, openedAt, closedAt, lots, entryCost, exitCost, how } = trade;
    const size = instruments.get(id);
    return row([
      engine,
      id,
      rung,
      side,
      isoOf(openedAt),
      isoOf(closedAt),
      size === undefined ? lots : textOf(lots, size.lot),
      priceOf(id, entryCost, lots),
      priceOf(id, exitCost, lots),
      moneyText(trade.pnl, 8),
      moneyText(trade.fees, 8),
      moneyText(value(trade.pnl - trade.fees), 8),
      how,
      trade.stuckAt === undefined ? "" : isoOf(trade.stuckAt),
    ]);
  });
  const header = "engine,symbol,rung,side,opened,closed,size,entry,exit,pnl,fees,net,closed_by,stuck_since\n";
  return header + lines.join("");
}

/** The account at the close of every candle as CSV. */
export function equityTable({ observer: { course }, instruments, grids }: BacktestRun): string {
  const instrument = instruments.get(grids[0]?.instrument ?? "");
  let peak = 0;
  const lines = course.samples.map(({ at, equity, price, marginUse }) => {
    peak = Math.max(peak, equity);
    const down = peak > 0 ? (1 - equity / peak) * 100 : 0;
    const shown = instrument === undefined ? price : textOf(price, instrument.tick);
    return row([at, moneyText(equity, 8), down.toFixed(4), shown, marginUse.toFixed(4)]);
  });
  return `time_ms,equity,drawdown_percent,price,margin_use\n${lines.join("")}`;
}
