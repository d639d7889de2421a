import { invariant } from "../core/invariant.ts";
import type { Side, Ticks } from "../core/units.ts";
import type { ClientOrder } from "./client-order.ts";
import type { DepthLevel } from "./exchange.ts";
import type { Market, VenueState } from "./venue-state.ts";

/** The resting client orders of a side: bids for "buy". */
export const restingOf = (market: Market, side: Side): ClientOrder[] =>
  side === "buy" ? market.bids : market.asks;

/** The order of a side that trades next: best price, then the oldest. */
export const bestOf = (market: Market, side: Side): ClientOrder | undefined => {
  const resting = restingOf(market, side);
  return resting[resting.length - 1];
};

/** Puts an order behind all others at its price. */
export function rest(venue: VenueState, market: Market, order: ClientOrder): void {
  venue.lastRank += 1;
  order.rank = venue.lastRank;
  const resting = restingOf(market, order.side);
  let low = 0;
  let high = resting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = resting[middle];
    invariant(other !== undefined, "the middle of a list is inside it");
    const isWorse = order.side === "buy" ? other.price < order.price : other.price > order.price;
    if (isWorse) low = middle + 1;
    else high = middle;
  }
  resting.splice(low, 0, order);
  market.isDirty = true;
}

/** Takes an order off the book, if it rests there. */
export function unrest(market: Market, order: ClientOrder): void {
  const resting = restingOf(market, order.side);
  const at = resting.lastIndexOf(order);
  if (at < 0) return;
  resting.splice(at, 1);
  market.isDirty = true;
}

/** The worst price of the market's own orders that a forced order of `side` can meet. */
export const edgeOf = (market: Market, side: Side): Ticks =>
  (side === "sell" ? Math.max(1, market.depth.endOf("buy")) : market.depth.endOf("sell")) as Ticks;

/** From where the market's own orders of a side are visible: those that would cross a client's order are not there. */
export function seededFrom(market: Market, side: Side): Ticks {
  if (side === "sell") return Math.max(market.depth.ask, (bestOf(market, "buy")?.price ?? 0) + 1) as Ticks;
  return Math.min(market.depth.bid, (bestOf(market, "sell")?.price ?? Number.MAX_SAFE_INTEGER) - 1) as Ticks;
}

/** The visible levels of a side, best first: clients' and the market's own orders added up. */
export function visibleLevels(market: Market, side: Side, count: number): DepthLevel[] {
  const found: DepthLevel[] = [];
  const resting = restingOf(market, side);
  const seeded = market.depth.walk(side, seededFrom(market, side));
  let own = seeded.next();
  let at = resting.length - 1;
  while (found.length < count) {
    const client = resting[at];
    const ownPrice = own.done ? undefined : own.value.price;
    if (client === undefined && ownPrice === undefined) break;
    const price = better(side, client?.price, ownPrice);
    let size = 0;
    for (let next = client; next !== undefined && next.price === price; next = resting[at]) {
      size += next.left;
      at -= 1;
    }
    if (!own.done && own.value.price === price) {
      size += own.value.lots;
      own = seeded.next();
    }
    found.push({ price, lots: size as DepthLevel["lots"] });
  }
  return found;
}

/** The best visible level of a side. */
export function topOf(market: Market, side: Side): DepthLevel | undefined {
  const own = market.depth.first(side, seededFrom(market, side));
  const client = bestOf(market, side);
  if (client === undefined) return own;
  if (own === undefined || (own.price - client.price) * (side === "sell" ? 1 : -1) >= 0) {
    return visibleLevels(market, side, 1)[0];
  }
  return own;
}

function better(side: Side, one: Ticks | undefined, other: Ticks | undefined): Ticks {
  if (one === undefined || other === undefined) {
    const only = one ?? other;
    invariant(only !== undefined, "a level has a price");
    return only;
  }
  return (side === "sell" ? Math.min(one, other) : Math.max(one, other)) as Ticks;
}
