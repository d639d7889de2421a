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
  /** 5 s unless set. */
  readonly timeoutMs?: number;
}

type Call = (params: object) => Promise<unknown>;
type Inside = SocketHolder & {
  options: Record<string, unknown>;
  clients: Record<string, SocketClient>;
  last_response_headers: Record<string, string> | undefined;
  handleMessage(client: SocketClient, message: unknown): void;
  getWsUrl(type: string, category: string): string;
  getPrivateWsUrl(type: string, listenKey: string): string;
  watch(url: string, hash: string, message: unknown, subscription: string): Promise<unknown>;
};

/** One socket of ccxt. */
export interface SocketClient {
  readonly url: string;
  readonly connected: Promise<unknown>;
  /** The socket itself, once it was dialled. */
  readonly connection?: { terminate(): void };
  onError(error: unknown): void;
}

/** The budget has no room for a call just now; nothing was sent. */
export class NoBudgetError extends Error {
  override readonly name = "NoBudgetError";
}

/**
 * ccxt's `binanceusdm` with production addresses: it signs, sends and opens sockets; the payloads are ours to read.
 * Every frame goes to the tap and none to ccxt, whose caches lose some and whose reading of an acknowledged
 * subscription throws and breaks the socket.
 */
export class CcxtClient {
  readonly budget: WeightBudget;
  readonly #exchange: Inside;
  readonly #options: ClientOptions;
  #tap: ((client: SocketClient, message: unknown) => void) | undefined;

  private constructor(exchange: Inside, options: ClientOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.budget = new WeightBudget(BINANCE_WEIGHTS, options.now);
    exchange.handleMessage = (client, message) => this.#tap?.(client, message);
  }

  /** Makes a client. Nothing is sent yet. */
  static async open(options: ClientOptions): Promise<CcxtClient> {
    const exchange = new pro.binanceusdm({
      ...(options.keys === undefined ? {} : { apiKey: options.keys.apiKey, secret: options.keys.secret }),
      enableRateLimit: true,
      rateLimiterAlgorithm: "rollingWindow",
      // 12,000 units a minute. ccxt's default is 1,200 and counts four for an order: the 301st order of a minute, and
      // every close behind it, would wait in one line. Its limiter only stops a runaway; our budget knows what matters.
      rateLimit: 5,
      timeout: options.timeoutMs ?? TIMEOUT_MS,
      streaming: { keepAlive: 5_000, maxPingPongMisses: 2 },
      options: {
        fetchCurrencies: false,
        recvWindow: RECV_WINDOW_MS,
        // The snapshot that watchOrders spawns rejects unhandled when its socket drops (research/gateways.md 1E.3).
        watchPositions: { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false },
        // StreamKeeper waits between attempts; a dial that ccxt delays would go out after it was given up.
        ws: { backoff: { base: 0 } },
      },
    }) as unknown as Inside;
    if (options.target !== undefined) await reroute(exchange, options.target);
    return new CcxtClient(exchange, options);
  }

  /** Hands every frame over. */
  tap(look: (client: SocketClient, message: unknown) => void): void {
    this.#tap = look;
  }

  /** One REST call by ccxt's implicit name, e.g. `fapiPrivatePostOrder`. Rejects with ccxt's error or `NoBudgetError`. */
  async call(name: string, params: object, urgency: Urgency): Promise<unknown> {
    if (!this.budget.may(urgency)) throw new NoBudgetError(this.budget.why(urgency));
    const exchange = this.#exchange as unknown as Record<string, Call>;
    const headersBefore = this.#exchange.last_response_headers;
    try {
      const answer = await exchange[name]?.(params);
      if (answer === undefined) throw new TypeError(`ccxt has no call ${name}`);
      return answer;
    } catch (error) {
      this.#noteBan(error);
      throw withoutAddress(error);
    } finally {
      // Headers that were there before belong to another answer, maybe of an earlier minute.
      if (this.#exchange.last_response_headers !== headersBefore) this.#noteWeight();
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

  /** Opens the private socket of a listen key. */
  subscribePrivate(listenKey: string): OpenSocket {
    const url = this.#exchange.getPrivateWsUrl("future", listenKey);
    return this.#open(url, "perpdesk:private", undefined, "perpdesk:private");
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
        // A goodbye would wait for an answer, which a dead socket never gives.
        client?.connection?.terminate();
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
    if (/"code":\s*"?-1015/.test(message)) {
      this.budget.ordersRefused();
      return;
    }
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

/** ccxt writes signed addresses and listen keys into its errors: they are cut out before anybody can log them. */
function withoutAddress(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cut = (text: string): string => text.replace(/\b(?:https?|wss?):\/\/\S+/g, "(address)");
  error.message = cut(error.message);
  if (error.stack !== undefined) error.stack = cut(error.stack);
  return error;
}
