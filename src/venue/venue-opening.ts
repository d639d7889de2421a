import type { AccountId, Instrument, InstrumentId, MarginBracket } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import { hashText } from "../core/random.ts";
import { millis, type Value, value } from "../core/units.ts";
import { deposit } from "./account-settings.ts";
import { Archive } from "./archive.ts";
import { CandleHistory } from "./candle-history.ts";
import type { ClientConditional, ClientOrder } from "./client-order.ts";
import { Deadlines } from "./deadlines.ts";
import { nextFunding } from "./funding.ts";
import type { MarketPoint, MarketSource } from "./market-source.ts";
import { Outbox } from "./outbox.ts";
import { emptyBook } from "./position-book.ts";
import { DEPTH_SHAPE, type DepthShape, SeededDepth } from "./seeded-depth.ts";
import { VENUE_RULES, type VenueRules } from "./venue-rules.ts";
import type { Account, Holding, Market, VenueState } from "./venue-state.ts";

/** A client of the exchange as it is opened. Binance's own defaults: one-way mode, cross margin, 20x. */
interface AccountOpening {
  readonly id: AccountId;
  /** In steps of the settle asset. */
  readonly deposit: Value;
  readonly hedgeMode?: boolean;
  readonly leverage?: number;
  readonly marginMode?: "isolated" | "cross";
}

/** What an exchange is made of. All instruments settle in one asset; the market has points for each of them. */
export interface ExchangeSetup {
  readonly instruments: readonly Instrument[];
  /** Tiers by instrument, the lowest first. */
  readonly brackets: Readonly<Record<InstrumentId, readonly MarginBracket[]>>;
  readonly market: MarketSource;
  readonly accounts: readonly AccountOpening[];
  readonly rules?: Partial<VenueRules>;
  readonly depth?: DepthShape;
  readonly seed: number;
}

/** Opens markets at their first points, and accounts with their deposits. */
export function openVenue(setup: ExchangeSetup): VenueState {
  const rules = { ...VENUE_RULES, ...setup.rules };
  const points = firstPoints(setup);
  const venue: VenueState = {
    rules,
    markets: new Map(),
    accounts: new Map(),
    outbox: new Outbox(),
    at: millis(Math.max(...[...points.values()].map((point) => point.at))),
    lastOrderId: 1_000_000,
    lastTradeId: 0,
    lastIncomeId: 0,
    lastRank: 0,
    deadlines: new Deadlines(),
    insuranceFund: value(0),
  };
  for (const instrument of setup.instruments) {
    const point = points.get(instrument.id);
    invariant(point !== undefined, `the market starts with a price for ${instrument.id}`);
    venue.markets.set(instrument.id, openMarket(setup, rules, instrument, point));
  }
  for (const opening of setup.accounts) openAccount(venue, opening);
  return venue;
}

function firstPoints(setup: ExchangeSetup): Map<InstrumentId, MarketPoint> {
  const asset = setup.instruments[0]?.settle;
  const points = new Map<InstrumentId, MarketPoint>();
  for (const instrument of setup.instruments) {
    invariant(instrument.settle === asset, "all instruments of an exchange settle in one asset");
    invariant(
      setup.market.instruments.includes(instrument.id),
      `the market source has no ${instrument.id}, only ${setup.market.instruments.join(", ")}`,
    );
  }
  while (points.size < setup.instruments.length) {
    const point = setup.market.next();
    invariant(point !== undefined, "the market source has a point for every instrument");
    points.set(point.instrument, point);
  }
  return points;
}

function openMarket(
  setup: ExchangeSetup,
  rules: VenueRules,
  instrument: Instrument,
  point: MarketPoint,
): Market {
  const brackets = setup.brackets[instrument.id];
  invariant(brackets !== undefined && brackets.length > 0, `margin brackets for ${instrument.id} are given`);
  const seed = hashText(`depth ${instrument.id}`, setup.seed | 0);
  const depth = new SeededDepth(instrument, seed, setup.depth ?? DEPTH_SHAPE);
  depth.renew(point.candleLots, point.price);
  depth.center(point.price, false);
  const candles = new CandleHistory(setup.market.candleMs);
  candles.take(point);
  const nextFundingAt = nextFunding(point.at, rules.fundingIntervalMs);
  return {
    instrument,
    brackets,
    priceStep: 1,
    lotStep: 1,
    status: "trading",
    delistsAt: undefined,
    depth,
    bids: [],
    asks: [],
    waiting: [],
    candles,
    fundings: [],
    price: point.price,
    mark: point.mark ?? point.price,
    isRising: false,
    fundingRate: setup.market.fundingRate?.(instrument.id, nextFundingAt) ?? rules.fundingRate,
    nextFundingAt,
    isDirty: true,
    published: { bid: 0, bidLots: 0, ask: 0, askLots: 0 },
    shownDepth: undefined,
    updateId: 1_000,
    held: new Set(),
  };
}

function openAccount(venue: VenueState, opening: AccountOpening): void {
  invariant(!venue.accounts.has(opening.id), `account ${opening.id} is opened once`);
  const holdings = new Map<InstrumentId, Holding>();
  for (const market of venue.markets.values()) {
    const top = market.brackets[0]?.leverageMax ?? 1;
    holdings.set(market.instrument.id, {
      market,
      leverage: Math.min(opening.leverage ?? 20, top),
      marginMode: opening.marginMode ?? "cross",
      both: emptyBook("both"),
      long: emptyBook("long"),
      short: emptyBook("short"),
    });
  }
  const account: Account = {
    id: opening.id,
    isHedge: opening.hedgeMode ?? false,
    crossWallet: value(0),
    start: value(0),
    realized: value(0),
    fees: value(0),
    funding: value(0),
    insured: value(0),
    holdings,
    open: new Map(),
    waiting: new Map(),
    orders: new Archive<ClientOrder>(({ orderId, clientId, request, createdAt }) => ({
      id: orderId,
      clientId,
      instrument: request.instrument,
      createdAt,
    })),
    conditionals: new Archive<ClientConditional>(({ conditionalId, clientId, request, createdAt }) => ({
      id: conditionalId,
      clientId,
      instrument: request.instrument,
      createdAt,
    })),
    trades: [],
    income: [],
    stopRefusals: { placed: 0, triggered: 0 },
  };
  venue.accounts.set(opening.id, account);
  deposit(venue, account, opening.deposit);
}
