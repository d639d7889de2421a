import type { EngineView } from "../../core/engine.ts";
import { averagePrice, type Instrument, notional } from "../../core/instrument.ts";
import { otherSide } from "../../core/order.ts";
import { holdingLoss, wholeLoss } from "../../core/position.ts";
import { ANY_QUOTE, type Quiet } from "../../core/quiet.ts";
import { lots, signOf, type Ticks, ticks, type Value, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";

/**
 * What the purse has lost since the engine last held nothing in both of its books: what closes have realised since then, less
 * all fees, and what is held at the mark price; funding aside. It follows from the engine's executions in their order alone,
 * so that a restart finds the same. What was lost when a person let a halted engine go on, with a rest too small to be closed,
 * counts no more. `made`: by the hedges that were over by then (`LossBaseline`).
 */
function lossAt(mark: Ticks, parameters: GridParameters, made: Value, view: EngineView): Value {
  const { instrument, positionSide } = parameters;
  const share = view.position(instrument, positionSide);
  const of = view.instrument(instrument);
  // What a hedge gains stands against what its rung loses, when it is over too.
  const other = positionSide === "both" ? undefined : view.position(instrument, otherSide(positionSide));
  const loss = holdingLoss(share, of, mark) + (other === undefined ? 0 : wholeLoss(other, of, mark));
  const forgiven = view.forgivenLoss;
  return value(loss - (forgiven?.before === share.before ? forgiven.loss : 0 - made));
}

/** The purse's own loss limit is reached (X8, X39): all is closed. */
export function isLossReached(parameters: GridParameters, made: Value, view: EngineView): boolean {
  const mark = view.mark(parameters.instrument);
  return mark !== undefined && isReachedAt(mark, parameters, made, view);
}

function isReachedAt(mark: Ticks, parameters: GridParameters, made: Value, view: EngineView): boolean {
  if (parameters.lossMax === undefined) return false;
  const loss = lossAt(mark, parameters, made, view);
  return loss > 0 && loss >= parameters.lossMax;
}

/** Mark prices at which the loss limit is surely not reached; undefined: the present one may. */
export function quietLoss(parameters: GridParameters, made: Value, view: EngineView): Quiet | undefined {
  const { lossMax, instrument, positionSide } = parameters;
  if (lossMax === undefined) return ANY_QUOTE;
  const mark = view.mark(instrument);
  if (mark === undefined || isReachedAt(mark, parameters, made, view)) return undefined;
  const sign = Math.sign(view.position(instrument, positionSide).lots);
  if (sign === 0) return ANY_QUOTE;
  const loss = lossAt(mark, parameters, made, view);
  const perTick = lossAt(ticks(mark - sign), parameters, made, view) - loss;
  // As if it went on in a straight line; where it does not, a nearer price will do.
  let away = Math.floor((lossMax - loss) / Math.max(1, perTick));
  if (sign > 0) away = Math.min(away, mark - 1);
  while (away > 0 && isReachedAt(ticks(mark - sign * away), parameters, made, view))
    away = Math.floor(away / 2);
  return sign > 0 ? { ...ANY_QUOTE, markFrom: mark - away } : { ...ANY_QUOTE, markTo: mark + away };
}

/** Whether each held lot has a stop that rests at the exchange: its own, or its part of the purse's loss limit (I3). */
export const hasStops = ({ stopLoss, lossMax }: Pick<GridParameters, "stopLoss" | "lossMax">): boolean =>
  stopLoss !== undefined || lossMax !== undefined;

/**
 * With the rung stops switched off the purse's loss limit rests as stops instead (X8, I3): each lot's where it has lost
 * its part of the limit, which is shared out over all that the grid may ever hold. So the stops that rest never add up to
 * more than the limit, whatever fills while the desk is dead, and none has to move when another rung fills. Rounded towards
 * the entry.
 */
export function lossStop(entry: Ticks, limit: Value, parameters: GridParameters, of: Instrument): Ticks {
  const { direction, quantity, ordersMax, positionMax } = parameters;
  const sign = signOf(direction);
  const most = lots(Math.max(quantity, Math.min(positionMax, quantity * ordersMax)));
  // An inverse contract's worth in coins rises when its price falls.
  const worth = notional(of, entry, most, "nearest") - limit * sign * (of.kind === "inverse" ? -1 : 1);
  const found = worth > 0 ? averagePrice(of, value(worth), most) : undefined;
  // Even at a price of nothing it would not be lost.
  if (found === undefined) return sign > 0 ? of.priceMin : of.priceMax;
  const price = found + (isWithin(found, entry, limit, most, sign, of) ? 0 : sign);
  return ticks(Math.min(of.priceMax, Math.max(of.priceMin, price)));
}

/** Whether `size` lots from `entry` have lost no more than the limit at a price. */
function isWithin(
  price: Ticks,
  entry: Ticks,
  limit: Value,
  size: number,
  sign: number,
  of: Instrument,
): boolean {
  if (price <= 0) return false;
  const direction = sign * (of.kind === "inverse" ? -1 : 1);
  const gain = notional(of, price, lots(size), "nearest") - notional(of, entry, lots(size), "nearest");
  return gain * direction >= -limit;
}
