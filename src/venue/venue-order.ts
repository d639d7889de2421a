import type { AccountId, InstrumentId } from "../core/instrument.ts";
import type { Lots, Millis, Side, Ticks, Value } from "../core/units.ts";

/** Which book of a hedge-mode account an order belongs to; `both` in one-way mode. */
export type PositionSide = "both" | "long" | "short";

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
}

/** An order that waits for a trigger price (Binance's algo service). */
export interface ConditionalRequest {
  readonly instrument: InstrumentId;
  readonly clientId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly kind: "stop" | "stopMarket" | "takeProfit" | "takeProfitMarket";
  readonly trigger: Ticks;
  readonly price?: Ticks;
  /** Undefined together with `closePosition`. */
  readonly lots?: Lots;
  readonly closePosition: boolean;
  readonly reduceOnly: boolean;
  readonly workingType: "mark" | "contract";
  readonly timeInForce: "GTC" | "IOC" | "FOK" | "GTX";
}

/** Why the exchange said no; the protocol skin turns each into its numeric code. */
export type RejectReason =
  | "unknownInstrument"
  | "priceNotOnTick"
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
  | "marginCannotBeReduced";

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
  /** Liquidation and deleveraging orders, as their client ids start on Binance. */
  readonly origin: "client" | "liquidation" | "adl";
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
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
  readonly triggeredAt?: Millis;
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
