import type { AccountId, InstrumentId } from "./instrument.ts";
import { invariant, unreachable } from "./invariant.ts";
import { type Lots, lots, type Millis, type Side, type Ticks, type Value, value } from "./units.ts";

/** Which book of a hedge-mode account an order belongs to; `both` in one-way mode. */
export type PositionSide = "both" | "long" | "short";

/** The book of the other direction of an instrument; one-way mode has none. */
export const otherSide = (side: PositionSide): PositionSide =>
  side === "both" ? "both" : side === "long" ? "short" : "long";

/** What an order is for; part of its client id, so that it can be told from the exchange alone. */
export type Role = "entry" | "takeProfit" | "stop" | "ladder" | "hedge" | "close" | "lastStop";

/**
 * Why an engine closes at the market: a person or the desk asked; a person chose it for a stuck position, or recovery does,
 * or its loss is beyond its stop; the other leg of its hedged pair closes; its stop was refused, late or jumped over; it is
 * halted. Part of the client id too, so that a later life tells the same.
 */
export type CloseCause =
  | "asked"
  | "chosen"
  | "recovery"
  | "loss"
  | "hedge"
  | "stopRefused"
  | "stopLate"
  | "beyondStop"
  | "halted";

/** How an order executes. `stopMarket` rests as a conditional order on mark price until its trigger. */
export type OrderKind = "limit" | "market" | "stopMarket";

/** An engine's name, e.g. "grid1"; "desk" for orders of the desk itself, "foreign" for what is not ours. */
export type EngineId = string;

/** The facts of an order that never change. One that `closesAll` has the lots that were held when it was sent. */
export interface OrderFacts {
  readonly clientId: string;
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly engine: EngineId;
  readonly role: Role;
  readonly rung: number;
  readonly slice: number;
  readonly side: Side;
  readonly kind: OrderKind;
  readonly price?: Ticks;
  readonly trigger?: Ticks;
  readonly lots: Lots;
  readonly isReduceOnly: boolean;
  readonly isPostOnly: boolean;
  /** Of a close, where its engine says. */
  readonly cause?: CloseCause;
}

/**
 * Where an order is in its life. `sending`: on its way, no answer yet. `unknown`: the answer was lost, only a query
 * may tell. `canceling`: it rests and a cancel is on its way. The last five are final.
 */
export type OrderState =
  | "sending"
  | "unknown"
  | "resting"
  | "canceling"
  | "triggered"
  | "filled"
  | "canceled"
  | "expired"
  | "rejected";

/** What can happen to an order. `absent`: a query found nothing after it could no longer arrive (invariant I1). */
export type OrderChange =
  | "accepted"
  | "partlyFilled"
  | "filled"
  | "cancelSent"
  | "cancelRefused"
  | "canceled"
  | "expired"
  | "rejected"
  | "triggered"
  | "outcomeLost"
  | "absent";

/**
 * Slices of stops from here on are those of a hedged pair. They take the place of a rung's own stops, and while they do both
 * rest for a moment: of the two kinds only one is ever meant (I4).
 */
export const PAIR_SLICE = 18;

/** Whether a stop is that of a rung in a hedged pair. */
export const isPairStop = ({ role, slice }: Pick<OrderFacts, "role" | "slice">): boolean =>
  role === "stop" && slice >= PAIR_SLICE;

/** Slice of what the desk itself closes for an engine that does not run: no rung has come that far when it closes. */
export const RETIRED_SLICE = 35;

/**
 * Whether an order closes all of its book, however much that is by then (Binance: `closePosition`): the last stop, which is the
 * desk's own and stands behind those of the engines (I4).
 */
export const closesAll = ({ role }: Pick<OrderFacts, "role">): boolean => role === "lastStop";

/** Whether an order opens what its rung, or the rung's hedge, holds; a hedge that is taken back has the other side. */
export const isOpening = ({
  role,
  side,
  positionSide,
}: Pick<OrderFacts, "role" | "side" | "positionSide">): boolean =>
  role === "entry" || (role === "hedge" && (positionSide === "long") === (side === "buy"));

/** States in which an order can still execute, or may exist without our knowing. */
export const isLive = (state: OrderState): boolean =>
  state === "sending" || state === "unknown" || state === "resting" || state === "canceling";

/**
 * The one table of the life of an order: the next state, or undefined where the change is stale news and
 * leaves the state alone. Final states are sticky; fills still count there (see `OrderRecord.filled`).
 */
