import { once } from "node:events";
import { Agent as HttpsAgent } from "node:https";
import net from "node:net";
import ccxt from "ccxt";
import { Agent, type buildConnector } from "undici";
import { WebSocket } from "ws";
import { type Instrument, type MarginBracket, unitOf } from "../../../src/core/instrument.ts";
import { stepOf } from "../../../src/core/text.ts";
import { lots, ONE, rate, ticks, value } from "../../../src/core/units.ts";
import { createExchange } from "../../../src/venue/built-in-exchange.ts";
import type { BybitCore } from "../../../src/venue/bybit/core.ts";
import type { Limits } from "../../../src/venue/bybit/limits.ts";
import { type BybitSkin, bybitSkin } from "../../../src/venue/bybit/skin.ts";
import type { Exchange } from "../../../src/venue/exchange.ts";
import type { Weather } from "../../../src/venue/faults/weather.ts";
import { rulesOf, type VenueRules } from "../../../src/venue/venue-rules.ts";
import { startServer, type VenueServer } from "../../../src/venue/web/server.ts";
import { HandMarket } from "../binance/hand-market.ts";
import { type Heard, TestWall } from "../binance/served-venue.ts";

/** 2025-05-01T00:00:00Z: far from the wall clock, so that a mix-up of the two shows. */
const MARKET_START = 1_746_057_600_000;

const shared = {
  venue: "bybit",
  priceMin: ticks(1),
  priceMax: ticks(8_000_000),
  lotsMin: lots(1),
  lotsMax: lots(1_000_000),
  marketLotsMax: lots(120_000),
  ordersMax: 500,
  conditionalOrdersMax: 10,
  makerFee: rate(20_000),
  takerFee: rate(55_000),
  liquidationFee: rate(55_000),
} as const;

function linear(base: string, tick: string, lot: string): Instrument {
  return {
    ...shared,
    id: `${base}USDT`,
    kind: "linear",
    base,
    quote: "USDT",
    settle: "USDT",
    tick: stepOf(tick),
    lot: stepOf(lot),
    unit: unitOf(stepOf(tick), stepOf(lot)),
    notionalMin: value(100 * ONE),
  };
}

const INVERSE: Instrument = {
  ...shared,
  id: "BTCUSD",
  kind: "inverse",
  base: "BTC",
  quote: "USD",
  settle: "BTC",
  tick: stepOf("0.10"),
  lot: stepOf("1"),
  unit: ONE,
  notionalMin: value(ONE),
};

const tier = (floor: number, cap: number, maintenance: number, deduction: number, leverageMax: number) => ({
  floor: value(floor * ONE),
  cap: value(cap * ONE),
  maintenance: rate(maintenance),
  deduction: value(deduction * ONE),
  leverageMax,
});
const LINEAR_TIERS: readonly MarginBracket[] = [
  tier(0, 2_000_000, 500_000, 0, 100),
  tier(2_000_000, 10_000_000, 1_000_000, 10_000, 50),
];
const INVERSE_TIERS: readonly MarginBracket[] = [
  tier(0, 150, 500_000, 0, 100),
  tier(150, 300, 1_000_000, 0.75, 50),
];

/** The key that every test uses; its marks must never show up in a log. */
export const KEY = { apiKey: "test-bybit-key", secret: "test-bybit-secret", account: "main" } as const;

export type Client = InstanceType<typeof ccxt.pro.bybit>;

/** A served Bybit whose markets stand still until the test moves them. */
export interface ServedBybit {
  readonly server: VenueServer;
  readonly core: BybitCore;
  readonly usdt: Exchange;
  readonly btc: Exchange;
  readonly wall: TestWall;
  /** Moves an instrument to a price in ticks, a second of market time later. */
  move(price: number, instrument?: string): void;
  /** ccxt with production addresses and its sockets led here. */
  client(extra?: Record<string, unknown>): Promise<Client>;
  /** Whether a socket of the account "main" listens to a private topic. */
  isHeard(topic: string): boolean;
  /** A bare socket on a path, with all that came in. */
  listen(path: string): Promise<{ readonly socket: WebSocket; readonly heard: Heard[] }>;
  close(): Promise<void>;
}

