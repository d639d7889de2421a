import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AccountId } from "../../core/instrument.ts";
import type { Exchange } from "../exchange.ts";
import type { Trouble, Weather } from "../faults/weather.ts";
import type { Frames } from "./frames.ts";
import type { WallClock } from "./wall.ts";

/** A REST request, read to its end. */
export interface WebRequest {
  readonly method: string;
  readonly path: string;
  /** The raw query, as it was signed. */
  readonly query: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  /** Who asks, for limits. */
  readonly address: string;
}

/** A REST answer; `body` becomes JSON, and a text goes out as a web page, as proxies in front of exchanges answer. */
export interface WebAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: object | string;
}

/** Kinds of sockets that can be dropped. */
export type SocketKind = "private" | "market" | "api" | "all";

/** One protocol over one or more exchanges: Binance's two, Bybit's, OKX's. */
export interface Skin {
  /** As ccxt names the exchange, e.g. "bybit". */
  readonly name: string;
  /** The exchanges whose markets it shows; the server moves their time. */
  readonly exchanges: readonly Exchange[];
  /** Whose keys it knows: what faults may touch. */
  readonly accounts?: readonly AccountId[];
  /** Whether a request with this Host header and path is this protocol's. */
  owns(host: string, path: string): boolean;
  /** Answers a request. Never throws: a bug is reported and answered as the exchange's own internal error. */
  answer(request: WebRequest): WebAnswer;
  /** Takes over a connection that asks to become a WebSocket; paths that nobody serves are cut. */
  upgrade(message: IncomingMessage, raw: Duplex, head: Buffer): void;
  /** Cuts sockets without a goodbye; how many. */
  dropSockets(kind: SocketKind): number;
  /** Holds back all market or private messages while on; they are lost. */
  silence(kind: "market" | "private", isOn: boolean): void;
  /** Lets keys of private streams expire, where the protocol has such. */
  expireListenKeys(): void;
  /** Leaves sockets open but dead: nothing is read from them or sent to them any more, pings included; how many. */
  freezeSockets?(kind: SocketKind): number;
  /** This protocol's own words for a trouble at the exchange; a bare web page where it has none. */
  trouble?(trouble: Trouble): WebAnswer;
  /** Ends sockets and timers. */
  close(): void;
}

/** What the server gives a skin to be made of. */
export interface SkinContext {
  /** The exchange's wall clock: the true one with the weather's skew. */
  readonly wall: WallClock;
  readonly frames: Frames;
  /** What becomes of requests that don't come over HTTP, such as orders over a socket. */
  readonly weather: Weather;
  /** Is told when one of our own promises broke while a call was answered. */
  readonly onBug: (error: unknown, call: string) => void;
}
