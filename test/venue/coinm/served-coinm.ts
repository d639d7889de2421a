import ccxt from "ccxt";
import type { Instrument, MarginBracket } from "../../../src/core/instrument.ts";
import { stepOf } from "../../../src/core/text.ts";
import { lots, rate, ticks, value } from "../../../src/core/units.ts";
import { reroute, type SocketHolder } from "../../../src/gateways/reroute.ts";
import { createExchange } from "../../../src/venue/built-in-exchange.ts";
import { coinmSkin } from "../../../src/venue/coinm/skin.ts";
import type { Exchange } from "../../../src/venue/exchange.ts";
import type { ExchangeSetup } from "../../../src/venue/venue-opening.ts";
import type { ServerOptions } from "../../../src/venue/web/server.ts";
import { HandMarket } from "../binance/hand-market.ts";
import { KEY, type Served, serveVenue } from "../binance/served-venue.ts";

/** 2025-05-01T00:00:00Z, as in the USDT-M tests. */
const MARKET_START = 1_746_057_600_000;
const COIN = 100_000_000;

function inverse(base: string, tick: string, contract: number): Instrument {
  return {
    id: `${base}USD_PERP`,
    venue: "binancecoinm",
    kind: "inverse",
    base,
    quote: "USD",
    settle: base,
    tick: stepOf(tick),
    lot: stepOf("1"),
    unit: contract * COIN,
    priceMin: ticks(1),
    priceMax: ticks(8_000_000),
    lotsMin: lots(1),
    lotsMax: lots(1_000_000),
    marketLotsMax: lots(120_000),
    notionalMin: value(contract * COIN),
    ordersMax: 20,
    conditionalOrdersMax: 4,
    makerFee: rate(10_000),
    takerFee: rate(50_000),
    liquidationFee: rate(1_500_000),
  };
}

/** Contracts of 100 and of 10 dollars, each settled in its own coin. */
const BTC_PERP = inverse("BTC", "0.1", 100);
const ETH_PERP = inverse("ETH", "0.01", 10);

/** Tiers in the base asset: 0.4 % up to 5 coins, 0.5 % up to 10. */
const COIN_BRACKETS: readonly MarginBracket[] = [
  {
    floor: value(0),
    cap: value(5 * COIN),
    maintenance: rate(400_000),
    deduction: value(0),
    leverageMax: 125,
  },
  {
    floor: value(5 * COIN),
    cap: value(10 * COIN),
    maintenance: rate(500_000),
    deduction: value(0.005 * COIN),
    leverageMax: 100,
  },
];

/** ccxt's unified COIN-M client with production addresses, its sockets led to a served venue. */
export type CoinmClient = InstanceType<typeof ccxt.pro.binancecoinm>;

export async function coinmClient(port: number): Promise<CoinmClient> {
  const client = new ccxt.pro.binancecoinm({
    apiKey: KEY.apiKey,
    secret: KEY.secret,
    enableRateLimit: false,
    options: { fetchCurrencies: false, watchPositions: { fetchPositionsSnapshot: false } },
  });
  await reroute(client as unknown as SocketHolder, { host: "127.0.0.1", port });
  return client;
}

/** A served venue with COIN-M beside USDT-M: one exchange for each coin, both still until a test moves them. */
export interface ServedCoinm {
  readonly served: Served;
  readonly btc: Exchange;
  readonly eth: Exchange;
  /** Moves a contract to a price in ticks, a second of market time later. */
  move(price: number, instrument?: string): void;
  close(): Promise<void>;
}

/** Where the contracts stand at first: 50,000.0 and 2,500.00 dollars. */
const START = { BTCUSD_PERP: 500_000, ETHUSD_PERP: 250_000 } as const;

/** The contracts of these tests; a test may serve others with the same names. */
const CONTRACTS = {
  instruments: [BTC_PERP, ETH_PERP],
  brackets: { BTCUSD_PERP: COIN_BRACKETS, ETHUSD_PERP: COIN_BRACKETS },
} as const;

export async function serveCoinm(
  options: Partial<ServerOptions> = {},
  contracts: Pick<ExchangeSetup, "instruments" | "brackets"> = CONTRACTS,
): Promise<ServedCoinm> {
  const open = (id: keyof typeof START) => {
    const instrument = contracts.instruments.find((each) => each.id === id) ?? BTC_PERP;
    const market = new HandMarket(MARKET_START, { [id]: START[id] });
    const exchange = createExchange({
      instruments: [instrument],
      brackets: contracts.brackets,
      market,
      accounts: [
        { id: "main", deposit: value(10 * COIN) },
        { id: "other", deposit: value(10 * COIN) },
      ],
      seed: 11,
    });
    return { market, exchange };
  };
  const coins = {
    BTCUSD_PERP: open("BTCUSD_PERP"),
    ETHUSD_PERP: open("ETHUSD_PERP"),
  } as const;
  const [btc, eth] = [coins.BTCUSD_PERP.exchange, coins.ETHUSD_PERP.exchange];
  const keys = [KEY, { apiKey: "other-key", secret: "other-secret", account: "other" }];
  const served = await serveVenue({ skins: [coinmSkin({ exchanges: [btc, eth], keys })], keys, ...options });
  return {
    served,
    btc,
    eth,
    move: (price, instrument = "BTCUSD_PERP") => {
      const { market, exchange } = coins[instrument as keyof typeof coins];
      market.set(instrument, ticks(price));
      const until = market.nextAt();
      while (exchange.step(until)) {
        // Until all that is due at that time has happened.
      }
    },
    close: () => served.close(),
  };
}
