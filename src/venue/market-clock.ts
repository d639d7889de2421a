import { invariant } from "../core/invariant.ts";
import { lots, type Millis, millis, ticks } from "../core/units.ts";
import { fund } from "./funding.ts";
import { callMargins } from "./liquidator.ts";
import { publish, tellPoint } from "./market-news.ts";
import { walkPath } from "./market-path.ts";
import type { MarketPoint, MarketSource } from "./market-source.ts";
import { holdingOf, type Market, type VenueState } from "./venue-state.ts";

/** Moves market time from one due thing to the next: funding times first, then deadlines, then points of the market's path. */
export class MarketClock {
  readonly #venue: VenueState;
  readonly #source: MarketSource;
  #pointAt: Millis | undefined;
  #nextAt: Millis | undefined;

  constructor(venue: VenueState, source: MarketSource) {
    this.#venue = venue;
    this.#source = source;
    this.#plan();
  }

  get nextAt(): Millis | undefined {
    const deadline = this.#venue.deadlines.next;
    if (this.#nextAt === undefined || deadline === undefined) return this.#nextAt;
    return millis(Math.min(deadline, this.#nextAt));
  }

  /** Runs the next due thing; without one it only moves the time on. */
  step(until: Millis): boolean {
    const next = this.nextAt;
    if (next === undefined) return false;
    const venue = this.#venue;
    if (next > until) {
      if (until > venue.at) venue.at = until;
      return false;
    }
    if (next > venue.at) venue.at = next;
    const due = this.#fundingDue(next);
    if (due.length > 0) for (const market of due) fund(venue, market, this.#source);
    else if (!venue.deadlines.runDue(next)) this.#walk();
    for (const market of venue.markets.values()) publish(venue, market);
    this.#plan();
    if (this.#nextAt === undefined) {
      venue.outbox.emit({ type: "ended", at: venue.at, reason: "marketFileEnd" });
    }
    return true;
  }

  #fundingDue(at: Millis): readonly Market[] {
    const due: Market[] = [];
    for (const market of this.#venue.markets.values()) if (market.nextFundingAt <= at) due.push(market);
    return due;
  }

  #walk(): void {
    const point = this.#source.next();
    invariant(point !== undefined, "a market that names the time of its next point has one");
    const market = this.#venue.markets.get(point.instrument);
    invariant(
      market !== undefined,
      `the market has points only for its instruments, not ${point.instrument}`,
    );
    takePoint(this.#venue, market, point);
  }

  #plan(): void {
    this.#pointAt = this.#source.nextAt();
    if (this.#pointAt === undefined) {
      this.#nextAt = undefined;
      return;
    }
    let next: number = this.#pointAt;
    for (const market of this.#venue.markets.values()) next = Math.min(next, market.nextFundingAt);
    this.#nextAt = next === this.#pointAt ? this.#pointAt : millis(next);
  }
}

/** A point in the coarser ticks and lots that the exchange may have changed to. */
function onRaster(market: Market, point: MarketPoint): MarketPoint {
  const { priceStep, lotStep } = market;
  if (priceStep === 1 && lotStep === 1) return point;
  return {
    ...point,
    price: ticks(Math.max(1, Math.round(point.price / priceStep)) * priceStep),
    mark: point.mark ?? point.price,
    lots: lots(Math.ceil(point.lots / lotStep) * lotStep),
  };
}

/** Walks to a point and tells what it brought. */
function takePoint(venue: VenueState, market: Market, given: MarketPoint): void {
  const point = onRaster(market, given);
  market.depth.renew(point.candleLots, point.price);
  walkPath(venue, market, { price: point.price, mark: point.mark ?? point.price });
  market.candles.take(point);
  tellPoint(venue, market, point);
  for (const account of market.held) callMargins(venue, account, holdingOf(account, market.instrument.id));
}
