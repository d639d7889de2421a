import type { EngineView } from "../../core/engine.ts";
import { averagePrice, notional } from "../../core/instrument.ts";
import type { LogTradeIntent } from "../../core/intent.ts";
import type { CloseCause, OrderRecord } from "../../core/order.ts";
import { moneyText, textOf, VALUE_STEP } from "../../core/text.ts";
import type { TradeFields } from "../../core/trade-log.ts";
import { lots, mulDiv, ONE, portion, type Rate, rate, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";
import { newRecovery, type Rung, type RungSums, sums } from "./rung.ts";
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
  cause: "recovery" | "loss" | "chosen",
  parameters: GridParameters,
): LogTradeIntent =>
  lineOf("RECOVERY_BEGIN", rung, { How: how, Cause: cause, ...byField(rung.recovery.by) }, parameters);

/** The price came back into the reach of its take profit before anything was begun: it is still held, but not stuck. */
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
  const fields: Record<string, string | number> = {
    How: how,
    ...(cause === undefined || how === "taken" ? {} : { Cause: cause }),
    ...byField(
      how === "person" ? askedBy : how === "ladder" || cause === "chosen" ? rung.recovery.by : undefined,
    ),
    ...(rung.lost > 0 || last?.lastFillAt === undefined ? {} : { At: last.lastFillAt }),
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

/**
 * At a start: how the cycles ended that were over when nobody looked. Whether any of them was stuck only the trade log knows,
 * which leaves out what is no news.
 */
export const endsOf = (
  rungs: readonly Rung[],
  parameters: GridParameters,
  view: EngineView,
): readonly LogTradeIntent[] =>
  rungs.flatMap((rung) => {
    const sum = sums(rung);
    if (sum.entryFilled === 0 || sum.held > 0) return [];
    rung.recovery = newRecovery();
    return [recoveredHealth(rung, sum, undefined, parameters, view)];
  });

/** The order that closed something last. */
function lastExit({ orders }: Rung): OrderRecord | undefined {
  let last: OrderRecord | undefined;
  for (const order of orders) {
    if (order.facts.role === "entry" || order.filled === 0) continue;
    if (last === undefined || (order.lastFillAt ?? 0) >= (last.lastFillAt ?? 0)) last = order;
  }
  return last;
}

/** What its last execution was for. */
function wayOf({ lost }: Rung, last: OrderRecord | undefined): WayOut {
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
