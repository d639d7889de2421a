import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { InstrumentId } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import type { Ticks } from "../../core/units.ts";
import type { Exchange } from "../exchange.ts";
import { AccountStreams } from "./account-streams.ts";
import { guarded } from "./calls.ts";
import { type Controls, control } from "./control.ts";
import { answer, readRequest, send } from "./door.ts";
import { LIMITS, type Limits, Meter } from "./limits.ts";
import { ListenKeys } from "./listen-keys.ts";
import { MarketStreams } from "./market-streams.ts";
import { Pump } from "./pump.ts";
import { Refusal } from "./refusal.ts";
import type { Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";
import { SOCKET_LIFE, type SocketKind, type SocketLife, Sockets } from "./sockets.ts";
import { Streams } from "./streams.ts";
import { DayStatistics } from "./ticker.ts";
import type { WallClock } from "./wall.ts";

/** Where the server's own troubles are written; a pino logger fits. */
interface ServerLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What a venue server is made of. */
export interface ServerOptions {
  readonly exchange: Exchange;
  readonly keys: readonly ApiKey[];
  /** 0 takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Market seconds per wall second. */
  readonly speed: number;
  readonly wall: WallClock;
  readonly limits?: Partial<Limits>;
  readonly listenKeyMs?: number;
  readonly socketLife?: Partial<SocketLife>;
  readonly log?: ServerLog;
  /** Whether the market runs from the start; otherwise `resume()` starts it. */
  readonly isPaused?: boolean;
  /** Opens `/control/...` to this machine; see control.ts. */
  readonly control?: boolean;
  /** How `/control/price` moves the market, where it can be moved. */
  readonly forcePrice?: (instrument: InstrumentId, price: Ticks) => void;
}

/** A venue server that listens; what it offers beside the protocol is for tests and stories. */
export interface VenueServer {
  readonly port: number;
  readonly url: string;
  /** Stops the market, cuts all connections and frees the port. */
  close(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Lets every listen key expire now, with Binance's message and then silence. */
  expireListenKeys(): void;
  /** Cuts sockets without a goodbye; how many. */
  dropSockets(kind: SocketKind): number;
  /** Holds back all market or private messages while on; they are lost. */
  silence(kind: "market" | "private", isOn: boolean): void;
}

/**
 * Serves an exchange over HTTP and WebSocket in Binance's USDT-M futures protocol, and moves its market with the
 * wall clock. Rejects with the listen error (for example EADDRINUSE) when the port can't be had.
 */
export async function startServer(options: ServerOptions): Promise<VenueServer> {
  const { exchange, wall } = options;
  invariant(
    options.speed > 0 && Number.isFinite(options.speed),
    "a served market has a finite speed above zero",
  );
  // A key for an account that the exchange doesn't have is a mistake to hear of now rather than at its first call.
  for (const { account } of options.keys) exchange.balance(account);
  const traded = exchange.instruments.filter((each) => each.kind === "linear");
  const instruments = new Map(traded.map((each) => [each.id, each]));
  const log = options.log ?? { error: () => {}, warn: () => {} };
  const onBug = (error: unknown, call: string): void => log.error({ err: error, call }, "a call failed");

  const streams = new Streams(() => log.warn({}, "a socket that read too slowly was cut"));
  const listenKeys = new ListenKeys(wall, options.listenKeyMs ?? 3_600_000, (key) => accounts.expire(key));
  const accounts = new AccountStreams(exchange, instruments, streams, listenKeys);
  const venue: Venue = {
    exchange,
    instruments,
    wall,
    keys: new Map(options.keys.map((key) => [key.apiKey, key])),
    listenKeys,
    meter: new Meter({ ...LIMITS, ...options.limits }),
    day: new DayStatistics(exchange),
  };
  const market = new MarketStreams(exchange, instruments, streams, venue.day);
  const stopListening = exchange.listen((event) => {
    market.take(event);
    accounts.take(event);
  });
  const sockets = new Sockets(venue, streams, { ...SOCKET_LIFE, ...options.socketLife }, onBug);
  const pump = new Pump(exchange, wall, options.speed);
  const controls: Controls = {
    forcePrice: options.forcePrice,
    pause: () => pump.pause(),
    resume: () => pump.resume(),
    expireListenKeys: () => listenKeys.expireAll(),
    dropSockets: (kind) => sockets.drop(kind),
  };

  const http = createServer({ keepAliveTimeout: 65_000 }, async (message, response) => {
    message.socket.setNoDelay(true);
    const request = await readRequest(message);
    if (request === undefined) return;
    const { method, path, query, body, address } = request;
    if (options.control === true && path.startsWith("/control/") && isLoopback(address)) {
      const reply = guarded(() => control(venue, controls, method, path, query, body), path, onBug);
      const isRefused = reply instanceof Refusal;
      send(response, isRefused ? reply.status : 200, {}, isRefused ? reply.body : reply);
    } else answer(venue, request, response, onBug);
  });
  http.on("upgrade", (request, raw, head) => {
    request.socket.setNoDelay(true);
    sockets.upgrade(request, raw, head);
  });
  const port = await listen(http, options.port ?? 0, options.host ?? "127.0.0.1");
  if (options.isPaused !== true) pump.resume();

  return {
    port,
    url: `http://${options.host ?? "127.0.0.1"}:${port}`,
    pause: controls.pause,
    resume: controls.resume,
    expireListenKeys: controls.expireListenKeys,
    dropSockets: controls.dropSockets,
    silence: (kind, isOn) => streams.silence(kind, isOn),
    close: async () => {
      pump.pause();
      stopListening();
      listenKeys.close();
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

function listen(http: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => {
      http.off("error", reject);
      resolve((http.address() as AddressInfo).port);
    });
  });
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);
