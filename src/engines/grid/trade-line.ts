import type { EngineView } from "../../core/engine.ts";
import { averagePrice, executionCost } from "../../core/instrument.ts";
import { moneyText, textOf } from "../../core/text.ts";
import { lots, mulDiv, signOf, type Value, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";
import type { Rung, RungSums } from "./rung.ts";

/** One line of the trade log, and what it adds to the engine's counters. */
export interface TradeLine {
  readonly fields: Readonly<Record<string, string | number>>;
  /** Before fees and funding, in steps of the settle asset. */
  readonly profit: Value;
  readonly isStop: boolean;
  readonly isTakeProfit: boolean;
}

/** What a rung closed since it was last logged, as S1's GRID_TRADE fields; undefined when nothing was. */
export function cycleLine(
  rung: Rung,
  sum: RungSums,
  parameters: GridParameters,
  view: EngineView,
): TradeLine | undefined {
  const closed = sum.exitFilled - rung.loggedExit;
  if (closed <= 0 || sum.entryFilled <= 0) return undefined;
  rung.loggedExit = sum.exitFilled;
  const instrument = view.instrument(parameters.instrument);
  const sign = signOf(parameters.direction);
  const entryCost = mulDiv(sum.entryCost, closed, sum.entryFilled, "nearest");
  const exitCost = mulDiv(sum.exitCost, closed, sum.exitFilled, "nearest");
  const direction = Math.sign(executionCost(instrument, instrument.priceMin, lots(sign), "up")) || sign;
  const gained = value((exitCost - entryCost) * direction);
  const last = [...rung.orders]
    .filter((o) => o.facts.role !== "entry" && o.filled > 0)
    .sort(byLastFill)
    .at(-1);
  const role = last?.facts.role ?? "close";
  const price = (cost: number, size: number): string => {
    const average = averagePrice(instrument, value(cost), lots(size));
    return average === undefined ? "unknown" : textOf(average, instrument.tick);
  };
  return {
    profit: gained,
    isStop: role === "stop" || (role === "close" && rung.closing?.cause === "stopRefused"),
    isTakeProfit: role === "takeProfit",
    fields: {
      Engine: parameters.engine,
      Action: ACTION[role] ?? "CLOSE",
      Rung: rung.index,
      Size: textOf(closed, instrument.lot),
      Entry: price(sum.entryCost, sum.entryFilled),
      Exit: price(exitCost, closed),
      PnL: moneyText(gained, 8),
      Fees: moneyText(sum.fees, 8),
      Duration: `${Math.round((view.at - (sum.openedAt ?? view.at)) / 1000)}s`,
      Order: last?.facts.clientId ?? "",
    },
  };
}

const byLastFill = (a: { lastFillAt: number | undefined }, b: { lastFillAt: number | undefined }): number =>
  (a.lastFillAt ?? 0) - (b.lastFillAt ?? 0);

const ACTION: Readonly<Record<string, string>> = {
  takeProfit: "TAKE_PROFIT",
  stop: "STOP_LOSS",
  close: "CLOSE",
};