export function nextState(state: OrderState, change: OrderChange): OrderState | undefined {
  switch (state) {
    case "sending":
    case "unknown":
      return FIRST_ANSWER[change];
    case "resting":
      return FROM_RESTING[change];
    case "canceling":
      return FROM_CANCELING[change];
    case "triggered":
      // The spawned order carries the fills; the conditional one ends when it is finished or refused.
      return change === "filled" || change === "expired" || change === "rejected" || change === "canceled"
        ? change
        : undefined;
    case "canceled":
    case "expired":
      // Real world: the cancel's answer overtook the last fill.
      return change === "filled" ? "filled" : undefined;
    case "rejected":
      // Real world: a late submit was accepted after we had taken it for absent, or an old acknowledgement came
      // after a refusal. Only a query may say which (I9).
      return change === "accepted" || change === "partlyFilled"
        ? "unknown"
        : change === "filled"
          ? "filled"
          : undefined;
    case "filled":
      return undefined;
    default:
      return unreachable(state);
  }
}

const FIRST_ANSWER: Readonly<Record<OrderChange, OrderState | undefined>> = {
  accepted: "resting",
  partlyFilled: "resting", // a fill may overtake the acknowledgement
  filled: "filled",
  cancelSent: "canceling",
  cancelRefused: "unknown",
  canceled: "canceled",
  expired: "expired",
  rejected: "rejected",
  triggered: "triggered",
  outcomeLost: "unknown",
  absent: "rejected",
};

const FROM_RESTING: Readonly<Record<OrderChange, OrderState | undefined>> = {
  accepted: undefined,
  partlyFilled: undefined,
  filled: "filled",
  cancelSent: "canceling",
  cancelRefused: "unknown",
  canceled: "canceled",
  expired: "expired",
  rejected: "rejected",
  triggered: "triggered",
  outcomeLost: undefined,
  absent: "canceled", // the exchange forgot it: it was cancelled unfilled
};

const FROM_CANCELING: Readonly<Record<OrderChange, OrderState | undefined>> = {
  ...FROM_RESTING,
  cancelSent: undefined,
  // Refused cancels mean "gone already" or "not now": only a query may say which.
  cancelRefused: "unknown",
  outcomeLost: "unknown",
};

/** One order with all that is known of it. Only the functions of this file and the desk's order book change it. */
export interface OrderRecord {
  /** Of these only the lots may change: an exchange cuts a reducer to what is held. */
  facts: OrderFacts;
  state: OrderState;
  venueOrderId: string | undefined;
  /** The normal order that a triggered conditional order became. */
  spawnedOrderId: string | undefined;
  filled: Lots;
  /** The exchange has shown it: it was taken. */
  isProven: boolean;
  /** Sum of the notionals of the fills, in steps of the settle asset; never negative. */
  cost: Value;
  fees: Value;
  realized: Value;
  createdAt: Millis;
  /** Wall time of the request; undefined for orders found on the exchange. */
  sentWallAt: Millis | undefined;
  updatedAt: Millis;
  /** Wall time of the last news; truth that was read before it proves nothing. */
  updatedWallAt: Millis;
  firstFillAt: Millis | undefined;
  lastFillAt: Millis | undefined;
  readonly tradeIds: Set<string>;
  /** The exchange's or the guard's reason when it was refused. */
  reason: string | undefined;
  /** Wall time at which the desk last asked for its cancel; undefined: if it is cancelled, it was somebody else. */
  cancelAskedWallAt: Millis | undefined;
  /** It rested, and somebody else than the desk cancelled it. */
  wasTaken: boolean;
  /** Wall time at which the exchange cut it to fewer lots: somebody else reduces, or less is held than we think. */
  cutWallAt: Millis | undefined;
  /** The exchange said that it is filled, or how much was when it ended; not all of its fills may have been counted yet. */
  isToldFilled: boolean;
  /** How it ended, while fills that it is told to have had are still missing. */
  ended: { readonly as: "canceled" | "expired"; readonly executed: Lots } | undefined;
  /** Its end was never told, only concluded from questions that found nothing: it may still show up. */
  isPresumedGone: boolean;
}

