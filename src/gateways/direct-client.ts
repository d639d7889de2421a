import { Pool } from "undici";
import { binanceStanding, isPublicCall } from "./binance/profile.ts";
import { type ApiKeys, RECV_WINDOW_MS } from "./ccxt-client.ts";
import { exactJson } from "./direct/exact-json.ts";
import { OrderSocket, SOCKET_METHODS } from "./direct/order-socket.ts";
import { type Params, queryOf, signatureOf } from "./direct/signing.ts";
import { openSocket } from "./direct/socket.ts";
import { type ExchangeClient, NoBudgetError, type OpenSocket } from "./exchange-client.ts";
import { connectorTo, type SocketTarget } from "./reroute.ts";
import { BINANCE_WEIGHTS, type Urgency, WeightBudget } from "./weight-budget.ts";

const TIMEOUT_MS = 5_000;
/** Listen keys take the key without a signature. */
const KEY_ONLY = "/fapi/v1/listenKey";

/** What a direct client is made of. `target` leads all sockets to a local venue. */
export interface DirectOptions {
  readonly keys: ApiKeys;
  /** Addresses of the exchange, from the closed list of hosts. */
  readonly hosts: { readonly rest: string; readonly account: string; readonly orders: string };
  readonly target: SocketTarget | undefined;
  readonly now: () => number;
  /** 5 s unless set. */
  readonly timeoutMs?: number;
}

/**
 * Binance USDT-M without a library between: a pooled HTTP client, plain sockets, and orders over the exchange's own
 * order socket while it is up, over REST otherwise. Behind the same border as ccxt, held by the same contract suite;
 * ccxt stays the general one (docs/decisions/0011).
 */
export class DirectClient implements ExchangeClient {
  readonly budget: WeightBudget;
  readonly #options: DirectOptions;
  readonly #pool: Pool;
  readonly #accountPool: Pool;
  readonly #orders: OrderSocket;
  #tap: ((url: string, message: unknown) => void) | undefined;

  constructor(options: DirectOptions) {
    this.#options = options;
    this.budget = new WeightBudget(BINANCE_WEIGHTS, options.now);
    this.#pool = poolOf(options.hosts.rest, options.target);
    this.#accountPool = poolOf(options.hosts.account, options.target);
    this.#orders = new OrderSocket({
      url: options.hosts.orders,
      keys: options.keys,
      target: options.target,
      recvWindowMs: RECV_WINDOW_MS,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      now: options.now,
      onLimits: (used) => this.budget.told(used),
    });
    this.#orders.start();
  }

  tap(look: (url: string, message: unknown) => void): void {
    this.#tap = look;
  }

  now(): number {
    return Math.round(this.#options.now());
  }

  /** Whether orders go by the order socket just now. */
  get hasOrderSocket(): boolean {
    return this.#orders.isUp;
  }

  async call(name: string, params: object, urgency: Urgency): Promise<unknown> {
    if (!this.budget.may(urgency)) throw new NoBudgetError(this.budget.why(urgency));
    const method = SOCKET_METHODS.get(name);
    try {
      if (method !== undefined && this.#orders.isUp) return await this.#orders.call(method, { ...params });
      return await this.#rest(name, { ...params });
    } catch (error) {
      this.#noteStanding(error);
      throw error;
    }
  }

  socket(url: string, hello?: object): OpenSocket {
    return openSocket(url, this.#options.target, hello, (message) => this.#tap?.(url, message));
  }

  together(work: () => void): void {
    this.#orders.together(work);
  }

  /** Ends the order socket and the pools; streams end with their keepers. */
  async close(): Promise<void> {
    this.#orders.close();
    await Promise.all([this.#pool.destroy(), this.#accountPool.destroy()]);
  }

  async #rest(name: string, params: Params): Promise<unknown> {
    const { keys, timeoutMs = TIMEOUT_MS } = this.#options;
    const [method = "GET", path = "/"] = name.split(" ");
    const isPublic = isPublicCall(path.replace(/^\/fapi\/v\d\//, ""));
    const isSigned = !isPublic && path !== KEY_ONLY;
    const query = queryOf(
      isSigned ? { ...params, recvWindow: RECV_WINDOW_MS, timestamp: this.now() } : params,
    );
    const full = isSigned ? `${query}&signature=${signatureOf(query, keys)}` : query;
    const pool = path.startsWith("/sapi/") ? this.#accountPool : this.#pool;
    const { statusCode, headers, body } = await pool.request({
      method: method as "GET" | "POST" | "PUT" | "DELETE",
      path: full === "" ? path : `${path}?${full}`,
      headers: isPublic ? {} : { "X-MBX-APIKEY": keys.apiKey },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const text = await body.text();
    const used = Number(headers["x-mbx-used-weight-1m"]);
    if (Number.isFinite(used)) this.budget.told(used);
    if (statusCode < 400) return exactJson(text);
    throw new HttpError(statusCode, Number(headers["retry-after"]), text.slice(0, 500));
  }

  #noteStanding(error: unknown): void {
    const message = error instanceof Error ? error.message : "";
    const standing = binanceStanding(message);
    if (standing === "ordersRefused") this.budget.ordersRefused();
    else if (standing === "banned") {
      const after = error instanceof HttpError ? error.retryAfter : Number.NaN;
      this.budget.banned(Number.isFinite(after) ? after : this.#untilIn(message));
    }
  }

  /** The order socket has no headers: there only the words of a ban say until when. Seconds from now. */
  #untilIn(message: string): number | undefined {
    const until = Number(/banned until (\d{13})\b/.exec(message)?.[1]);
    return until > this.now() ? (until - this.now()) / 1_000 : undefined;
  }
}

/** An answer that is not a success; its message holds status and body, never the address, which is signed. */
class HttpError extends Error {
  override readonly name = "HttpError";
  readonly retryAfter: number;

  constructor(status: number, retryAfter: number, body: string) {
    super(`binanceusdm ${status} ${body}`);
    this.retryAfter = retryAfter;
  }
}

function poolOf(origin: string, target: SocketTarget | undefined): Pool {
  const options = { connections: 32, pipelining: 1, keepAliveTimeout: 60_000 };
  if (target === undefined) return new Pool(origin, options);
  return new Pool(origin, { ...options, connect: connectorTo(target) });
}
