import type { Clock } from "../../desk/ports.ts";
import { type ExchangeClient, NoBudgetError, type OpenSocket } from "../exchange-client.ts";
import type { Urgency } from "../weight-budget.ts";

/** OKX counts the requests of each call in two seconds; some a little more, since our clocks differ. */
const WINDOW_MS = 2_100;
/** Requests that OKX takes in two seconds. @see OKX v5, each call's "Rate limit" */
const MOST: ReadonlyMap<string, number> = new Map([
  ["GET /api/v5/public/time", 10],
  ["GET /api/v5/public/instruments", 20],
  ["GET /api/v5/public/mark-price", 10],
  ["GET /api/v5/public/position-tiers", 10],
  ["GET /api/v5/market/candles", 40],
  ["POST /api/v5/trade/order", 60],
  ["POST /api/v5/trade/cancel-order", 60],
  ["POST /api/v5/trade/order-algo", 20],
  ["POST /api/v5/trade/cancel-algos", 20],
  ["POST /api/v5/trade/cancel-all-after", 2],
  ["GET /api/v5/trade/order", 60],
  ["GET /api/v5/trade/order-algo", 20],
  ["GET /api/v5/trade/orders-pending", 60],
  ["GET /api/v5/trade/orders-history", 40],
  ["GET /api/v5/trade/orders-history-archive", 20],
  ["GET /api/v5/trade/orders-algo-pending", 20],
  ["GET /api/v5/trade/orders-algo-history", 20],
  ["GET /api/v5/trade/fills", 60],
  ["GET /api/v5/trade/fills-history", 10],
  ["GET /api/v5/account/bills", 10],
  ["GET /api/v5/account/balance", 10],
  ["GET /api/v5/account/positions", 10],
  ["GET /api/v5/account/leverage-info", 20],
  ["POST /api/v5/account/set-leverage", 20],
  ["POST /api/v5/account/position/margin-balance", 20],
]);
/** Of a call that is not in the table; the strictest ones allow five. */
const MOST_ELSE = 5;
/** Calls that OKX counts for each instrument by itself. */
const PER_INSTRUMENT = /^(POST \/api\/v5\/trade\/|GET \/api\/v5\/trade\/order$)/;
/** Parts of a limit that entries and readings may use: the rest is for closes. */
const SHARE: Readonly<Record<Urgency, number>> = { close: 1, entry: 0.8, read: 0.7 };

/**
 * Keeps to OKX's limits, which it does not report: counts our own requests of each call in the last two seconds. Readings and
 * closes wait for room, an entry that finds none is not sent (`NoBudgetError`).
 */
export class PacedClient implements ExchangeClient {
  readonly #client: ExchangeClient;
  readonly #clock: Clock;
  readonly #sent = new Map<string, number[]>();

  constructor(client: ExchangeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  get budget(): ExchangeClient["budget"] {
    return this.#client.budget;
  }

  async call(name: string, params: object, urgency: Urgency): Promise<unknown> {
    const most = MOST.get(name) ?? MOST_ELSE;
    const room = Math.max(1, Math.floor(most * SHARE[urgency]));
    const line = PER_INSTRUMENT.test(name) ? `${name} ${instrumentOf(params)}` : name;
    for (let wait = this.#waitMs(line, room); wait > 0; wait = this.#waitMs(line, room)) {
      if (urgency === "entry")
        throw new NoBudgetError(`${room} requests of 2 s are used; the rest is for closes`);
      await new Promise<void>((resolve) => this.#clock.after(wait, resolve));
    }
    this.#sent.get(line)?.push(this.#clock.monotonic());
    return this.#client.call(name, params, urgency);
  }

  socket(url: string, hello?: object): OpenSocket {
    return this.#client.socket(url, hello);
  }

  tap(look: (url: string, message: unknown) => void): void {
    this.#client.tap(look);
  }

  now(): number {
    return this.#client.now();
  }

  async close(): Promise<void> {
    await this.#client.close?.();
  }

  /** Milliseconds until a request may leave; 0 for now. */
  #waitMs(line: string, room: number): number {
    const now = this.#clock.monotonic();
    const sent = (this.#sent.get(line) ?? []).filter((at) => at > now - WINDOW_MS);
    this.#sent.set(line, sent);
    const oldest = sent.length < room ? undefined : sent[sent.length - room];
    return oldest === undefined ? 0 : Math.max(1, oldest + WINDOW_MS - now);
  }
}

function instrumentOf(params: object): string {
  const [first] = Array.isArray(params) ? (params as readonly unknown[]) : [params];
  return String((first as { readonly instId?: unknown } | undefined)?.instId ?? "");
}