/** A fresh record of an order that leaves (`sending`) or was found (`unknown` until its state is told). */
export function newOrder(
  facts: OrderFacts,
  state: "sending" | "unknown",
  at: Millis,
  wallAt: Millis,
): OrderRecord {
  return {
    facts,
    state,
    venueOrderId: undefined,
    spawnedOrderId: undefined,
    filled: lots(0),
    isProven: false,
    cost: value(0),
    fees: value(0),
    realized: value(0),
    createdAt: at,
    sentWallAt: state === "sending" ? wallAt : undefined,
    updatedAt: at,
    updatedWallAt: wallAt,
    firstFillAt: undefined,
    lastFillAt: undefined,
    tradeIds: new Set(),
    reason: undefined,
    cancelAskedWallAt: undefined,
    wasTaken: false,
    cutWallAt: undefined,
    isToldFilled: false,
    ended: undefined,
    isPresumedGone: false,
  };
}

/** Moves an order along the table; false when the news is stale. */
export function applyChange(order: OrderRecord, change: OrderChange, at: Millis, wallAt: Millis): boolean {
  const next = order.isPresumedGone && shows(order, change) ? "unknown" : nextState(order.state, change);
  if (wallAt > order.updatedWallAt) order.updatedWallAt = wallAt;
  if (next === undefined) return false;
  order.isPresumedGone = change === "absent";
  order.state = next;
  if (at > order.updatedAt) order.updatedAt = at;
  return true;
}

/** Real world: an exchange that comes up again shows a part of its book first; an order it denied may rest after all. */
const shows = ({ state }: OrderRecord, change: OrderChange): boolean =>
  state === "canceled" && (change === "accepted" || change === "partlyFilled");

/** The exchange says how much an order that `closesAll` turned out to be. */
export function sizedAs(order: OrderRecord, size: Lots, at: Millis, wallAt: Millis): void {
  if (size <= 0) return;
  order.facts = { ...order.facts, lots: size };
  if (order.filled >= size) applyChange(order, "filled", at, wallAt);
}

/** The exchange cut an order to fewer lots (Binance: AMENDMENT, or a trigger over a smaller position). */
export function cutTo(order: OrderRecord, size: Lots, at: Millis, wallAt: Millis): void {
  if (size <= 0 || size >= order.facts.lots) return;
  order.facts = { ...order.facts, lots: size };
  order.cutWallAt = wallAt;
  if (order.filled >= size) applyChange(order, "filled", at, wallAt);
}

/**
 * The exchange said that an order ended with so much of it executed, more than was counted: until those fills are counted
 * too it lives for that much.
 */
export function endShort(order: OrderRecord, as: "canceled" | "expired", executed: Lots): void {
  order.ended = { as, executed };
  order.isToldFilled = true;
}

/** One execution, as counted by an order. */
export interface Execution {
  readonly tradeId: string;
  readonly lots: Lots;
  readonly cost: Value;
  readonly fee: Value;
  readonly realized: Value;
  readonly at: Millis;
}

/** What became of an execution: counted, seen before, or more than the order had (`overfill`, counted too). */
export type FillVerdict = "counted" | "duplicate" | "overfill";

/** Counts an execution once, whatever the order in which copies of it arrive. */
export function applyFill(order: OrderRecord, fill: Execution, wallAt: Millis): FillVerdict {
  invariant(fill.lots > 0, "a fill has lots");
  if (order.tradeIds.has(fill.tradeId)) return "duplicate";
  order.tradeIds.add(fill.tradeId);
  order.filled = lots(order.filled + fill.lots);
  order.cost = value(order.cost + fill.cost);
  order.fees = value(order.fees + fill.fee);
  order.realized = value(order.realized + fill.realized);
  if (order.firstFillAt === undefined || fill.at < order.firstFillAt) order.firstFillAt = fill.at;
  if (order.lastFillAt === undefined || fill.at > order.lastFillAt) order.lastFillAt = fill.at;
  if (closesAll(order.facts) && order.filled > order.facts.lots)
    order.facts = { ...order.facts, lots: order.filled };
  const isWhole = order.filled >= sizeOf(order);
  applyChange(order, isWhole ? (order.ended?.as ?? "filled") : "partlyFilled", fill.at, wallAt);
  return order.filled > order.facts.lots ? "overfill" : "counted";
}

/** Lots that may still execute: 0 for finished orders. */
export const openLots = (order: OrderRecord): Lots =>
  lots(isLive(order.state) ? Math.max(0, sizeOf(order) - order.filled) : 0);

/** Lots of a triggered stop that are still to execute: 0 in any other state. */
export const executingLots = (order: OrderRecord): Lots =>
  lots(order.state === "triggered" ? Math.max(0, sizeOf(order) - order.filled) : 0);

/** What an order executes at most: all of it, or what it had executed when it ended. */
const sizeOf = ({ ended, facts }: OrderRecord): Lots => ended?.executed ?? facts.lots;
