import type { RejectReason } from "../exchange.ts";
import { Refusal } from "./refusal.ts";

/** What the words of a refusal depend on. */
interface RefusedAsk {
  /** Conditional orders: 1 when it waits for the price to rise, 2 to fall. */
  readonly direction?: 1 | 2;
  readonly ask?: "place" | "cancel" | "leverage" | "margin" | "marginMode" | "hedgeMode";
  readonly hasPositions?: boolean;
}

type Answer = readonly [code: number, msg: string];

/**
 * Turns the exchange's closed list of reasons into Bybit's codes and words.
 * @see Bybit v5 "Error Codes" and ccxt's exception table for bybit
 */
export function refusalOf(reason: RejectReason, asked: RefusedAsk = {}): Refusal {
  const found = CODES[reason];
  const [code, msg] = typeof found === "function" ? found(asked) : found;
  return new Refusal(code, msg);
}

const CODES: Readonly<Record<RejectReason, Answer | ((asked: RefusedAsk) => Answer)>> = {
  unknownInstrument: [10001, "symbol invalid"],
  priceNotOnTick: [10001, "params error: price is no whole number of ticks"],
  quantityNotOnLot: [10001, "params error: Qty invalid"],
  priceOutOfRange: [110003, "Order price exceeds the allowable range."],
  priceTooFarAbove: [110003, "Order price exceeds the allowable range."],
  priceTooFarBelow: [110003, "Order price exceeds the allowable range."],
  quantityZero: [10001, "Qty invalid"],
  quantityBelowMin: [10001, "The number of contracts is below the minimum limit allowed"],
  quantityAboveMax: [10001, "The number of contracts exceeds maximum limit allowed: too large"],
  notionalTooSmall: [110094, "Order does not meet minimum order value"],
  duplicateClientId: [110072, "OrderLinkedID is duplicate"],
  marginInsufficient: ({ ask }) =>
    ask === "margin"
      ? [110014, "Insufficient available balance to add additional margin"]
      : [110007, "ab not enough for new order"],
  wouldTakePostOnly: [110003, "EC_PostOnlyWillTakeLiquidity"],
  cannotFillFillOrKill: [110003, "EC_NoImmediateQtyToFill"],
  reduceOnlyRejected: [110017, "current position is zero, cannot fix reduce-only order qty"],
  reduceOnlyConflict: [110017, "Reduce-only rule not satisfied"],
  positionSideMismatch: [10001, "position idx not match position mode"],
  tooManyOrders: [110020, "You can't have more than 500 active orders."],
  tooManyConditionalOrders: [110009, "The number of stop orders exceeds maximum limit allowed."],
  wouldTriggerAtOnce: ({ direction }) =>
    direction === 1
      ? [110092, "expect Rising, but trigger_price <= current"]
      : [110093, "expect Falling, but trigger_price >= current"],
  noLiquidity: [110003, "EC_NoImmediateQtyToFill"],
  inLiquidation: [110005, "position is in liquidation"],
  leverageNotAllowed: ({ ask }) =>
    ask === "place"
      ? [110016, "Requested quantity of contracts exceeds risk limit"]
      : [110013, "Cannot set leverage due to risk limit level"],
  leverageReductionRefused: [110012, "ab not enough for new leverage"],
  noChangeNeeded: ({ ask }) =>
    ask === "hedgeMode"
      ? [110025, "Position mode is not modified"]
      : ask === "leverage"
        ? [110043, "leverage not modified"]
        : [110026, "Cross/isolated margin mode is not modified"],
  openOrdersOrPositionsExist: ({ hasPositions }) =>
    hasPositions
      ? [110024, "You have an existing position, so the position mode cannot be switched"]
      : [110028, "Open orders exist, so you cannot change position mode"],
  unknownOrder: [110001, "order not exists or too late to cancel"],
  marginCannotBeReduced: [110015, "the position is in cross_margin, or can spare no margin"],
  instrumentSettling: [110023, "Currently you can only reduce your positions on this contract."],
  instrumentClosed: [110074, "This contract is not live"],
  stopRefused: [110032, "Illegal order"],
  closePositionExists: [110061, "TP/SL set more than 20"],
  activationInvalid: [110032, "Illegal order"],
  callbackInvalid: [110032, "Illegal order"],
  onlyLimitAmendable: [110032, "Illegal order"],
  noAmendNeeded: [10001, "The order remains unchanged as the parameters entered match the existing ones."],
};
