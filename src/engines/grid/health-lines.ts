import type { EngineView } from "../../core/engine.ts";
import { averagePrice, notional } from "../../core/instrument.ts";
import type { LogTradeIntent } from "../../core/intent.ts";
import { type CloseCause, isOpening, isPairStop, type OrderRecord } from "../../core/order.ts";
import { moneyText, textOf, VALUE_STEP } from "../../core/text.ts";
import type { TradeFields } from "../../core/trade-log.ts";
import { lots, mulDiv, ONE, portion, type Rate, rate, value } from "../../core/units.ts";
import { goneOf } from "./hedge.ts";
import type { GridParameters } from "./parameters.ts";
import { isLegOpen, newRecovery, type Rung, type RungSums, sums } from "./rung.ts";
import { directionOf } from "./trade-line.ts";

/** A stuck position that has lost more than this is closed where rung stops are switched off (X32). */
export const LOSS_MAX: Rate = rate(ONE / 10);

/** How a position that was stuck came out of it, for the trade log. */
type WayOut = "takeProfit" | "ladder" | "aggressive" | "hedge" | "person" | "stop" | "taken" | "back";

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
  how: "ladder" | "aggressive" | "hedge",
  cause: "recovery" | "loss" | "chosen",
  parameters: GridParameters,
): LogTradeIntent =>
  lineOf("RECOVERY_BEGIN", rung, { How: how, Cause: cause, ...byField(rung.recovery.by) }, parameters);

/** The price came back into the reach of its take profit: it is still held, but not stuck. */
export const cameBack = (rung: Rung, parameters: GridParameters): LogTradeIntent =>
  lineOf("RECOVERED", rung, { How: "back" satisfies WayOut }, parameters);

/**
 * A rung that was stuck holds nothing any more. What others took of it has no price here: then nothing is said of money.
 * `askedBy`: who asked for the close that was under way.
 */
export function recoveredHealth(
  rung: Rung,
  sum: RungSums,
  askedBy: string | undefined,
  parameters: GridParameters,
  view: EngineView,
): LogTradeIntent {
  const last = lastExit(rung);
  const cause = last?.facts.cause;
  const how = wayOf(rung, last);
  const isChosen = how === "ladder" || how === "hedge" || cause === "chosen";
  const endedAt = endOf(rung, last);
  const fields: Record<string, string | number> = {
    How: how,
    ...(cause === undefined || how === "taken" ? {} : { Cause: cause }),
    ...byField(how === "person" ? askedBy : isChosen ? rung.recovery.by : undefined),
    ...(endedAt === undefined ? {} : { At: endedAt }),
    LossMax: textOf(parameters.stopLoss ?? LOSS_MAX, VALUE_STEP),
  };
  const leg = rung.leg === undefined ? undefined : sums(rung.leg);
  const isWhole = sum.exitFilled === sum.entryFilled && leg?.exitFilled === leg?.entryFilled;
  // Without its hedge nothing can be said of a pair's money.
  const isKnown = how !== "hedge" || leg !== undefined;
  if (isWhole && isKnown && sum.entryCost > 0) {
    const direction = directionOf(view.instrument(parameters.instrument), parameters);
    const own = (sum.exitCost - sum.entryCost) * direction - sum.fees;
    // The hedge gains where the rung loses.
    const made = leg === undefined ? own : own - (leg.exitCost - leg.entryCost) * direction - leg.fees;
    fields["PnL"] = moneyText(value(made), 8);
    fields["Loss"] = textOf(mulDiv(Math.max(0, -made), ONE, sum.entryCost, "nearest"), VALUE_STEP);
  }
  return lineOf("RECOVERED", rung, fields, parameters);
}

/**
 * At a start: how the cycles ended that were over when nobody looked. Whether any of them was stuck only the trade log knows,
 * which leaves out what is no news. `legOf` finds the hedge of a cycle that is over; of the pair its rung tells.
 */
export function endsOf(
  rungs: readonly Rung[],
  legOf: (rung: Rung) => Rung | undefined,
  parameters: GridParameters,
  view: EngineView,
): readonly LogTradeIntent[] {
  if (parameters.isLeg === true) return [];
  return rungs.flatMap((rung) => {
    const sum = sums(rung);
    if (sum.entryFilled === 0 || sum.held > 0 || isLegOpen(rung)) return [];
    rung.recovery = newRecovery();
    return [recoveredHealth({ ...rung, leg: rung.leg ?? legOf(rung) }, sum, undefined, parameters, view)];
  });
}

/** The order that closed something last. */
function lastExit({ orders }: Rung): OrderRecord | undefined {
  let last: OrderRecord | undefined;
  for (const order of orders) {
    if (isOpening(order.facts) || order.filled === 0) continue;
    if (last === undefined || (order.lastFillAt ?? 0) >= (last.lastFillAt ?? 0)) last = order;
  }
  return last;
}

/** When the last of it was closed, and of its hedge; what others took has no time here. */
function endOf({ lost, leg }: Rung, last: OrderRecord | undefined): number | undefined {
  if (lost > 0 || last?.lastFillAt === undefined) return undefined;
  const ofLeg = leg === undefined ? undefined : lastExit(leg)?.lastFillAt;
  return Math.max(last.lastFillAt, ofLeg ?? 0);
}

/** What its last execution was for. */
function wayOf({ lost, leg }: Rung, last: OrderRecord | undefined): WayOut {
  if (leg !== undefined && goneOf(leg) > 0) return "hedge";
  if (last !== undefined && (last.facts.cause === "hedge" || isPairStop(last.facts))) return "hedge";
  if (last === undefined || lost > 0) return "taken";
  const { role, cause } = last.facts;
  if (role === "takeProfit" || role === "ladder" || role === "stop") return role;
  if (cause === "asked") return "person";
  return cause === undefined || RECOVERIES.has(cause) ? "aggressive" : "stop";
}

const RECOVERIES: ReadonlySet<CloseCause> = new Set(["chosen", "recovery", "loss"]);

const byField = (by: string | undefined): TradeFields => (by === undefined ? {} : { By: by });

function lineOf(
  action: string,
  rung: Rung,
  fields: TradeFields,
  { engine, instrument }: GridParameters,
): LogTradeIntent {
  const { openedAt } = sums(rung);
  const { stuckSince } = rung.recovery;
  return {
    type: "logTrade",
    fields: {
      Action: action,
      Engine: engine,
      Symbol: instrument,
      Rung: rung.index,
      ...(openedAt === undefined ? {} : { Opened: openedAt }),
      ...(stuckSince === undefined ? {} : { StuckSince: stuckSince }),
      ...fields,
    },
  };
}
