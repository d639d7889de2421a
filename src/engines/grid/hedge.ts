import type { EngineView } from "../../core/engine.ts";
import { notional } from "../../core/instrument.ts";
import {
  isLive,
  isOpening,
  isPairStop,
  type OrderFacts,
  type OrderRecord,
  otherSide,
} from "../../core/order.ts";
import {
  type Lots,
  lots,
  type Millis,
  mulDiv,
  ONE,
  opposite,
  type Rate,
  rate,
  signOf,
  type Ticks,
  ticks,
} from "../../core/units.ts";
import { entryPrice } from "./exits.ts";
import type { GridParameters } from "./parameters.ts";
import { isLegHeld, isUnfinished, type Rung, type RungSums, sums } from "./rung.ts";

/** How far beyond the best price a hedge may be filled: its slippage is capped, what is left over is tried again. */
const SLIPPAGE: Rate = rate(ONE / 200);
/**
 * From the price of the hedge to each leg's stop, at most. No increase leaves with less than 20 % to liquidation, so the
 * hedge's own stop is inside of it; a stop of the rung is nearer where its liquidation price is near.
 */
const DISTANCE: Rate = rate((15 * ONE) / 100);
/** A leg whose stop would rest nearer than this is no place to wait. */
const DISTANCE_MIN: Rate = rate(ONE / 50);

/** The parameters of the other leg of a grid's hedged pairs: the opposite book, with a stop of its own and no take profit. */
export const legOf = (parameters: GridParameters): GridParameters => ({
  ...parameters,
  positionSide: otherSide(parameters.positionSide),
  direction: opposite(parameters.direction),
  stopLoss: DISTANCE,
  lossMax: undefined,
  stopPrice: undefined,
  pausePrice: undefined,
  isLeg: true,
});

/** A hedge that could be opened now. */
export interface HedgePlan {
  readonly facts: OrderFacts;
  /** Where the stops of the pair would rest: the rung's, and the hedge's. */
  readonly ownStop: Ticks;
  readonly legStop: Ticks;
  /** The rung's liquidation price is too near for its leg to wait. */
  readonly isTooNear: boolean;
}

/** What opening a hedge of so many lots means at the present prices; undefined: there are none. */
export function hedgePlan(
  rung: { readonly index: number; readonly entry: Ticks; readonly lots: Lots },
  clientId: string,
  slice: number,
  parameters: GridParameters,
  view: EngineView,
): HedgePlan | undefined {
  const top = view.top(parameters.instrument);
  const mark = view.mark(parameters.instrument);
  if (top === undefined || mark === undefined) return undefined;
  const leg = legOf(parameters);
  const sign = signOf(leg.direction);
  const best = sign > 0 ? top.ask : top.bid;
  const { priceMin, priceMax } = view.instrument(parameters.instrument);
  const worst = mulDiv(best, ONE + sign * SLIPPAGE, ONE, sign > 0 ? "down" : "up");
  const price = ticks(Math.min(priceMax, Math.max(priceMin, worst)));
  const ownStop = pairStop(rung.entry, price, parameters, view);
  return {
    facts: {
      clientId,
      account: parameters.account,
      instrument: parameters.instrument,
      positionSide: leg.positionSide,
      engine: parameters.engine,
      role: "hedge",
      rung: rung.index,
      slice,
      side: leg.direction,
      kind: "limit",
      price,
      lots: rung.lots,
      isReduceOnly: false,
      isPostOnly: false,
    },
    ownStop,
    legStop: ticks(mulDiv(price, ONE - sign * DISTANCE, ONE, sign > 0 ? "up" : "down")),
    isTooNear: (mark - ownStop) * signOf(parameters.direction) * ONE < mark * DISTANCE_MIN,
  };
}

/** The market order that closes so many lots of a hedge without its rung. `parameters` are those of the other leg. */
export const takeBack = (
  hedge: { readonly index: number; readonly lots: Lots },
  clientId: string,
  slice: number,
  { account, instrument, positionSide, engine, direction }: GridParameters,
): OrderFacts => ({
  clientId,
  account,
  instrument,
  positionSide,
  engine,
  role: "hedge",
  rung: hedge.index,
  slice,
  side: opposite(direction),
  kind: "market",
  lots: hedge.lots,
  isReduceOnly: false,
  isPostOnly: false,
});

/**
 * Where the rung's own stop of a pair rests: 15 % from the hedge's price, or half way to where the rung alone would be
 * liquidated at the grid's leverage, whichever is nearer. It follows from prices that never change, so that no restart moves it.
 */
function pairStop(entry: Ticks, hedgedAt: Ticks, parameters: GridParameters, view: EngineView): Ticks {
  const { direction, leverage, instrument, quantity, positionMax } = parameters;
  const sign = signOf(direction);
  const most = notional(view.instrument(instrument), entry, lots(Math.max(quantity, positionMax)), "up");
  const brackets = view.brackets(instrument);
  const bracket = brackets.findLast(({ floor }) => floor <= most) ?? brackets[0];
  const room = Math.max(0, Math.floor(ONE / leverage) - (bracket?.maintenance ?? 0));
  const liquidation = entry - sign * mulDiv(entry, room, ONE, "down");
  const half = Math.floor(Math.max(0, (hedgedAt - liquidation) * sign) / 2);
  return ticks(hedgedAt - sign * Math.min(half, mulDiv(hedgedAt, DISTANCE, ONE, "down")));
}

