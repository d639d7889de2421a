import { pro } from "ccxt";
import { PayloadError } from "./binance/fields.ts";
import { type ExchangeClient, NoBudgetError, type OpenSocket } from "./exchange-client.ts";
import { reroute, type SocketHolder, type SocketTarget } from "./reroute.ts";
import { type Urgency, WeightBudget, type WeightLimits } from "./weight-budget.ts";

/** How long after its timestamp the exchange accepts a request (DESIGN.md, I1). */
export const RECV_WINDOW_MS = 3_000;
/** A request without an answer after this long is lost. */
const TIMEOUT_MS = 5_000;

/** Keys of one account; undefined for public data alone. */
export interface ApiKeys {
  readonly apiKey: string;
  readonly secret: string;
  /** OKX wants a passphrase as well. */
  readonly password?: string;
}

/** Where ccxt keeps a call: the section of its table, and the path under it. */
export interface CcxtRoute {
  readonly api: string;
  readonly path: string;
}

/** What a profile may set up on ccxt's exchange. */
export interface CcxtExchange {
  /** The time that requests are stamped with, milliseconds. */
  nonce(): number;
  sign(
    path: string,
    api: string,
    method: string,
    ...rest: readonly unknown[]
  ): { headers?: Record<string, string> | undefined };
  setSandboxMode(isOn: boolean): void;
}

/** What differs from exchange to exchange in carrying calls and frames. */
export interface CcxtProfile {
  readonly exchange: "binanceusdm" | "binancecoinm" | "bybit" | "okx";
  readonly weights: WeightLimits;
  /** ccxt's options of this exchange. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Splits "POST /fapi/v1/order" into ccxt's section and path. Throws for a call that it does not know. */
  route(method: string, path: string): CcxtRoute;
  /** The answer's header that tells the request weight used in this minute, as ccxt spells it. */
  readonly usedHeader?: string;
  /** Sets up ccxt's exchange before its first call, demo trading included; without it ccxt's own switch does that. */
  prepare?(exchange: CcxtExchange, isDemo: boolean): void;
  /** An answer to ccxt's own ping: it proves that the socket lives and goes no further. */
  isPong?(message: unknown): boolean;
  /** What an error's text says of our standing: too many orders, or a ban of some seconds. */
  standing?(message: string, retryAfter: number | undefined): "ordersRefused" | "banned" | undefined;
  /** How long a ban counts whose answer does not say it; a minute unless set. */
  readonly banSeconds?: number;
}

/** What a client is made of. `target` reroutes all sockets to a local venue. */
export interface ClientOptions {
  readonly profile: CcxtProfile;
  readonly keys: ApiKeys | undefined;
  readonly target: SocketTarget | undefined;
  /** The exchange's demo trading instead of the real one. */
  readonly isDemo?: boolean;
  readonly now: () => number;
  /** 5 s unless set. */
  readonly timeoutMs?: number;
}

type Inside = SocketHolder &
  CcxtExchange & {
    options: Record<string, unknown>;
    clients: Record<string, SocketClient>;
    last_response_headers: Record<string, string> | undefined;
    enableDemoTrading(isOn: boolean): void;
    fetch2(path: string, api: string, method: string, params: object): Promise<unknown>;
    handleMessage(client: SocketClient, message: unknown): void;
    watch(url: string, hash: string, message: unknown, subscription: string): Promise<unknown>;
  };

/** One socket of ccxt. */
interface SocketClient {
  readonly url: string;
  readonly connected: Promise<unknown>;
  /** The socket itself, once it was dialled. */
  readonly connection?: { terminate(): void };
  onError(error: unknown): void;
  onPong(): void;
  send(message: object | string): Promise<unknown>;
}

/**
 * An exchange of ccxt with production addresses: it signs, sends and opens sockets; the payloads are ours to read.
 * Every frame goes to the tap and none to ccxt, whose caches lose some and whose reading of an acknowledged
 * subscription throws and breaks the socket.
 */
