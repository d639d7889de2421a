import { invariant } from "../core/invariant.ts";
import { type Lots, lots, opposite, type Side, signOf, type Ticks } from "../core/units.ts";
import { type ClientOrder, isOpen, isReducer } from "./client-order.ts";
import type { SelfTradeMode } from "./exchange.ts";
import { endOrder } from "./order-end.ts";
import { bestOf, restingOf, seededFrom } from "./order-side.ts";
import { closable, closingSide, endClosers, fitReducers } from "./reduce-only.ts";
import { settle } from "./settlement.ts";
import { type Account, bookOf, holdingOf, type Market, type VenueState } from "./venue-state.ts";

/** Whether `price` is acceptable to an order with this limit; no limit accepts all. */
const isWithin = (side: Side, price: Ticks, limit: Ticks | undefined): boolean =>
  limit === undefined || (side === "buy" ? price <= limit : price >= limit);

/** Executes an incoming order against the visible book, best price first, clients' orders before the market's own. */
export function execute(
  venue: VenueState,
  market: Market,
  order: ClientOrder,
  limit: Ticks | undefined,
): void {
  const against = opposite(order.side);
  const { depth } = market;
  const by = order.side === "buy" ? depth.priceStep : -depth.priceStep;
  let own = depth.rasterFrom(against, seededFrom(market, against));
  const end = depth.endOf(against);
  while (isOpen(order) && wanted(order) > 0) {
    while ((end - own) * by > 0 && depth.left(against, own) === 0) own = (own + by) as Ticks;
    const client = bestOf(market, against);
    const hasOwn = (end - own) * by > 0 && own > 0;
    if (client !== undefined && (!hasOwn || (own - client.price) * by >= 0)) {
      if (!isWithin(order.side, client.price, limit)) return;
      if (preventSelfTrade(venue, client, order)) continue;
      match(venue, market, client, order, Math.min(wanted(order), client.left));
    } else if (hasOwn) {
      if (!isWithin(order.side, own, limit)) return;
      const count = lots(Math.min(wanted(order), market.depth.left(against, own)));
      market.depth.take(against, own, count);
      trade(venue, market, {
        maker: undefined,
        taker: order,
        price: own,
        lots: count,
        takerSide: order.side,
      });
    } else return;
  }
}

/** Ends one or both of two orders of one account that would trade with each other, as the incoming one says. */
function preventSelfTrade(venue: VenueState, maker: ClientOrder, taker: ClientOrder): boolean {
  const mode = taker.request.selfTrade ?? venue.rules.selfTrade;
  if (mode === "none" || maker.account !== taker.account) return false;
  if (mode !== "expireTaker") endOrder(venue, maker, "expired", "selfTrade");
  if (mode !== "expireMaker") endOrder(venue, taker, "expired", "selfTrade");
  return true;
}

/** A reducer never takes more than its book still holds. */
function wanted(order: ClientOrder): number {
  if (!isReducer(order.request)) return order.left;
  const holding = holdingOf(order.account, order.request.instrument);
  return Math.min(order.left, closable(holding, order.request.positionSide, order.side));
}

function match(
  venue: VenueState,
  market: Market,
  maker: ClientOrder,
  taker: ClientOrder,
  count: number,
): void {
  trade(venue, market, { maker, taker, price: maker.price, lots: lots(count), takerSide: taker.side });
}

/** Whose order looks at the book, and what it does about that account's other orders. */
export interface OwnOrders {
  readonly account: Account;
  readonly mode: SelfTradeMode;
}

/** What an order would get from the visible book right now. */
interface Preview {
  readonly lots: number;
  /** The worst price it would pay; undefined when it gets nothing. */
  readonly worst: Ticks | undefined;
}

/** Looks how much of `count` lots the visible book would give, without taking anything. */
export function preview(
  market: Market,
  side: Side,
  count: Lots,
  limit: Ticks | undefined,
  own?: OwnOrders,
): Preview {
  const against = opposite(side);
  let found = 0;
  let worst: Ticks | undefined;
  let wall: Ticks | undefined;
  const resting = restingOf(market, against);
  for (let at = resting.length - 1; at >= 0 && found < count; at -= 1) {
    const order = resting[at];
    if (order === undefined || !isWithin(side, order.price, limit)) break;
    if (own !== undefined && own.mode !== "none" && order.account === own.account) {
      if (own.mode === "expireMaker") continue;
      wall = order.price;
      break;
    }
    found += order.left;
    worst = order.price;
  }
  const clients = found;
  for (const level of market.depth.walk(against, seededFrom(market, against))) {
    if (!isWithin(side, level.price, limit) || found >= count + clients) break;
    if (wall !== undefined && !isWithin(side, level.price, (wall - signOf(side)) as Ticks)) break;
    found += level.lots;
    if (worst === undefined || (side === "buy" ? level.price > worst : level.price < worst)) {
      worst = level.price;
    }
  }
  return { lots: Math.min(found, count), worst };
}

/** The market's path went through a resting order: it fills at its own price from the seeded size of that level. */
export function fillByPath(venue: VenueState, market: Market, order: ClientOrder): void {
  const against = opposite(order.side);
  const count = lots(Math.min(order.left, market.depth.left(against, order.price)));
  invariant(count > 0, "a path fill has something to give");
  market.depth.take(against, order.price, count);
  trade(venue, market, {
    maker: order,
    taker: undefined,
    price: order.price,
    lots: count,
    takerSide: against,
  });
}

/** One execution; a side without a client is the market itself. */
interface Execution {
  readonly maker: ClientOrder | undefined;
  readonly taker: ClientOrder | undefined;
  readonly price: Ticks;
  readonly lots: Lots;
  readonly takerSide: Side;
}

/** Books an execution for both sides, tells the public, and cuts reducers that now are too large. */
export function trade(venue: VenueState, market: Market, execution: Execution): void {
  const { maker, taker, price, takerSide } = execution;
  venue.lastTradeId += 1;
  const tradeId = venue.lastTradeId;
  venue.outbox.emit({
    type: "trade",
    at: venue.at,
    instrument: market.instrument.id,
    price,
    lots: execution.lots,
    takerSide,
    tradeId,
  });
  for (const order of [maker, taker]) {
    if (order === undefined) continue;
    const book = bookOf(holdingOf(order.account, market.instrument.id), order.request.positionSide);
    const closing = closingSide(book.lots);
    settle(venue, order, { price, lots: execution.lots, isMaker: order === maker, tradeId });
    if (closing !== undefined && closingSide(book.lots) !== closing) {
      endClosers(venue, order.account, market, book.side, closing);
    }
  }
  for (const order of [maker, taker]) {
    if (order !== undefined) fitReducers(venue, order.account, market, order.request.positionSide);
  }
}