/** The pair's stop of a rung whose hedge was opened. */
export const pairStopOf = (rung: Rung, leg: Rung, parameters: GridParameters, view: EngineView): Ticks =>
  pairStop(entryPrice(rung), entryPrice(leg), parameters, view);

/** Orders that opened a hedge or took it back, oldest first. */
const hedgesOf = (leg: Rung): readonly OrderRecord[] =>
  leg.orders.filter(({ facts }) => facts.role === "hedge");

/** Orders that opened the hedge that there is, or was last. */
export const openings = (leg: Rung): readonly OrderRecord[] =>
  sinceLast(leg).filter(({ facts }) => isOpening(facts));

/**
 * Orders since a hedge was last taken back, or had ended otherwise: nothing is opened of one that lost something, so whatever
 * closed a part of it before the latest opening was another hedge's end.
 */
function sinceLast({ orders }: Rung): readonly OrderRecord[] {
  const latest = orders.findLast(({ facts }) => isOpening(facts))?.createdAt ?? 0;
  const isEnd = (order: OrderRecord): boolean =>
    isTakeBack(order) || (!isOpening(order.facts) && (order.lastFillAt ?? latest) < latest);
  const last = orders.findLastIndex((order) => order.filled > 0 && isEnd(order));
  return orders.slice(last + 1);
}

/** Whether a hedge is over and its rung began anew, which takes along what of either was too small to be traded. */
export function isPast({ orders }: Rung, leg: Rung): boolean {
  if (isUnfinished(leg)) return false;
  const latest = leg.orders.findLast(({ facts }) => isOpening(facts))?.createdAt ?? 0;
  return orders.some(({ facts, createdAt }) => facts.role === "entry" && createdAt > latest);
}

const isTakeBack = ({ facts }: OrderRecord): boolean => facts.role === "hedge" && !isOpening(facts);

/** When a hedge was first opened in this cycle. */
export const hedgedSince = (leg: Rung): Millis | undefined => hedgesOf(leg)[0]?.createdAt;

/** Lots that left a hedge otherwise than by being taken back: its stop, a close, a liquidation, somebody's hand. */
export function goneOf(leg: Rung): number {
  let gone: number = leg.lost;
  for (const order of sinceLast(leg)) if (!isOpening(order.facts)) gone += order.filled;
  return gone;
}

/** Whether what is held of a hedge is being taken back; the rung itself goes on without it. */
export function isUnwinding({ recovery, leg }: Rung): boolean {
  if (recovery.hedge !== undefined || leg === undefined) return recovery.hedge === "unwanted";
  const last = hedgesOf(leg).at(-1);
  return last !== undefined && isTakeBack(last) && (isLive(last.state) || last.filled > 0);
}

/** Whether a rung has a hedge, or is getting one. */
export function isHedged(rung: Rung): boolean {
  if (rung.recovery.hedge === "wanted") return true;
  return rung.leg !== undefined && isLegHeld(rung.leg, sums(rung.leg).held);
}

/**
 * Whether the two legs stand as a pair: the hedge is whole and its stop is acknowledged, so that the rung's own exits give way
 * to the pair's. Once they began to, the pair stands for as long as the hedge does.
 */
export function isPaired(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): boolean {
  const { leg } = rung;
  if (leg === undefined || isUnwinding(rung)) return false;
  const { least } = view.sizes(parameters.instrument);
  const its = sums(leg);
  if (its.held < least) return false;
  if (sum.pairStopOpen > 0 || hasGivenWay(rung, leg)) return true;
  const isWhole = its.entryOpen === 0 && sum.held - its.held < openingLeast(parameters, view);
  return isWhole && its.held - its.stopArmed < least;
}

/**
 * The least that the exchange lets anybody open of a hedge: what is missing of one and is less is nothing (on lots). Without a
 * price it is the least that can be traded.
 */
export function openingLeast(parameters: GridParameters, view: EngineView): Lots {
  const { step, least } = view.sizes(parameters.instrument);
  const instrument = view.instrument(parameters.instrument);
  const top = view.top(parameters.instrument);
  if (top === undefined) return least;
  const best = parameters.direction === "buy" ? top.bid : top.ask;
  // The least notional is in the quote asset: an inverse contract is worth so much of it at any price.
  const worth = instrument.kind === "inverse" ? instrument.unit : notional(instrument, best, lots(1), "down");
  const count = Math.ceil(instrument.notionalMin / Math.max(1, worth));
  return lots(Math.max(least, Math.ceil(count / step) * step));
}

/** Whether a rung's own exits began to give way to the hedge that it has: what was cancelled since only makes room for another. */
function hasGivenWay({ orders }: Rung, leg: Rung): boolean {
  const since = openings(leg)[0]?.createdAt ?? Number.POSITIVE_INFINITY;
  return orders.some(
    ({ facts, state, createdAt }) => isPairStop(facts) && state !== "rejected" && createdAt >= since,
  );
}

/** Whether the mark price is back at the rung's entry: the pair has nothing left to wait for. */
export function isBack(rung: Rung, parameters: GridParameters, view: EngineView): boolean {
  const mark = view.mark(parameters.instrument);
  return mark !== undefined && (mark - entryPrice(rung)) * signOf(parameters.direction) >= 0;
}
