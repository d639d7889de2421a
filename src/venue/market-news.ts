import type { DepthLevel } from "./exchange.ts";
import type { MarketPoint } from "./market-source.ts";
import { topOf, visibleLevels } from "./order-side.ts";
import type { Market, VenueState } from "./venue-state.ts";

/** Tells what a market point brought: the trade that made its price, the mark, and the candle so far. */
export function tellPoint(venue: VenueState, market: Market, point: MarketPoint): void {
  const { outbox, at } = venue;
  const instrument = market.instrument.id;
  // Ids must not depend on whether anybody listens.
  if (point.lots > 0) venue.lastTradeId += 1;
  if (!outbox.isHeard || market.status === "closed") return;
  const { isTapeHeard } = outbox;
  if (point.lots > 0 && isTapeHeard) {
    outbox.emit({
      type: "trade",
      at,
      instrument,
      price: point.price,
      lots: point.lots,
      takerSide: market.isRising ? "buy" : "sell",
      tradeId: venue.lastTradeId,
    });
  }
  tellMark(venue, market);
  if (!point.isLast && !isTapeHeard) return;
  const candle = market.candles.current();
  if (candle !== undefined) outbox.emit({ type: "candle", at, instrument, candle, isClosed: point.isLast });
}

/** Tells mark price and funding of a market. */
export function tellMark(venue: VenueState, market: Market): void {
  venue.outbox.emit({
    type: "mark",
    at: venue.at,
    instrument: market.instrument.id,
    mark: market.mark,
    index: market.mark,
    fundingRate: market.fundingRate,
    nextFundingAt: market.nextFundingAt,
  });
}

/** Tells best prices and depth of a market if they changed since they were last told. */
export function publish(venue: VenueState, market: Market): void {
  if (!market.isDirty || !venue.outbox.isHeard || market.status === "closed") return;
  market.isDirty = false;
  const bid = topOf(market, "buy");
  const ask = topOf(market, "sell");
  if (bid !== undefined && ask !== undefined) {
    const top = { bid: bid.price, bidLots: bid.lots, ask: ask.price, askLots: ask.lots };
    const was = market.published;
    const isNew =
      top.bid !== was.bid ||
      top.ask !== was.ask ||
      top.bidLots !== was.bidLots ||
      top.askLots !== was.askLots;
    if (isNew) {
      market.published = top;
      venue.outbox.emit({ type: "top", at: venue.at, instrument: market.instrument.id, ...top });
    }
  }
  if (venue.outbox.isDepthHeard) publishDepth(venue, market);
}

/** Every level of both sides, best first. */
export const wholeDepth = (market: Market) => ({
  bids: visibleLevels(market, "buy", Number.POSITIVE_INFINITY),
  asks: visibleLevels(market, "sell", Number.POSITIVE_INFINITY),
});

/** Follows the whole book: a client that started from any snapshot never keeps a level that is gone. */
function publishDepth(venue: VenueState, market: Market): void {
  const shown = wholeDepth(market);
  const bids = changes(market.shownDepth?.bids ?? [], shown.bids);
  const asks = changes(market.shownDepth?.asks ?? [], shown.asks);
  market.shownDepth = shown;
  if (bids.length + asks.length === 0) return;
  const previousUpdateId = market.updateId;
  market.updateId += 1 + bids.length + asks.length;
  venue.outbox.emit({
    type: "depth",
    at: venue.at,
    instrument: market.instrument.id,
    firstUpdateId: previousUpdateId + 1,
    lastUpdateId: market.updateId,
    previousUpdateId,
    bids,
    asks,
  });
}

/** The levels of one side that differ, with their new size; one that is gone has none. */
export function changes(before: readonly DepthLevel[], after: readonly DepthLevel[]): DepthLevel[] {
  const left = new Map(before.map((level) => [level.price, level.lots]));
  const found: DepthLevel[] = [];
  for (const level of after) {
    if (left.get(level.price) !== level.lots) found.push(level);
    left.delete(level.price);
  }
  for (const price of left.keys()) found.push({ price, lots: 0 as DepthLevel["lots"] });
  return found;
}

/** Whether the visible book is crossed or locked; never, for the audit. */
export function isCrossed(market: Market): boolean {
  const bid = topOf(market, "buy");
  const ask = topOf(market, "sell");
  return bid !== undefined && ask !== undefined && bid.price >= ask.price;
}