export class CcxtClient implements ExchangeClient {
  readonly budget: WeightBudget;
  readonly #exchange: Inside;
  readonly #options: ClientOptions;
  #tap: ((url: string, message: unknown) => void) | undefined;

  private constructor(exchange: Inside, options: ClientOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.budget = new WeightBudget(options.profile.weights, options.now);
    exchange.handleMessage = (client, message) => {
      if (options.profile.isPong?.(message)) client.onPong();
      else this.#hand(client.url, message);
    };
  }

  /** Makes a client. Nothing is sent yet. */
  static async open(options: ClientOptions): Promise<CcxtClient> {
    const { profile, keys } = options;
    const exchange = new pro[profile.exchange]({
      ...(keys === undefined ? {} : keys),
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
        ...profile.options,
      },
    }) as unknown as Inside;
    // ccxt would stamp requests with the machine's clock, whatever clock the desk goes by.
    exchange.nonce = () => Math.round(options.now());
    const isDemo = options.isDemo === true;
    if (profile.prepare !== undefined) profile.prepare(exchange, isDemo);
    else if (isDemo) exchange.enableDemoTrading(true);
    if (options.target !== undefined) await reroute(exchange, options.target);
    return new CcxtClient(exchange, options);
  }

  tap(look: (url: string, message: unknown) => void): void {
    this.#tap = look;
  }

  async call(name: string, params: object, urgency: Urgency): Promise<unknown> {
    if (!this.budget.may(urgency)) throw new NoBudgetError(this.budget.why(urgency));
    const [method = "", address = ""] = name.split(" ");
    const { api, path } = this.#options.profile.route(method, address);
    const headersBefore = this.#exchange.last_response_headers;
    try {
      return await this.#exchange.fetch2(path, api, method, params);
    } catch (error) {
      this.#noteStanding(error);
      throw withoutAddress(error);
    } finally {
      // Headers that were there before belong to another answer, maybe of an earlier minute.
      if (this.#exchange.last_response_headers !== headersBefore) this.#noteWeight();
    }
  }

  socket(url: string, hello?: object): OpenSocket {
    const name = `perpdesk:${url}`;
    const broken = this.#exchange.watch(url, name, hello, name).then(
      () => new Error("the socket ended"),
      (error: unknown) => error,
    );
    const client = this.#exchange.clients[url];
    const connected = client?.connected ?? Promise.reject(new Error("no socket"));
    return {
      url,
      connected,
      broken,
      send: (message) => {
        client?.send(message).catch((error: unknown) => client.onError(error));
      },
      cut: (error) => {
        client?.onError(error);
        // A goodbye would wait for an answer, which a dead socket never gives.
        client?.connection?.terminate();
      },
    };
  }

  now(): number {
    return Math.round(this.#options.now());
  }

  /** A frame that can't be read breaks its socket. Any other error is a bug of the desk, which ccxt would swallow. */
  #hand(url: string, message: unknown): void {
    try {
      this.#tap?.(url, message);
    } catch (error) {
      if (error instanceof PayloadError) throw error;
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #noteWeight(): void {
    const { usedHeader } = this.#options.profile;
    if (usedHeader === undefined) return;
    const used = Number(this.#exchange.last_response_headers?.[usedHeader]);
    if (Number.isFinite(used)) this.budget.told(used);
  }

  #noteStanding(error: unknown): void {
    const message = error instanceof Error ? error.message : "";
    const after = Number(this.#exchange.last_response_headers?.["Retry-After"]);
    const retryAfter = Number.isFinite(after) ? after : undefined;
    const { profile } = this.#options;
    const standing = profile.standing?.(message, retryAfter);
    if (standing === "ordersRefused") this.budget.ordersRefused();
    else if (standing === "banned") this.budget.banned(retryAfter ?? profile.banSeconds);
  }
}

/** ccxt writes signed addresses and listen keys into its errors: they are cut out before anybody can log them. */
function withoutAddress(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cut = (text: string): string => text.replace(/\b(?:https?|wss?):\/\/\S+/g, "(address)");
  error.message = cut(error.message);
  if (error.stack !== undefined) error.stack = cut(error.stack);
  return error;
}
