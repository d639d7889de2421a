import { type Instrument, type MarginBracket, unitOf } from "../../../src/core/instrument.ts";
import { stepOf } from "../../../src/core/text.ts";
import { lots, rate, ticks, value } from "../../../src/core/units.ts";
import { createExchange } from "../../../src/venue/built-in-exchange.ts";
import type { Exchange } from "../../../src/venue/exchange.ts";
import type { Weather } from "../../../src/venue/faults/weather.ts";
import type { OkxKey } from "../../../src/venue/okx/signature.ts";
import { okxSkin } from "../../../src/venue/okx/skin.ts";
import { startServer, type VenueServer } from "../../../src/venue/web/server.ts";
import { HandMarket } from "../binance/hand-market.ts";
import { TestWall } from "../binance/served-venue.ts";

/** 2025-05-01T00:00:00Z: far from the wall clock, so that a mix-up of the two shows. */
const MARKET_START = 1_746_057_600_000;
const ONE = 100_000_000;

const COMMON = {
  venue: "okx",
  priceMin: ticks(1),
  priceMax: ticks(8_000_000),
  notionalMin: value(0),
  ordersMax: 20,
  conditionalOrdersMax: 4,
  makerFee: rate(20_000),
  takerFee: rate(50_000),
  liquidationFee: rate(50_000),
} as const;

/** Lots of 0.01 contracts of 0.01 BTC, at least a tenth of a contract. */
function linear(base: string, tick: string, lot: string, least: number): Instrument {
  const [step, size] = [stepOf(tick), stepOf(lot)];
  return {
    ...COMMON,
    id: `${base}-USDT-SWAP`,
    kind: "linear",
    base,
    quote: "USDT",
    settle: "USDT",
    tick: step,
    lot: size,
    unit: unitOf(step, size),
    lotsMin: lots(least),
    lotsMax: lots(1_000_000),
    marketLotsMax: lots(120_000),
  };
}

const INVERSE: Instrument = {
  ...COMMON,
  id: "BTC-USD-SWAP",
  kind: "inverse",
  base: "BTC",
  quote: "USD",
  settle: "BTC",
  tick: stepOf("0.1"),
  lot: stepOf("1"),
  unit: 100 * ONE,
  lotsMin: lots(1),
  lotsMax: lots(10_000),
  marketLotsMax: lots(1_000),
};

function brackets(unitWorth: number): readonly MarginBracket[] {
  return [
    {
      floor: value(0),
      cap: value(50_000 * unitWorth),
      maintenance: rate(400_000),
      deduction: value(0),
      leverageMax: 100,
    },
    {
      floor: value(50_000 * unitWorth),
      cap: value(600_000 * unitWorth),
      maintenance: rate(500_000),
      deduction: value(0),
      leverageMax: 50,
    },
  ];
}

/** The key that every test uses; its marks must never show up in a log. */
export const OKX_KEY: OkxKey = {
  apiKey: "okx-test-key",
  secret: "okx-test-secret",
  passphrase: "okx-test-phrase",
  account: "main",
};

/** A served OKX whose market stands still until the test moves it. */
export interface ServedOkx {
  readonly server: VenueServer;
  /** Settles in USDT. */
  readonly exchange: Exchange;
  /** Settles in BTC. */
  readonly coin: Exchange;
  readonly wall: TestWall;
  readonly bugs: unknown[];
  /** Moves BTC-USDT-SWAP (or another) to a price in ticks, a second of market time later. */
  move(price: number, instrument?: string): void;
  close(): Promise<void>;
}

export interface ServedOptions {
  readonly hedgeMode?: boolean;
  readonly key?: Partial<OkxKey>;
  readonly weather?: Weather;
  readonly withCoin?: boolean;
  /** Funding every so many market milliseconds instead of every eight hours. */
  readonly fundingMs?: number;
}

/** Serves two exchanges, linear and inverse, in OKX's protocol. */
export async function serveOkx(options: ServedOptions = {}): Promise<ServedOkx> {
  const market = new HandMarket(MARKET_START, { "BTC-USDT-SWAP": 500_000, "ETH-USDT-SWAP": 250_000 });
  const coinMarket = new HandMarket(MARKET_START, { "BTC-USD-SWAP": 500_000 });
  const hedgeMode = options.hedgeMode ?? false;
  const rules = { priceBand: rate(20_000_000), fundingIntervalMs: options.fundingMs ?? 8 * 3_600_000 };
  const exchange = createExchange({
    instruments: [linear("BTC", "0.1", "0.0001", 10), linear("ETH", "0.01", "0.001", 1)],
    brackets: { "BTC-USDT-SWAP": brackets(ONE), "ETH-USDT-SWAP": brackets(ONE) },
    market,
    accounts: [
      { id: "main", deposit: value(10_000 * ONE), hedgeMode },
      { id: "other", deposit: value(10_000 * ONE) },
    ],
    rules,
    seed: 7,
  });
  const coin = createExchange({
    instruments: [INVERSE],
    brackets: { "BTC-USD-SWAP": brackets(ONE / 1_000) },
    market: coinMarket,
    accounts: [
      { id: "main", deposit: value(2 * ONE), hedgeMode },
      { id: "other", deposit: value(2 * ONE) },
    ],
    rules,
    seed: 7,
  });
  const wall = new TestWall();
  const bugs: unknown[] = [];
  const server = await startServer({
    exchange,
    keys: [],
    skins: [
      okxSkin({
        exchanges: options.withCoin === true ? [exchange, coin] : [exchange],
        contracts: { "BTC-USDT-SWAP": "0.01", "ETH-USDT-SWAP": "0.1", "BTC-USD-SWAP": "100" },
        keys: [
          { ...OKX_KEY, ...options.key },
          { apiKey: "other-key", secret: "other-secret", passphrase: "other-phrase", account: "other" },
        ],
        priceBand: rules.priceBand,
      }),
    ],
    speed: 1,
    wall,
    isPaused: true,
    log: { error: (fields) => bugs.push(fields), warn: () => {} },
    ...(options.weather === undefined ? {} : { weather: options.weather }),
  });
  return {
    server,
    exchange,
    coin,
    wall,
    bugs,
    move: (price, instrument = "BTC-USDT-SWAP") => {
      const [its, moved] = instrument === "BTC-USD-SWAP" ? [coinMarket, coin] : [market, exchange];
      its.set(instrument, ticks(price));
      const until = its.nextAt();
      while (moved.step(until)) {
        // Until the point of every instrument at that time is walked.
      }
    },
    close: () => server.close(),
  };
}
