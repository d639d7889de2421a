import type { EngineView } from "../../core/engine.ts";
import { averagePrice, notional } from "../../core/instrument.ts";
import type { LogTradeIntent } from "../../core/intent.ts";
import { moneyText, textOf, VALUE_STEP } from "../../core/text.ts";
import type { TradeFields } from "../../core/trade-log.ts";
import { lots, mulDiv, ONE, portion, type Rate, rate, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";
import type { ClosingCause, Rung, RungSums } from "./rung.ts";
import { directionOf } from "./trade-line.ts";

/** A stuck position that has lost more than this is closed where rung stops are switched off (X32). */
export const LOSS_MAX: Rate = rate(ONE / 10);

/** How a position that was stuck came out of it, for the trade log. */
type WayOut = "takeProfit" | "ladder" | "aggressive" | "person" | "stop" | "taken" | "back";

/** A rung was found stuck: what it holds, and what closing it at once would come to. */
export function stuckHealth(
  rung: Rung,
  sum: RungSums,
  parameters: GridParameters,
  view: EngineView,
): LogTradeIntent {
  const instrument = view.instrument(parameters.instrument);
  const mark = view.mark(parameters.instrument);
  const entry = averagePrice(instrument, sum.entryCost, sum.entryFilled);
  const fields: Record<string, string> = {
    Size: textOf(sum.held, instrument.lot),
    LossMax: textOf(parameters.stopLoss ?? LOSS_MAX, VALUE_STEP),
  };
  if (entry !== undefined) fields["Entry"] = textOf(entry, instrument.tick);
  if (mark !== undefined && sum.entryFilled > 0) {
    const worth = notional(instrument, mark, lots(sum.held), "nearest");
    const ofHeld = (whole: number): number => mulDiv(whole, sum.held, sum.entryFilled, "nearest");
    const gained = (worth - ofHeld(sum.entryCost)) * directionOf(instrument, parameters);
    let paid = 0;
    for (const { facts, fees } of rung.orders) if (facts.role === "entry") paid += fees;
    const fees = ofHeld(paid) + portion(worth, instrument.takerFee, "up");
    fields["CloseNow"] = moneyText(value(gained - fees), 8);
  }
  return lineOf("STUCK", rung, fields, parameters);
}

/** A recovery begins, for the first time or again. */
export const recoveryBegins = (
  rung: Rung,
  how: "ladder" | "aggressive",
  parameters: GridParameters,
): LogTradeIntent => lineOf("RECOVERY_BEGIN", rung, { How: how }, parameters);

/** The price came back into the reach of its take profit before anything was begun: it is still held, but not stuck. */
export const cameBack = (rung: Rung, parameters: GridParameters): LogTradeIntent =>
  lineOf("RECOVERED", rung, { How: "back" satisfies WayOut }, parameters);

/** A rung that was stuck holds nothing any more. What others took of it has no price here: then nothing is said of money. */
export function recoveredHealth(
  rung: Rung,
  sum: RungSums,
  cause: ClosingCause | undefined,
  parameters: GridParameters,
  view: EngineView,
): LogTradeIntent {
  const fields: Record<string, string> = {
    How: wayOf(rung, cause),
    LossMax: textOf(parameters.stopLoss ?? LOSS_MAX, VALUE_STEP),
  };
  if (sum.exitFilled === sum.entryFilled && sum.entryCost > 0) {
    const direction = directionOf(view.instrument(parameters.instrument), parameters);
    const made = (sum.exitCost - sum.entryCost) * direction - sum.fees;
    fields["PnL"] = moneyText(value(made), 8);
    fields["Loss"] = textOf(mulDiv(Math.max(0, -made), ONE, sum.entryCost, "nearest"), VALUE_STEP);
  }
  return lineOf("RECOVERED", rung, fields, parameters);
}

/** What its last execution was for. */
function wayOf({ orders, lost }: Rung, cause: ClosingCause | undefined): WayOut {
  let last: (typeof orders)[number] | undefined;
  for (const order of orders) {
    if (order.facts.role === "entry" || order.filled === 0) continue;
    if (last === undefined || (order.lastFillAt ?? 0) >= (last.lastFillAt ?? 0)) last = order;
  }
  if (last === undefined || lost > 0) return "taken";
  const { role } = last.facts;
  if (role === "takeProfit" || role === "ladder" || role === "stop") return role;
  if (cause === "asked") return "person";
  return cause === undefined || cause === "recovery" ? "aggressive" : "stop";
}

const lineOf = (
  action: string,
  { index, recovery }: Rung,
  fields: TradeFields,
  { engine, instrument }: GridParameters,
): LogTradeIntent => ({
  type: "logTrade",
  fields: {
    Action: action,
    Engine: engine,
    Symbol: instrument,
    Rung: index,
    ...(recovery.stuckSince === undefined ? {} : { StuckSince: recovery.stuckSince }),
    ...fields,
  },
});
