import { once } from "node:events";
import ccxt from "ccxt";
import { Agent, type buildConnector } from "undici";
import { WebSocket } from "ws";
import { type Instrument, type MarginBracket, unitOf } from "../../../src/core/instrument.ts";
import { stepOf } from "../../../src/core/text.ts";
import { lots, rate, ticks, value } from "../../../src/core/units.ts";
import { createExchange } from "../../../src/venue/built-in-exchange.ts";
import type { Exchange } from "../../../src/venue/exchange.ts";
import { type ServerOptions, startServer, type VenueServer } from "../../../src/venue/web/server.ts";
import { connectTo, LoopbackAgent } from "../../clients/loopback-agent.ts";
import { HandMarket } from "./hand-market.ts";

/** 2025-05-01T00:00:00Z: far from the wall clock, so that a mix-up of the two shows. */
export const MARKET_START = 1_746_057_600_000;
const USDT = 100_000_000;

function perpetual(base: string, tick: string, lot: string): Instrument {
  return {
    id: `${base}USDT`,
    venue: "binanceusdm",
    kind: "linear",
    base,
    quote: "USDT",
    settle: "USDT",
    tick: stepOf(tick),
    lot: stepOf(lot),
    unit: unitOf(stepOf(tick), stepOf(lot)),
    priceMin: ticks(1),
    priceMax: ticks(8_000_000),
    lotsMin: lots(1),
    lotsMax: lots(1_000_000),
    marketLotsMax: lots(120_000),
    notionalMin: value(100 * USDT),
    ordersMax: 20,
    conditionalOrdersMax: 4,
    makerFee: rate(20_000),
    takerFee: rate(50_000),
    liquidationFee: rate(1_250_000),
  };
}

const BRACKETS: readonly MarginBracket[] = [
  {
    floor: value(0),
    cap: value(50_000 * USDT),
    maintenance: rate(400_000),
    deduction: value(0),
    leverageMax: 125,
  },
  {
    floor: value(50_000 * USDT),
    cap: value(600_000 * USDT),
    maintenance: rate(500_000),
    deduction: value(50 * USDT),
    leverageMax: 100,
  },
];

/** A wall clock that runs, and that a test can set forward. */
export class TestWall {
  ahead = 0;
  now(): number {
    return Date.now() + this.ahead;
  }
  setTimeout(run: () => void, delayMs: number): unknown {
    return setTimeout(run, delayMs);
  }
  clearTimeout(timer: unknown): void {
    clearTimeout(timer as NodeJS.Timeout);
  }
}

export type Client = InstanceType<typeof ccxt.pro.binanceusdm>;

/** A served exchange whose market stands still until the test moves it, with everything a test needs to look inside. */
export interface Served {
  readonly server: VenueServer;
  readonly exchange: Exchange;
  readonly wall: TestWall;
  readonly market: HandMarket;
  /** Moves BTCUSDT (or another) to a price in ticks, a second of market time later. */
  move(price: number, instrument?: string): void;
  /** ccxt with production addresses and its sockets led here. */
  client(extra?: Record<string, unknown>): Promise<Client>;
  /** A bare socket on a path, with all that came in. */
  listen(path: string): Promise<{ readonly socket: WebSocket; readonly heard: Heard[] }>;
  close(): Promise<void>;
}

/** A message as it came over a socket. */
export type Heard = Record<string, unknown>;

/** The key that every test uses; its marks must never show up in a log. */
export const KEY = { apiKey: "test-api-key", secret: "test-secret", account: "main" } as const;

/** Serves an exchange whose market starts at `startAt` and stands still. */
export async function serveVenue(
  options: Partial<ServerOptions> = {},
  startAt = MARKET_START,
): Promise<Served> {
  const market = new HandMarket(startAt, { BTCUSDT: 500_000, ETHUSDT: 250_000 });
  const instruments = [perpetual("BTC", "0.10", "0.001"), perpetual("ETH", "0.01", "0.001")];
  const exchange = createExchange({
    instruments,
    brackets: { BTCUSDT: BRACKETS, ETHUSDT: BRACKETS },
    market,
    accounts: [
      { id: "main", deposit: value(10_000 * USDT) },
      { id: "other", deposit: value(10_000 * USDT) },
    ],
    seed: 7,
  });
  const wall = new TestWall();
  const move = (price: number, instrument = "BTCUSDT"): void => {
    market.set(instrument, ticks(price));
    const until = market.nextAt();
    while (exchange.step(until)) {
      // Until the point of every instrument at that time is walked.
    }
  };
  const server = await startServer({
    exchange,
    keys: [KEY, { apiKey: "other-key", secret: "other-secret", account: "other" }],
    speed: 1,
    wall,
    isPaused: true,
    forcePrice: (instrument, price) => move(price, instrument),
    ...options,
  });
  const clients: Client[] = [];
  const sockets: WebSocket[] = [];
  return {
    server,
    exchange,
    wall,
    market,
    move,
    client: async (extra = {}) => {
      const client = await reroute(server.port, extra);
      clients.push(client);
      return client;
    },
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

/** ccxt with production addresses and its sockets led to a local port. */
export async function reroute(port: number, extra: Record<string, unknown> = {}): Promise<Client> {
  const { options, ...rest } = extra;
  const client = new ccxt.pro.binanceusdm({
    apiKey: KEY.apiKey,
    secret: KEY.secret,
    enableRateLimit: false,
    ...rest,
    options: {
      fetchCurrencies: false,
      watchPositions: { fetchPositionsSnapshot: false },
      ...(options as object),
    },
  });
  await client.loadFetchImplementation();
  const connector: buildConnector.connector = (_where, done) => {
    const socket = connectTo(port);
    socket.once("connect", () => done(null, socket));
    socket.once("error", (error) => done(error, null));
  };
  client.fetchDispatcher = new Agent({
    ...client.getDispatcherOptions(true),
    connect: connector,
  });
  client.agent = new LoopbackAgent(port);
  return client;
}

/** Waits for real I/O on loopback: until `holds`, looking after every turn of the event loop, for two seconds at most. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const patience = performance.now() + 2_000;
  while (!holds()) {
    if (performance.now() > patience) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
