import { notional } from "../../core/instrument.ts";
import { lots, ONE, portion, ticks, value } from "../../core/units.ts";
import { limitOf, listingsOfFields, optional, timeOf } from "./fields.ts";
import { type Listing, priceText, rateText, sizeText } from "./listing.ts";
import { badValue, noInstrument, Refusal } from "./refusal.ts";
import type { Asked, Reply, Routes, Venue } from "./route.ts";

/** The calls about instruments, marks and funding that need no key. Market times, but `time` tells the wall clock. */
export const PUBLIC_CALLS: Routes = {
  "GET /api/v5/public/time": open(10, ({ wall }) => [{ ts: String(wall.now()) }]),
  "GET /api/v5/public/instruments": open(20, each(instrumentRow)),
  "GET /api/v5/public/mark-price": open(10, each(markRow)),
  "GET /api/v5/public/funding-rate": open(20, each(fundingRow)),
  "GET /api/v5/public/funding-rate-history": open(10, fundingHistory),
  "GET /api/v5/public/position-tiers": open(10, positionTiers),
  "GET /api/v5/public/price-limit": open(20, (venue, asked) =>
    each((listing) => priceLimitRow(listing, venue))(venue, asked),
  ),
};

/** A call that anyone may make. */
export function open(most: number, handle: (venue: Venue, asked: Asked) => Reply): Routes[string] {
  return { access: "public", most, handle };
}

/** A row for each perpetual swap that the call names. Other kinds of instruments: none. */
export function each(row: (listing: Listing) => object): (venue: Venue, asked: Asked) => Reply {
  return (venue, { fields }) => {
    if ((optional(fields, "instType") ?? "SWAP") !== "SWAP") return [];
    const listings = listingsOfFields(fields, venue.listings);
    return listings instanceof Refusal ? listings : listings.map(row);
  };
}

/** OKX's numbers for the fee groups of perpetual swaps: by what a contract is settled in. */
export function feeGroupOf({ instrument: { kind, settle } }: Pick<Listing, "instrument">): "1" | "2" | "3" {
  if (kind === "inverse") return "1";
  return settle === "USDC" ? "3" : "2";
}

const STATE = { trading: "live", settling: "live", closed: "expired" } as const;

function instrumentRow({ instrument, exchange, family, contract, lot }: Listing) {
  const steps = { price: exchange.priceStep(instrument.id), size: exchange.lotStep(instrument.id) };
  const isInverse = instrument.kind === "inverse";
  const size = (count: number): string => sizeText(count, { lot });
  const delistsAt = exchange.delistsAt(instrument.id);
  return {
    alias: "",
    auctionEndTime: "",
    baseCcy: "",
    category: "1",
    contTdSwTime: "",
    ctMult: "1",
    ctType: isInverse ? "inverse" : "linear",
    ctVal: contract.text,
    ctValCcy: isInverse ? instrument.quote : instrument.base,
    expTime: delistsAt === undefined ? "" : String(delistsAt),
    futureSettlement: false,
    groupId: feeGroupOf({ instrument }),
    instFamily: family,
    instId: instrument.id,
    instIdCode: null,
    instType: "SWAP",
    lever: String(exchange.brackets(instrument.id)[0]?.leverageMax ?? 1),
    listTime: "1573557408000",
    lotSz: size(steps.size),
    maxIcebergSz: size(instrument.lotsMax),
    maxLmtAmt: "20000000",
    maxLmtSz: size(instrument.lotsMax),
    maxMktAmt: "",
    maxMktSz: size(instrument.marketLotsMax),
    maxStopSz: size(instrument.marketLotsMax),
    maxTriggerSz: size(instrument.lotsMax),
    maxTwapSz: size(instrument.lotsMax),
    minSz: size(Math.max(instrument.lotsMin, steps.size)),
    optType: "",
    quoteCcy: "",
    ruleType: "normal",
    settleCcy: instrument.settle,
    state: STATE[exchange.status(instrument.id)],
    stk: "",
    tickSz: priceText(ticks(steps.price), { instrument }),
    uly: family,
  };
}

