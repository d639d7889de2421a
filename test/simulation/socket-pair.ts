import type { OpenSocket } from "../../src/gateways/exchange-client.ts";
import type { Category, Connection } from "../../src/venue/binance/streams.ts";
import type { FrameSocket } from "../../src/venue/web/frames.ts";
import type { Timeline } from "./timeline.ts";

/** ccxt's pings notice a dead connection between these, wall milliseconds (keepAlive 5 s, two misses). */
const NOTICED_MS = 12_500;

/** What a pair is made of. */
export interface PairParts {
  readonly timeline: Timeline;
  readonly url: string;
  readonly wayMs: number;
  readonly tap: (text: string) => void;
  readonly isOpen: () => boolean;
  readonly isDead: () => boolean;
}

/** Both ends of one socket: the exchange pushes texts in, the client's tap hears them in the same order a little later. */
export class SocketPair implements FrameSocket, OpenSocket {
  readonly OPEN = 1;
  readonly bufferedAmount = 0;
  readonly url: string;
  readonly connected: Promise<unknown>;
  readonly broken: Promise<unknown>;
  readonly connection: Connection;
  readonly #parts: PairParts;
  readonly #atClose: (() => void)[] = [];
  #state = 0;
  #isDeaf = false;
  #up: () => void = () => {};
  #break: (reason: unknown) => void = () => {};
  #lastArrival = 0;

  constructor(parts: PairParts) {
    this.#parts = parts;
    this.url = parts.url;
    this.connected = new Promise((resolve) => {
      this.#up = () => resolve(undefined);
    });
    this.broken = new Promise((resolve) => {
      this.#break = resolve;
    });
    this.connection = {
      socket: this,
      category: categoryOf(parts.url),
      isCombined: false,
      streams: new Set(),
    };
  }

  get readyState(): number {
    return this.#state;
  }

  /** Hears when the exchange's end is closed. */
  onClose(act: () => void): void {
    this.#atClose.push(act);
  }

  /** Dials: there and back, then the exchange's end begins to speak. */
  connect(opened: () => void): void {
    const { timeline, wayMs, isOpen } = this.#parts;
    timeline.after(wayMs, () => {
      if (this.#state !== 0) return;
      if (!isOpen()) {
        this.cut(new Error("connect ECONNREFUSED"));
        return;
      }
      this.#state = 1;
      timeline.after(wayMs, () => this.#up());
      this.#lastArrival = timeline.now + wayMs;
      opened();
    });
  }

  /** The exchange's end pushes a text (or the client's end says something, which nobody needs to hear). */
  send(text: string | object): void {
    if (this.#state !== 1 || typeof text !== "string") return;
    const { timeline, wayMs, tap, isDead } = this.#parts;
    this.#lastArrival = Math.max(this.#lastArrival, timeline.now + wayMs);
    timeline.after(this.#lastArrival - timeline.now, () => {
      if (this.#state === 1 && !this.#isDeaf && !isDead()) tap(text);
    });
  }

  /** The exchange's end closes without a goodbye; the client's end learns of it. */
  terminate(): void {
    const { timeline, wayMs } = this.#parts;
    this.#close();
    timeline.after(wayMs, () =>
      this.#break(new Error("Connection closed by remote server, closing code 1006")),
    );
  }

  /** The client's end gives up. */
  cut(error: Error): void {
    this.#close();
    this.#break(error);
  }

  /** The client's program is gone: the exchange sees the connection end, and nobody is left to be told. */
  abandon(): void {
    this.#close();
  }

  /** Half-open: nothing passes any more, and only pings that stay without an answer tell the client. */
  deafen(): void {
    this.#isDeaf = true;
    this.#parts.timeline.after(NOTICED_MS, () => this.cut(new Error("ping-pong keepalive timed out")));
  }

  #close(): void {
    if (this.#state === 3) return;
    this.#state = 3;
    for (const act of this.#atClose) act();
  }
}

/** Which streams an address carries. */
const categoryOf = (url: string): Category =>
  url.includes("/private/") ? "private" : url.includes("/public/") ? "public" : "market";
