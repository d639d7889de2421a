import type { AccountId, Instrument } from "../../core/instrument.ts";
import { ONE, type Rate, rate } from "../../core/units.ts";
import type { VenueOrder } from "../exchange.ts";
import { positionsWithFlat } from "./account-view.ts";
import { adlQuantile } from "./adl-queue.ts";
import { rateLimits } from "./exchange-info.ts";
import { type Fields, instrumentOf, maybeInstrument } from "./fields.ts";
import { Refusal } from "./refusal.ts";
import { bySymbol, type Reply, type Routes, type Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";
import { lotsText, rateText } from "./texts.ts";

/** The calls about how a market or an account stands with the exchange: open interest, funding bounds, queues, rules. */
export const STANDING_CALLS: Routes = {
  "GET /fapi/v1/openInterest": { access: "public", weight: 1, handle: openInterest },
  "GET /fapi/v1/fundingInfo": { access: "public", weight: 0, handle: fundingInfo },
  "GET /fapi/v1/symbolAdlRisk": { access: "public", weight: 1, handle: adlRisk },
  "GET /fapi/v1/adlQuantile": { access: "signed", weight: 5, handle: adlQuantiles },
  "GET /fapi/v1/apiTradingStatus": { access: "signed", weight: bySymbol(1, 10), handle: tradingStatus },
  "GET /fapi/v1/rateLimit/order": { access: "signed", weight: 1, handle: orderLimits },
  "GET /fapi/v1/feeBurn": { access: "signed", weight: 30, handle: () => ({ feeBurn: false }) },
};

const accountsOf = ({ keys }: Venue): ReadonlySet<AccountId> =>
  new Set([...keys.values()].map((key) => key.account));

/** The larger of what clients hold long and short: the market itself holds the difference. */
function openInterest(venue: Venue, fields: Fields): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  let [long, short] = [0, 0];
  for (const account of accountsOf(venue)) {
    for (const { instrument: id, lots } of venue.exchange.positions(account)) {
      if (id !== instrument.id) continue;
      if (lots > 0) long += lots;
      else short -= lots;
    }
  }
  const held = Math.max(long, short) as VenueOrder["filled"];
  return { openInterest: lotsText(held, instrument), symbol: instrument.id, time: venue.exchange.now() };
}

const HOUR = 3_600_000;
const USUAL_HOURS = 8;

/** The rate is bounded by three quarters of the lowest maintenance rate, as Binance's funding page says. */
function fundingInfo({ exchange, instruments }: Venue): Reply {
  return [...instruments.values()].map(({ id }) => {
    const bound = rate(Math.floor(((exchange.brackets(id)[0]?.maintenance ?? ONE) * 3) / 4));
    const paid = exchange.fundingHistory(id, { limit: 2 });
    const [before, last] = paid;
    return {
      symbol: id,
      adjustedFundingRateCap: rateText(bound),
      adjustedFundingRateFloor: rateText(-bound as Rate),
      fundingIntervalHours:
        before === undefined || last === undefined ? USUAL_HOURS : Math.round((last.at - before.at) / HOUR),
      disclaimer: false,
      updateTime: exchange.now(),
    };
  });
}

function adlRisk({ exchange, instruments }: Venue, fields: Fields): Reply {
  const one = maybeInstrument(fields, instruments);
  if (one instanceof Refusal) return one;
  const row = ({ id }: Instrument): object => ({ symbol: id, adlRisk: "low", updateTime: exchange.now() });
  return one === undefined ? [...instruments.values()].map(row) : row(one);
}

function adlQuantiles(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const one = maybeInstrument(fields, venue.instruments);
  if (one instanceof Refusal) return one;
  const { exchange } = venue;
  const isHedge = exchange.isHedgeMode(account);
  return (one === undefined ? [...venue.instruments.values()] : [one]).flatMap((instrument) => {
    const books = positionsWithFlat(exchange, account, instrument);
    if (books.every((each) => each.lots === 0)) return [];
    const of = (isOwn: (each: (typeof books)[number]) => boolean): number =>
      Math.max(0, ...books.filter(isOwn).map((each) => adlQuantile(venue, account, each, instrument)));
    const quantiles = { LONG: of((each) => each.lots > 0), SHORT: of((each) => each.lots < 0) };
    // HEDGE only marks cross positions in hedge mode; its value says nothing.
    const isHedgedCross = isHedge && exchange.marginMode(account, instrument.id) === "cross";
    const mark = isHedgedCross ? { HEDGE: 0 } : { BOTH: isHedge ? 0 : of(() => true) };
    return [{ symbol: instrument.id, adlQuantile: { ...quantiles, ...mark } }];
  });
}

/** What an indicator of bad behaviour may reach before Binance would lock the account; it never locks here. */
const TRIGGERS = { UFR: 0.995, IFER: 0.99, GCR: 0.99, DR: 0.99 } as const;

function tradingStatus({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const one = maybeInstrument(fields, instruments);
  if (one instanceof Refusal) return one;
  const calm = { isLocked: false, plannedRecoverTime: 0 };
  const indicators: Record<string, readonly object[]> = {};
  for (const instrument of one === undefined ? instruments.values() : [one]) {
    const orders = exchange.orderHistory(account, { instrument: instrument.id });
    if (orders.length === 0) continue;
    const found = indicatorsOf(orders, instrument);
    indicators[instrument.id] = Object.entries(TRIGGERS).map(([indicator, triggerValue]) => ({
      ...calm,
      indicator,
      value: found[indicator as keyof typeof TRIGGERS],
      triggerValue,
    }));
  }
  if (one === undefined) indicators["ACCOUNT"] = [{ ...calm, indicator: "TMV", value: 0, triggerValue: 1 }];
  return { indicators, updateTime: exchange.now() };
}

/** Shares of orders: never filled (UFR), fill-at-once that expired (IFER), resting that were cancelled (GCR), smallest (DR). */
function indicatorsOf(
  orders: readonly VenueOrder[],
  instrument: Instrument,
): Readonly<Record<keyof typeof TRIGGERS, number>> {
  const share = (of: readonly VenueOrder[], is: (order: VenueOrder) => boolean): number =>
    of.length === 0 ? 0 : of.filter(is).length / of.length;
  const atOnce = orders.filter(({ request }) => ["IOC", "FOK"].includes(request.timeInForce));
  const resting = orders.filter(({ request }) => request.kind === "limit" && request.timeInForce === "GTC");
  return {
    UFR: share(orders, (order) => order.filled === 0),
    IFER: share(atOnce, (order) => order.status === "expired"),
    GCR: share(resting, (order) => order.status === "canceled"),
    DR: share(orders, ({ request }) => request.lots <= instrument.lotsMin),
  };
}

function orderLimits({ meter }: Venue): Reply {
  return rateLimits(meter.limits).filter((row) => row.rateLimitType === "ORDERS");
}