/** What GET /api/v5/public/mark-price and the `mark-price` channel say. */
export function markRow(listing: Listing) {
  return {
    instId: listing.instrument.id,
    instType: "SWAP",
    markPx: priceText(listing.exchange.mark(listing.instrument.id).mark, listing),
    ts: String(listing.exchange.now()),
  };
}

/** What GET /api/v5/public/funding-rate and the `funding-rate` channel say. */
export function fundingRow({ exchange, instrument }: Listing) {
  const { fundingRate, nextFundingAt } = exchange.mark(instrument.id);
  return {
    formulaType: "noRate",
    fundingRate: rateText(fundingRate),
    fundingTime: String(nextFundingAt),
    impactValue: "",
    instId: instrument.id,
    instType: "SWAP",
    interestRate: "0.0001",
    maxFundingRate: "0.00375",
    method: "current_period",
    minFundingRate: "-0.00375",
    nextFundingRate: "",
    nextFundingTime: "",
    premium: "0",
    settFundingRate: rateText(fundingRate),
    settState: "settled",
    ts: String(exchange.now()),
  };
}

function fundingHistory(venue: Venue, { fields }: Asked): Reply {
  const listing = venue.listings.get(optional(fields, "instId") ?? "");
  if (listing === undefined) return noInstrument();
  const limit = limitOf(fields, 400, 100);
  if (limit instanceof Refusal) return limit;
  const [after, before] = [timeOf(fields, "after"), timeOf(fields, "before")];
  if (after instanceof Refusal) return after;
  if (before instanceof Refusal) return before;
  return listing.exchange
    .fundingHistory(listing.instrument.id, {})
    .filter(({ at }) => at < (after ?? Number.MAX_SAFE_INTEGER) && at > (before ?? 0))
    .toReversed()
    .slice(0, limit)
    .map(({ at, rate }) => ({
      formulaType: "noRate",
      fundingRate: rateText(rate),
      fundingTime: String(at),
      instId: listing.instrument.id,
      instType: "SWAP",
      method: "current_period",
      realizedRate: rateText(rate),
    }));
}

/** OKX's tiers are in contracts; ours in money, so they move with the mark price. */
function positionTiers(venue: Venue, { fields }: Asked): Reply {
  if (optional(fields, "instType") !== "SWAP") return badValue("instType");
  const listings = listingsOfFields(fields, venue.listings);
  if (listings instanceof Refusal) return listings;
  return listings.flatMap((listing) => {
    const { exchange, instrument, family } = listing;
    const { mark } = exchange.mark(instrument.id);
    const perLot = Math.max(1, notional(instrument, mark, lots(1), "down"));
    return exchange.brackets(instrument.id).map((bracket, at) => ({
      baseMaxLoan: "",
      imr: rateText(Math.round(ONE / bracket.leverageMax)),
      instFamily: family,
      instId: "",
      maxLever: String(bracket.leverageMax),
      maxSz: sizeText(Math.floor(bracket.cap / perLot), listing),
      minSz: at === 0 ? "0" : sizeText(Math.floor(bracket.floor / perLot) + 1, listing),
      mmr: rateText(bracket.maintenance),
      optMgnFactor: "",
      quoteMaxLoan: "",
      tier: String(at + 1),
      uly: family,
    }));
  });
}

function priceLimitRow(listing: Listing, { priceBand }: Venue) {
  const { mark } = listing.exchange.mark(listing.instrument.id);
  const band = portion(value(mark), priceBand, "down");
  return {
    buyLmt: priceText(ticks(mark + band), listing),
    enabled: true,
    instId: listing.instrument.id,
    instType: "SWAP",
    sellLmt: priceText(ticks(mark - band), listing),
    ts: String(listing.exchange.now()),
  };
}
