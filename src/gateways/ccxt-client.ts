import { pro } from "ccxt";
import { reroute, type SocketHolder, type SocketTarget } from "./reroute.ts";
import { BINANCE_WEIGHTS, type Urgency, WeightBudget } from "./weight-budget.ts";

/** How long after its timestamp the exchange accepts a request (DESIGN.md, I1). */
export const RECV_WINDOW_MS = 3_000;
/** A request without an answer after this long is lost. */
const TIMEOUT_MS = 5_000;

/** Keys of one account; undefined for public data alone. */
export interface ApiKeys {
  readonly apiKey: string;
  readonly secret: string;
}

/** What a client is made of. `target` reroutes all sockets to a local venue. */
export interface ClientOptions {
  readonly keys: ApiKeys | undefined;
  readonly target: SocketTarget | undefined;
  readonly now: () => number;
}

type Call = (params: object) => Promise<unknown>;
type Inside = SocketHolder & {
  options: Record<string, unknown>;
  clients: Record<string, SocketClient>;
  last_response_headers: Record<string, string> | undefined;
  handleMessage(client: SocketClient, message: unknown): void;
  authenticate(): Promise<void>;
  getWsUrl(type: string, category: string): string;
  getPrivateWsUrl(type: string, listenKey: string): string;
  watch(url: string, hash: string, message: unknown, subscription: string): Promise<unknown>;
  close(): Promise<unknown>;
};

/** One socket of ccxt. */
export interface SocketClient {
  readonly url: string;
  readonly connected: Promise<unknown>;
  close(): unknown;
  onError(error: unknown): void;
}

/** The budget has no room for a call just now; nothing was sent. */
export class NoBudgetError extends Error {
  override readonly name = "NoBudgetError";
}

/**
 * ccxt's `binanceusdm` with production addresses: it signs, sends, reconnects and classifies; the payloads are ours
 * to read. A tap sees every frame before ccxt does, so that none is lost in its caches.
 */
export class CcxtClient {
  readonly budget: WeightBudget;
  readonly #exchange: Inside;
  readonly #options: ClientOptions;
  #tap: ((client: SocketClient, message: unknown) => boolean) | undefined;

  private constructor(exchange: Inside, options: ClientOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.budget = new WeightBudget(BINANCE_WEIGHTS, options.now);
    const own = exchange.handleMessage.bind(exchange);
    exchange.handleMessage = (client, message) => {
      if (this.#tap?.(client, message) !== true) own(client, message);
    };
  }

  /** Makes a client. Nothing is sent yet. */
  static async open(options: ClientOptions): Promise<CcxtClient> {
    const exchange = new pro.binanceusdm({
      ...(options.keys === undefined ? {} : { apiKey: options.keys.apiKey, secret: options.keys.secret }),
      enableRateLimit: true,
      rateLimiterAlgorithm: "rollingWindow",
      // One weight each 25 ms is Binance's 2,400 a minute; ccxt's default of 50 ms would hold orders back at half of it.
      rateLimit: 25,
      timeout: TIMEOUT_MS,
      streaming: { keepAlive: 5_000, maxPingPongMisses: 2 },
      options: {
        fetchCurrencies: false,
        recvWindow: RECV_WINDOW_MS,
        // The snapshot that watchOrders spawns rejects unhandled when its socket drops (research/gateways.md 1E.3).
        watchPositions: { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false },
        ws: { backoff: { base: 200, factor: 2, max: 5_000, stableAfter: 10_000 } },
      },
    }) as unknown as Inside;
    if (options.target !== undefined) await reroute(exchange, options.target);
    return new CcxtClient(exchange, options);
  }

  /** Sees every frame first; true keeps ccxt from reading it too. */
  tap(look: (client: SocketClient, message: unknown) => boolean): void {
    this.#tap = look;
  }

  /** One REST call by ccxt's implicit name, e.g. `fapiPrivatePostOrder`. Rejects with ccxt's error or `NoBudgetError`. */
  async call(name: string, params: object, urgency: Urgency): Promise<unknown> {
    if (!this.budget.may(urgency))
      throw new NoBudgetError(`the request budget is used up for ${this.budget.waitMs} ms`);
    const exchange = this.#exchange as unknown as Record<string, Call>;
    try {
      const answer = await exchange[name]?.(params);
      if (answer === undefined) throw new TypeError(`ccxt has no call ${name}`);
      return answer;
    } catch (error) {
      this.#noteBan(error);
      throw error;
    } finally {
      this.#noteWeight();
    }
  }

  /** Opens a public socket and subscribes; the promise settles only when the socket breaks. */
  subscribe(category: "public" | "market", streams: readonly string[]): OpenSocket {
    const url = `${this.#exchange.getWsUrl("future", category)}/perpdesk`;
    return this.#open(
      url,
      `perpdesk:${category}`,
      { method: "SUBSCRIBE", params: streams, id: 1 },
      `perpdesk:${category}`,
    );
  }

  /**
   * Opens the private socket under a fresh listen key: ccxt would go on with a dead one for twenty minutes
   * (research/gateways.md 1E.1). Rejects when no key can be had.
   */
  async subscribePrivate(): Promise<OpenSocket> {
    const { options } = this.#exchange;
    options["future"] = { ...(options["future"] as object), listenKey: undefined, lastAuthenticatedTime: 0 };
    await this.#exchange.authenticate();
    const { listenKey } = options["future"] as { listenKey: string };
    // The subscription named "future" is what ccxt's keep-alive of the key looks for.
    return this.#open(
      this.#exchange.getPrivateWsUrl("future", listenKey),
      "perpdesk:private",
      undefined,
      "future",
    );
  }

  /** Closes all sockets; what was pending is dropped quietly. */
  async close(): Promise<void> {
    await this.#exchange.close();
  }

  #open(url: string, hash: string, message: unknown, subscription: string): OpenSocket {
    const broken = this.#exchange.watch(url, hash, message, subscription).then(
      () => new Error("the socket ended"),
      (error: unknown) => error,
    );
    const client = this.#exchange.clients[url];
    const connected = client?.connected ?? Promise.reject(new Error("no socket"));
    return {
      url,
      connected,
      broken,
      cut: (error) => {
        client?.onError(error);
        client?.close();
      },
    };
  }

  #noteWeight(): void {
    const headers = this.#exchange.last_response_headers ?? {};
    const used = Number(headers["X-Mbx-Used-Weight-1m"]);
    if (Number.isFinite(used)) this.budget.told(used);
  }

  #noteBan(error: unknown): void {
    const message = error instanceof Error ? error.message : "";
    if (!/ 429 | 418 |"code":\s*"?-1003/.test(message)) return;
    const after = Number(this.#exchange.last_response_headers?.["Retry-After"]);
    this.budget.banned(Number.isFinite(after) ? after : undefined);
  }

  /** Wall time of this machine, milliseconds. */
  now(): number {
    return Math.round(this.#options.now());
  }
}

/** A socket as it lives: it connects, and one day it breaks. Neither promise ever rejects unseen. */
export interface OpenSocket {
  readonly url: string;
  readonly connected: Promise<unknown>;
  /** Resolves with the reason when the socket broke. */
  readonly broken: Promise<unknown>;
  cut(error: Error): void;
}
