import type { EngineView } from "../../core/engine.ts";
import type { Intent, PlaceIntent } from "../../core/intent.ts";
import { isOpening, type OrderFacts, type OrderKind, type OrderRecord, type Role } from "../../core/order.ts";
import { type Lots, mulDiv, ONE, opposite, signOf, type Ticks, ticks } from "../../core/units.ts";
import { hasStops, lossStop } from "./loss-limit.ts";
import type { GridParameters } from "./parameters.ts";
import { liveOf, nextSlice, type Rung } from "./rung.ts";

/** A reduce-only order that a rung wants. */
export interface ExitWish {
  readonly role: "takeProfit" | "stop" | "close" | "ladder";
  readonly lots: Lots;
  /** Undefined: the next one of its role. */
  readonly slice?: number;
  /** Of a slice of a ladder. */
  readonly price?: Ticks;
  /** For a proposal: the client id that follows from it. */
  readonly clientId?: string | undefined;
  /** Of a stop of a hedged pair: where it rests instead of the rung's own. */
  readonly trigger?: Ticks;
}

/** The reduce-only order of a wish: take profit and ladder (limit), stop (on mark price) or close (at the market). */
export function exit(rung: Rung, wish: ExitWish, parameters: GridParameters, view: EngineView): PlaceIntent {
  const { role } = wish;
  const cause = role === "close" ? rung.closing?.cause : undefined;
  const slice = wish.slice ?? nextSlice(rung, role, wish.trigger !== undefined);
  const entry = entryPrice(rung);
  const facts: OrderFacts = {
    clientId: wish.clientId ?? view.newId(role, rung.index, slice, cause),
    account: parameters.account,
    instrument: parameters.instrument,
    positionSide: parameters.positionSide,
    engine: parameters.engine,
    role,
    rung: rung.index,
    slice,
    side: opposite(parameters.direction),
    kind: KIND[role],
    lots: wish.lots,
    isReduceOnly: parameters.positionSide === "both",
    isPostOnly: false,
    ...(role === "takeProfit" ? { price: takeProfitPrice(entry, parameters) } : {}),
    ...(role === "ladder" && wish.price !== undefined ? { price: wish.price } : {}),
    ...(role === "stop" ? { trigger: wish.trigger ?? triggerOf(entry, parameters, view) } : {}),
    ...(cause === undefined ? {} : { cause }),
  };
  return { type: "place", facts, reason: cause ?? role };
}

const KIND: Readonly<Record<ExitWish["role"], OrderKind>> = {
  takeProfit: "limit",
  ladder: "limit",
  stop: "stopMarket",
  close: "market",
};

/** Takes back what rests of one role. */
export const cancelAll = (rung: Rung, role: Role, reason: string): Intent[] =>
  cancels(liveOf(rung, role), reason);

/** Takes back those of some orders that rest. */
export const cancels = (orders: readonly OrderRecord[], reason: string): Intent[] =>
  orders
    .filter((order) => order.state === "resting")
    .map((order) => ({ type: "cancel", clientId: order.facts.clientId, reason }) as const);

/** Takes back as many of a rung's exits, the youngest first, as are more than what is held. */
export function cancelExcess(orders: readonly OrderRecord[], excess: number): Intent[] {
  const tooMany: OrderRecord[] = [];
  let left = excess;
  for (const order of [...orders].reverse()) {
    if (left <= 0) break;
    left -= order.facts.lots - order.filled;
    tooMany.push(order);
  }
  return cancels(tooMany, "more than is held");
}

/**
 * The rung's entry price: what its entry order asked for (a maker is never filled at another price). Of a hedge it is the worst
 * price at which its latest order might have been filled.
 */
export function entryPrice({ orders }: Rung): Ticks {
  const entry =
    orders.find(({ facts, filled }) => facts.role === "entry" && filled > 0) ??
    orders.findLast(({ facts, filled }) => isOpening(facts) && filled > 0);
  return entry?.facts.price ?? ticks(1);
}

/** Where the profit is taken: rounded away from the entry, so that it is never less than asked for. */
export function takeProfitPrice(entry: Ticks, parameters: GridParameters): Ticks {
  const sign = signOf(parameters.direction);
  return ticks(mulDiv(entry, ONE + sign * parameters.takeProfit, ONE, sign > 0 ? "up" : "down"));
}

/** Where a rung's stop rests: its own, or its part of the purse's loss limit. */
export function triggerOf(entry: Ticks, parameters: GridParameters, view: EngineView): Ticks {
  const { stopLoss, lossMax, instrument } = parameters;
  if (stopLoss !== undefined || lossMax === undefined) return stopPrice(entry, parameters);
  return lossStop(entry, lossMax, parameters, view.instrument(instrument));
}

/** Whether a stop with this trigger would fire at once; without a mark price it might. */
export function isBeyond(trigger: Ticks, parameters: GridParameters, view: EngineView): boolean {
  const mark = view.mark(parameters.instrument);
  return mark === undefined || (mark - trigger) * signOf(parameters.direction) <= 0;
}

/** Whether a rung of a hedged pair would be closed as soon as it is without its hedge: its own stop is passed. */
export const needsHedge = (entry: Ticks, parameters: GridParameters, view: EngineView): boolean =>
  hasStops(parameters) && isBeyond(triggerOf(entry, parameters, view), parameters, view);

/** Where the loss is cut: rounded towards the entry, so that it is never more than allowed. */
export function stopPrice(entry: Ticks, parameters: GridParameters): Ticks {
  const sign = signOf(parameters.direction);
  return ticks(mulDiv(entry, ONE - sign * (parameters.stopLoss ?? 0), ONE, sign > 0 ? "up" : "down"));
}
