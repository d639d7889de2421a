import type { AccountId, InstrumentId } from "../core/instrument.ts";
import type { Lots, Millis, Rate, Side, Ticks, Value } from "../core/units.ts";

/** Which book of a hedge-mode account an order belongs to; `both` in one-way mode. */
export type PositionSide = "both" | "long" | "short";

/** What an order does that would trade with another of its own account; the incoming order's mode decides. */
export type SelfTradeMode = "none" | "expireTaker" | "expireMaker" | "expireBoth";

/** What a client asks the exchange to rest or execute. */
export interface OrderRequest {
  readonly instrument: InstrumentId;
  /** Empty text lets the exchange make one up. The id of a closed order is accepted again. */
  readonly clientId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly kind: "limit" | "market";
  readonly timeInForce: "GTC" | "IOC" | "FOK" | "GTX";
  readonly price?: Ticks;
  readonly lots: Lots;
  readonly reduceOnly: boolean;
  /** The exchange's rule when absent. */
  readonly selfTrade?: SelfTradeMode;
}

/** An order that waits for a trigger price (Binance's algo service). */
export interface ConditionalRequest {
  readonly instrument: InstrumentId;
  readonly clientId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly kind: "stop" | "stopMarket" | "takeProfit" | "takeProfitMarket" | "trailingStopMarket";
  /** Trailing: the activation price, 0 for active at once; its moving trigger is in `VenueConditional.trailing`. */
  readonly trigger: Ticks;
  /** Trailing only: how far the price must come back from its best, from 0.1 % to 10 %. */
  readonly callback?: Rate;
  readonly price?: Ticks;
  /** Undefined together with `closePosition`. */
  readonly lots?: Lots;
  readonly closePosition: boolean;
  readonly reduceOnly: boolean;
  readonly workingType: "mark" | "contract";
  readonly timeInForce: "GTC" | "IOC" | "FOK" | "GTX";
  readonly selfTrade?: SelfTradeMode;
}

/** Why the exchange said no; the protocol skin turns each into its numeric code. */
export type RejectReason =
  | "unknownInstrument"
  | "priceNotOnTick"
  | "quantityNotOnLot"
  | "priceOutOfRange"
  | "priceTooFarAbove"
  | "priceTooFarBelow"
  | "quantityZero"
  | "quantityBelowMin"
  | "quantityAboveMax"
  | "notionalTooSmall"
  | "duplicateClientId"
  | "marginInsufficient"
  | "wouldTakePostOnly"
  | "cannotFillFillOrKill"
  | "reduceOnlyRejected"
  | "reduceOnlyConflict"
  | "positionSideMismatch"
  | "tooManyOrders"
  | "tooManyConditionalOrders"
  | "wouldTriggerAtOnce"
  | "noLiquidity"
  | "inLiquidation"
  | "leverageNotAllowed"
  | "leverageReductionRefused"
  | "noChangeNeeded"
  | "openOrdersOrPositionsExist"
  | "unknownOrder"
  | "marginCannotBeReduced"
  | "instrumentSettling"
  | "instrumentClosed"
  | "stopRefused"
  | "closePositionExists"
  | "activationInvalid"
  | "callbackInvalid"
  | "onlyLimitAmendable"
  | "noAmendNeeded";

/**
 * Why an order ended without (another) fill. `client`: cancelled by its owner; `countdown`: by its owner's countdown; `timeInForce`:
 * what an IOC order left; `noLiquidity`: what a market order left; `reduceOnly`: nothing left to reduce, or a reducer of higher rank;
 * `positionGone`: it waited to close a position that is closed.
 */
export type OrderEndReason =
  | "client"
  | "countdown"
  | "timeInForce"
  | "noLiquidity"
  | "selfTrade"
  | "reduceOnly"
  | "positionGone"
  | "liquidation"
  | "delisting";

/** The life of an order as the exchange tells it. */
export interface VenueOrder {
  readonly orderId: number;
  readonly clientId: string;
  readonly account: AccountId;
  readonly request: OrderRequest;
  readonly status: "new" | "partiallyFilled" | "filled" | "canceled" | "expired" | "rejected";
  readonly filled: Lots;
  /** Sum of fill notionals, in steps of the settle asset. */
  readonly cost: Value;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
  /** Set when a conditional order brought it to life. */
  readonly conditionalId?: number;
  /** Liquidation, deleveraging and end-of-instrument orders, as their client ids start on Binance. */
  readonly origin: "client" | "liquidation" | "adl" | "settlement";
  /** Set once it is canceled or expired. */
  readonly endReason?: OrderEndReason;
}

/** The life of a conditional order. `triggering` lasts while the spawned order is being placed. */
export interface VenueConditional {
  readonly conditionalId: number;
  readonly clientId: string;
  readonly account: AccountId;
  readonly request: ConditionalRequest;
  readonly status: "new" | "triggering" | "triggered" | "finished" | "canceled" | "rejected" | "expired";
  readonly spawnedOrderId?: number;
  readonly rejectReason?: RejectReason;
  /** Set once it is canceled or expired. */
  readonly endReason?: OrderEndReason;
  /** Trailing only. */
  readonly trailing?: TrailingState;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
  readonly triggeredAt?: Millis;
}

/** How far a trailing stop has come: its best price and the trigger that follows it, both only once it is active. */
export interface TrailingState {
  readonly isActive: boolean;
  readonly best?: Ticks;
  readonly trigger?: Ticks;
}

/** One execution of one order. */
export interface VenueTrade {
  readonly tradeId: number;
  readonly orderId: number;
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly price: Ticks;
  readonly lots: Lots;
  readonly fee: Value;
  readonly realized: Value;
  readonly isMaker: boolean;
  readonly at: Millis;
}
