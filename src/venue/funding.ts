import { notional } from "../core/instrument.ts";
import { lots, type Millis, millis, portion, type Value, value } from "../core/units.ts";
import { liquidate } from "./liquidator.ts";
import { tellMark } from "./market-news.ts";
import type { MarketSource } from "./market-source.ts";
import { type Account, booksOf, holdingOf, type Market, noteIncome, type VenueState } from "./venue-state.ts";

/** The first funding time after `at`: whole intervals since the epoch, so eight hours give 0, 8 and 16 o'clock UTC. */
export const nextFunding = (at: Millis, intervalMs: number): Millis =>
  millis((Math.floor(at / intervalMs) + 1) * intervalMs);

/**
 * Funding at the mark price: with a positive rate longs pay and shorts receive. What does not come out even is
 * rounded against each payer and each receiver.
 */
export function fund(venue: VenueState, market: Market, source: MarketSource): void {
  const rate = market.fundingRate;
  market.fundings.push({ at: venue.at, rate, mark: market.mark });
  for (const account of [...market.held]) payFunding(venue, account, market);
  market.nextFundingAt = nextFunding(venue.at, venue.rules.fundingIntervalMs);
  market.fundingRate =
    source.fundingRate?.(market.instrument.id, market.nextFundingAt) ?? venue.rules.fundingRate;
  if (market.status !== "closed") tellMark(venue, market);
  for (const account of [...market.held]) liquidate(venue, account, market.instrument.id);
}

function payFunding(venue: VenueState, account: Account, market: Market): void {
  const holding = holdingOf(account, market.instrument.id);
  let paid = 0;
  for (const book of booksOf(account, holding)) {
    if (book.lots === 0) continue;
    const worth = notional(market.instrument, market.mark, lots(Math.abs(book.lots)), "nearest");
    const signed = value(Math.sign(book.lots) * worth);
    const amount = value(-portion(signed, market.fundingRate, "up"));
    if (holding.marginMode === "isolated") book.isolatedWallet = value(book.isolatedWallet + amount);
    else account.crossWallet = value(account.crossWallet + amount);
    book.updatedAt = venue.at;
    noteIncome(venue, account, "funding", amount, market.instrument.id);
    account.funding = value(account.funding + amount);
    paid += amount;
  }
  tellFunding(venue, account, market, value(paid));
}

function tellFunding(venue: VenueState, account: Account, market: Market, amount: Value): void {
  venue.outbox.emit({
    type: "account",
    at: venue.at,
    account: account.id,
    reason: "funding",
    instrument: market.instrument.id,
    balanceChange: amount,
  });
}
