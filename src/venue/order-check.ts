import { notional } from "../core/instrument.ts";
import { lots, opposite, portion, type Ticks, type Value, value } from "../core/units.ts";
import { type ClientOrder, isReducer } from "./client-order.ts";
import type { OrderRequest, RejectReason } from "./exchange.ts";
import { type OwnOrders, preview } from "./matching.ts";
import { topOf } from "./order-side.ts";
import { closable } from "./reduce-only.ts";
import { type Account, holdingOf, type Market, type VenueState } from "./venue-state.ts";

/** The largest worth that sums stay exact with. */
const WORTH_MAX = 4_500_000_000_000_000;

/** What an order is worth in the quote asset; inverse contracts are counted in it. */
function quoteWorth(market: Market, price: Ticks, count: number): Value {
  const { instrument } = market;
  if (instrument.kind === "inverse") return value(count * instrument.unit);
  return notional(instrument, price, lots(count), "down");
}

/** Whether an account in this mode may name this position side. */
export const isSideWrong = (account: Account, side: OrderRequest["positionSide"]): boolean =>
  account.isHedge === (side === "both");

/** The instrument's filters for a quantity. */
export function checkLots(
  market: Market,
  count: number | undefined,
  isMarket: boolean,
): RejectReason | undefined {
  const { lotsMin, lotsMax, marketLotsMax } = market.instrument;
  if (count === undefined || count <= 0) return "quantityZero";
  if (count < lotsMin) return "quantityBelowMin";
  if (count % market.lotStep !== 0) return "quantityNotOnLot";
  return count > (isMarket ? marketLotsMax : lotsMax) ? "quantityAboveMax" : undefined;
}

/** The instrument's filters for a price, and the band around the mark: buys not far above, sells not far below. */
export function checkPrice(
  venue: VenueState,
  market: Market,
  side: OrderRequest["side"] | undefined,
  price: Ticks | undefined,
): RejectReason | undefined {
  const { priceMin, priceMax } = market.instrument;
  if (price === undefined || price < priceMin || price > priceMax) return "priceOutOfRange";
  if (price % market.priceStep !== 0) return "priceNotOnTick";
  const band = portion(value(market.mark), venue.rules.priceBand, "down");
  if (side === "buy" && price > market.mark + band) return "priceTooFarAbove";
  return side === "sell" && price < market.mark - band ? "priceTooFarBelow" : undefined;
}

/** An instrument that ends lets positions only shrink; one that has ended takes nothing. */
function checkStatus(
  account: Account,
  market: Market,
  request: Pick<OrderRequest, "positionSide" | "side" | "reduceOnly">,
  count: number,
): RejectReason | undefined {
  if (market.status === "trading") return undefined;
  if (market.status === "closed") return "instrumentClosed";
  const held = closable(holdingOf(account, market.instrument.id), request.positionSide, request.side);
  return isReducer(request) || count <= held ? undefined : "instrumentSettling";
}

/** What makes an order's checks differ from those of a client's new one. */
interface Exception {
  /** The resting order that it is an amendment of. */
  readonly instead?: ClientOrder | undefined;
  /** It closes a whole position: an odd remainder of a finer lot may go. */
  readonly closesWhole?: boolean;
}

/** Everything about an order that does not depend on positions or money. */
export function checkOrder(
  venue: VenueState,
  account: Account,
  market: Market,
  request: OrderRequest,
  { instead, closesWhole = false }: Exception = {},
): RejectReason | undefined {
  const { instrument } = market;
  const wrongStatus = checkStatus(account, market, request, request.lots - (instead?.filled ?? 0));
  if (wrongStatus !== undefined) return wrongStatus;
  if (isSideWrong(account, request.positionSide)) return "positionSideMismatch";
  if (account.isHedge && request.reduceOnly) return "reduceOnlyRejected";
  const wrongLots = closesWhole ? undefined : checkLots(market, request.lots, request.kind === "market");
  if (wrongLots !== undefined) return wrongLots;
  if (request.kind === "limit") {
    const wrongPrice = checkPrice(venue, market, request.side, request.price);
    if (wrongPrice !== undefined) return wrongPrice;
  }
  const price = request.price ?? market.mark;
  const steps = instrument.kind === "inverse" ? instrument.unit : price * instrument.unit;
  if (request.lots * steps > WORTH_MAX) return "quantityAboveMax";
  if (!isReducer(request) && quoteWorth(market, price, request.lots) < instrument.notionalMin) {
    return "notionalTooSmall";
  }
  return checkList(account, market, request, instead);
}

function checkList(
  account: Account,
  market: Market,
  request: OrderRequest,
  instead: ClientOrder | undefined,
): RejectReason | undefined {
  let own = 0;
  for (const order of account.open.values()) {
    if (order.request.instrument !== market.instrument.id || order === instead) continue;
    if (request.clientId !== "" && order.clientId === request.clientId) return "duplicateClientId";
    own += 1;
  }
  return own >= market.instrument.ordersMax ? "tooManyOrders" : undefined;
}

/** What the visible book says to an order's time in force. */
export function checkBook(
  market: Market,
  request: OrderRequest,
  count: number,
  own: OwnOrders,
): RejectReason | undefined {
  const { side, price, kind, timeInForce } = request;
  if (kind === "market") {
    return preview(market, side, lots(count), undefined, own).lots === 0 ? "noLiquidity" : undefined;
  }
  if (timeInForce === "GTX" && price !== undefined && takes(market, side, price)) return "wouldTakePostOnly";
  if (timeInForce === "FOK" && preview(market, side, lots(count), price, own).lots < count) {
    return "cannotFillFillOrKill";
  }
  return undefined;
}

function takes(market: Market, side: OrderRequest["side"], price: Ticks): boolean {
  const top = topOf(market, opposite(side));
  return top !== undefined && (price - top.price) * (side === "buy" ? 1 : -1) >= 0;
}
