import type { Instrument } from "../../core/instrument.ts";
import { textOf, VALUE_STEP } from "../../core/text.ts";
import { ONE, type Ticks } from "../../core/units.ts";
import type { RejectReason } from "../exchange.ts";
import { VENUE_RULES } from "../venue-rules.ts";
import { Refusal } from "./refusal.ts";

/** What the words of a refusal may need to name. */
export interface RefusedAsk {
  readonly instrument?: Instrument;
  readonly price?: Ticks | undefined;
  readonly mark?: Ticks | undefined;
  readonly leverage?: number;
  readonly ask?: "place" | "cancel" | "query" | "marginMode" | "hedgeMode" | "leverage" | "margin";
  /** Whether positions (rather than orders) stand in the way of a mode change. */
  readonly hasPositions?: boolean;
}

/**
 * Turns the exchange's closed list of reasons into Binance's codes and words.
 * @see research of error codes: ccxt's exception tables for binanceusdm and Binance's error code page.
 */
export function refusalOf(reason: RejectReason, asked: RefusedAsk = {}): Refusal {
  const [code, msg] = CODES[reason](asked);
  return new Refusal(code, msg);
}

type Answer = readonly [code: number, msg: string];
const fixed = (code: number, msg: string) => (): Answer => [code, msg];

const BAND = VENUE_RULES.priceBand / ONE;

/** How far a limit price may lie from the mark, as exchangeInfo's PERCENT_PRICE filter says it. */
export const PRICE_BAND = { up: 1 + BAND, down: 1 - BAND } as const;

function bandText(asked: RefusedAsk, factor: number): string {
  const { instrument, mark } = asked;
  if (instrument === undefined || mark === undefined) return "the price band";
  const edge = factor > 1 ? Math.floor(mark * factor) : Math.ceil(mark * factor);
  return textOf(edge, instrument.tick);
}

const CODES: Readonly<Record<RejectReason, (asked: RefusedAsk) => Answer>> = {
  unknownInstrument: fixed(-1121, "Invalid symbol."),
  priceNotOnTick: fixed(-4014, "Price not increased by tick size."),
  priceOutOfRange: ({ instrument, price }) =>
    instrument !== undefined && price !== undefined && price > instrument.priceMax
      ? [-4002, "Price greater than max price."]
      : [-4013, "Price less than min price."],
  priceTooFarAbove: (asked) => [-4016, `Limit price can't be higher than ${bandText(asked, PRICE_BAND.up)}.`],
  priceTooFarBelow: (asked) => [
    -4024,
    `Limit price can't be lower than ${bandText(asked, PRICE_BAND.down)}.`,
  ],
  quantityZero: fixed(-4003, "Quantity less than or equal to zero."),
  quantityBelowMin: fixed(-4004, "Quantity less than min quantity."),
  quantityAboveMax: fixed(-4005, "Quantity greater than max quantity."),
  notionalTooSmall: ({ instrument }) => [
    -4164,
    `Order's notional must be no smaller than ${
      instrument === undefined ? "the minimum" : plain(instrument.notionalMin)
    } (unless you choose reduce only).`,
  ],
  duplicateClientId: fixed(-4116, "ClientOrderId is duplicated."),
  marginInsufficient: fixed(-2019, "Margin is insufficient."),
  wouldTakePostOnly: fixed(
    -5022,
    "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history",
  ),
  cannotFillFillOrKill: fixed(
    -5021,
    "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history",
  ),
  reduceOnlyRejected: fixed(-2022, "ReduceOnly Order is rejected."),
  reduceOnlyConflict: fixed(
    -4118,
    "ReduceOnly Order Failed. Please check your existing position and open orders",
  ),
  positionSideMismatch: fixed(-4061, "Order's position side does not match user's setting."),
  tooManyOrders: fixed(-2025, "Reach max open order limit."),
  tooManyConditionalOrders: fixed(-4045, "Reach max stop order limit."),
  wouldTriggerAtOnce: fixed(-2021, "Order would immediately trigger."),
  noLiquidity: fixed(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."),
  inLiquidation: fixed(-2023, "User in liquidation mode now."),
  leverageNotAllowed: ({ ask, leverage }) =>
    ask === "place"
      ? [-2027, "Exceeded the maximum allowable position at current leverage."]
      : [-4028, `Leverage ${leverage ?? ""} is not valid`],
  leverageReductionRefused: fixed(
    -4161,
    "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
  ),
  noChangeNeeded: ({ ask }) =>
    ask === "hedgeMode"
      ? [-4059, "No need to change position side."]
      : [-4046, "No need to change margin type."],
  openOrdersOrPositionsExist: ({ ask, hasPositions }) => {
    if (ask === "hedgeMode") {
      return hasPositions
        ? [-4068, "Position side cannot be changed if there exists position."]
        : [-4067, "Position side cannot be changed if there exists open orders."];
    }
    return hasPositions
      ? [-4048, "Margin type cannot be changed if there exists position."]
      : [-4047, "Margin type cannot be changed if there exists open orders."];
  },
  unknownOrder: ({ ask }) =>
    ask === "query" ? [-2013, "Order does not exist."] : [-2011, "Unknown order sent."],
  marginCannotBeReduced: fixed(-4051, "Isolated balance insufficient."),
  quantityNotOnLot: fixed(-4023, "Quantity not increased by step size."),
  instrumentSettling: fixed(-4140, "Invalid symbol status for opening position."),
  instrumentClosed: fixed(-4141, "Symbol is closed."),
  stopRefused: fixed(-2010, "Order would be rejected."),
  closePositionExists: fixed(
    -4130,
    "An open stop or take profit order with GTE and closePosition in the direction is existing.",
  ),
  activationInvalid: fixed(-4135, "Invalid activation price."),
  callbackInvalid: fixed(-1130, "Data sent for parameter 'callbackRate' is not valid."),
  onlyLimitAmendable: fixed(-5025, "Only limit order is supported."),
  noAmendNeeded: fixed(-5027, "No need to modify the order."),
};

/** Money without the zeros nobody reads: 100 rather than 100.00000000. */
const plain = (amount: number): string => textOf(amount, VALUE_STEP).replace(/\.?0+$/, "");