/** Serves BTCUSDT and ETHUSDT at 50,000 and 2,500, and the inverse BTCUSD at 50,000. */
export async function serveBybit(
  options: {
    readonly hedgeMode?: boolean;
    readonly limits?: Partial<Limits>;
    readonly rules?: Partial<VenueRules>;
    readonly weather?: Weather;
  } = {},
): Promise<ServedBybit> {
  const markets = {
    usdt: new HandMarket(MARKET_START, { BTCUSDT: 500_000, ETHUSDT: 250_000 }),
    btc: new HandMarket(MARKET_START, { BTCUSD: 500_000 }),
  };
  const rules = { ...rulesOf("bybit"), historyForgetMs: 86_400_000, ...options.rules };
  const accounts = (deposit: number) =>
    ["main", "other"].map((id) => ({
      id,
      deposit: value(deposit * ONE),
      ...(options.hedgeMode === undefined ? {} : { hedgeMode: options.hedgeMode }),
    }));
  const usdt = createExchange({
    instruments: [linear("BTC", "0.10", "0.001"), linear("ETH", "0.01", "0.01")],
    brackets: { BTCUSDT: LINEAR_TIERS, ETHUSDT: LINEAR_TIERS },
    market: markets.usdt,
    accounts: accounts(10_000),
    rules,
    seed: 7,
  });
  const btc = createExchange({
    instruments: [INVERSE],
    brackets: { BTCUSD: INVERSE_TIERS },
    market: markets.btc,
    accounts: ["main", "other"].map((id) => ({ id, deposit: value(ONE / 20) })),
    rules,
    seed: 8,
  });
  const wall = new TestWall();
  const other = { apiKey: "other-key", secret: "other-secret", account: "other" };
  const limits = { factor: 100, ...options.limits };
  let skin: BybitSkin | undefined;
  const server = await startServer({
    exchange: usdt,
    keys: [],
    skins: [
      (context) => {
        skin = bybitSkin({ exchanges: [usdt, btc], keys: [KEY, other], limits }, context);
        return skin;
      },
    ],
    speed: 1,
    wall,
    isPaused: true,
    ...(options.weather === undefined ? {} : { weather: options.weather }),
  });
  const clients: Client[] = [];
  const sockets: WebSocket[] = [];
  if (skin === undefined) throw new Error("the server opened no skin");
  const { core } = skin;
  return {
    server,
    core,
    usdt,
    btc,
    wall,
    move: (price, instrument = "BTCUSDT") => {
      const isInverse = instrument === "BTCUSD";
      const market = isInverse ? markets.btc : markets.usdt;
      market.set(instrument, ticks(price));
      const until = market.nextAt();
      while ((isInverse ? btc : usdt).step(until)) {
        // Until the point of every instrument at that time is walked.
      }
    },
    client: async (extra = {}) => {
      const client = await reroute(server.port, extra);
      clients.push(client);
      return client;
    },
    isHeard: (topic) => core.topics.has("private main", topic),
    listen: async (path) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
      const heard: Heard[] = [];
      socket.on("message", (message) => heard.push(JSON.parse(String(message)) as Heard));
      sockets.push(socket);
      await once(socket, "open");
      return { socket, heard };
    },
    close: async () => {
      for (const client of clients) await client.close().catch(() => {});
      for (const socket of sockets) socket.terminate();
      await server.close();
    },
  };
}

async function reroute(port: number, extra: Record<string, unknown>): Promise<Client> {
  const { options, ...rest } = extra;
  const client = new ccxt.pro.bybit({
    apiKey: KEY.apiKey,
    secret: KEY.secret,
    enableRateLimit: false,
    ...rest,
    options: {
      fetchMarkets: { types: ["linear", "inverse"] },
      defaultType: "swap",
      watchPositions: { fetchPositionsSnapshot: false },
      ...(options as object),
    },
  });
  await client.loadFetchImplementation();
  const connect = (): net.Socket => {
    const socket = net.connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    return socket;
  };
  const connector: buildConnector.connector = (_where, done) => {
    const socket = connect();
    socket.once("connect", () => done(null, socket));
    socket.once("error", (error) => done(error, null));
  };
  client.fetchDispatcher = new Agent({ ...client.getDispatcherOptions(true), connect: connector });
  class PlainAgent extends HttpsAgent {
    override createConnection(): net.Socket {
      return connect();
    }
  }
  client.agent = new PlainAgent();
  return client;
}
