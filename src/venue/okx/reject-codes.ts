import type { ConditionalRequest, RejectReason } from "../exchange.ts";
import { Refusal } from "./refusal.ts";

const NO_POSITION =
  "Order failed because you don't have any positions in this direction for this contract to reduce or close.";

/** OKX's code for each of the exchange's own reasons; those of conditional triggers depend on the order (see `triggerRefusal`). */
const CODES: Readonly<Record<RejectReason, readonly [code: number, msg: string]>> = {
  unknownInstrument: [51001, "Instrument ID or Spread ID doesn't exist."],
  priceNotOnTick: [51000, "Parameter px error"],
  quantityNotOnLot: [51121, "Order quantity must be a multiple of the lot size."],
  priceOutOfRange: [51006, "Order price is not within the price limit"],
  priceTooFarAbove: [51006, "Order price is not within the price limit (Maximum buy price exceeded)"],
  priceTooFarBelow: [51006, "Order price is not within the price limit (Minimum sell price not reached)"],
  quantityZero: [51000, "Parameter sz error"],
  quantityBelowMin: [51020, "Your order should meet or exceed the minimum order amount."],
  quantityAboveMax: [51101, "Entered amount exceeds the max pending order amount (Cont) per transaction."],
  notionalTooSmall: [51020, "Your order should meet or exceed the minimum order amount."],
  duplicateClientId: [51016, "Client order ID already exists."],
  marginInsufficient: [51008, "Order failed. Insufficient USDT margin in account."],
  wouldTakePostOnly: [51000, "Parameter ordType error"],
  cannotFillFillOrKill: [51000, "Parameter ordType error"],
  reduceOnlyRejected: [51169, NO_POSITION],
  reduceOnlyConflict: [51112, "Close order size exceeds available size for this position."],
  positionSideMismatch: [51000, "Parameter posSide error"],
  tooManyOrders: [51102, "Entered amount exceeds the max pending count."],
  tooManyConditionalOrders: [51261, "Number of pending stop orders has reached the limit."],
  wouldTriggerAtOnce: [51280, "SL trigger price can't be higher than the last price"],
  noLiquidity: [51109, "There is no available depth for this coin."],
  inLiquidation: [50020, "Position frozen and related operations restricted due to forced liquidation."],
  leverageNotAllowed: [59102, "Leverage exceeds the maximum limit. Please lower the leverage."],
  leverageReductionRefused: [59105, "Leverage can't be less than the current one while a position is open."],
  noChangeNeeded: [59000, "Nothing to change."],
  openOrdersOrPositionsExist: [59000, "Setting failed. Cancel any open orders, close positions first."],
  unknownOrder: [51603, "Order does not exist"],
  marginCannotBeReduced: [59301, "Margin adjustment failed for exceeding the max limit."],
  instrumentSettling: [51021, "The contract is pending listing, or only lets positions shrink."],
  instrumentClosed: [51027, "Contract expired."],
  stopRefused: [51000, "Parameter slTriggerPx error"],
  closePositionExists: [51000, "Parameter closeFraction error"],
  activationInvalid: [51250, "Algo order price is out of the available range."],
  callbackInvalid: [51257, "Trailing order callback rate error."],
  onlyLimitAmendable: [51506, "Order modification unavailable for the order type"],
  noAmendNeeded: [51500, "You must enter a price, quantity, or TP/SL"],
};

/** OKX's refusal for one of the exchange's reasons. */
export const refusalOf = (reason: RejectReason): Refusal => new Refusal(...CODES[reason]);

/** By what a trigger looks at: the codes of a take profit that buys or sells, and of a stop that does. */
const REACHED = {
  contract: { price: "last price", profit: { buy: 51277, sell: 51279 }, stop: { buy: 51278, sell: 51280 } },
  mark: { price: "mark price", profit: { buy: 51300, sell: 51303 }, stop: { buy: 51302, sell: 51304 } },
} as const;

/** The trigger of a conditional order is already reached: which code, by what it is, which way it goes and what it looks at. */
export function triggerRefusal({
  kind,
  side,
  workingType,
}: Pick<ConditionalRequest, "kind" | "side" | "workingType">): Refusal {
  const { price, profit, stop } = REACHED[workingType];
  const isStop = kind === "stop" || kind === "stopMarket";
  const isLower = isStop === (side === "buy");
  const code = (isStop ? stop : profit)[side];
  return new Refusal(
    code,
    `${isStop ? "SL" : "TP"} trigger price cannot be ${isLower ? "lower" : "higher"} than the ${price}`,
  );
}
