import type { InstrumentId } from "../../core/instrument.ts";
import { optionalText, type Payload } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { failureOf, isGone } from "./errors.ts";
import { rowsOf } from "./words.ts";

/** States of conditional orders that are over; the history wants one at a time. */
export const ALGO_ENDS = ["effective", "canceled", "order_failed"] as const;

/** What names a plain order: our own id, or OKX's. */
export type OrderName = { readonly clOrdId: string } | { readonly ordId: string };

/** What names a conditional order: our own id, or OKX's. */
export type AlgoName = { readonly algoClOrdId: string } | { readonly algoId: string };

/**
 * Looks for an order by its name. OKX says "does not exist" also of orders that its lookup has not seen yet: none is said
 * to be missing unless the lists of open and of closed orders agree (I9).
 */
export class OrderSearch {
  readonly #client: ExchangeClient;

  constructor(client: ExchangeClient) {
    this.#client = client;
  }

  /** A plain order; undefined when all places say that there is none. Rejects when any of them can't be asked. */
  async order(instId: InstrumentId, name: OrderName): Promise<Payload | undefined> {
    const found = await this.#asked("GET /api/v5/trade/order", { instId, ...name });
    if (found !== undefined) return found;
    const params = { instType: "SWAP", instId };
    const lists = ["GET /api/v5/trade/orders-pending", "GET /api/v5/trade/orders-history"];
    return this.#listed(
      lists.map((name) => [name, params] as const),
      name,
    );
  }

  /** A conditional order, likewise. */
  async algo(instId: InstrumentId, name: AlgoName): Promise<Payload | undefined> {
    const found = await this.#asked("GET /api/v5/trade/order-algo", name);
    if (found !== undefined) return found;
    const params = { instType: "SWAP", instId, ordType: "conditional" };
    const lists = [
      ["GET /api/v5/trade/orders-algo-pending", params] as const,
      ...ALGO_ENDS.map((state) => ["GET /api/v5/trade/orders-algo-history", { ...params, state }] as const),
    ];
    return this.#listed(lists, name);
  }

  async #asked(name: string, params: object): Promise<Payload | undefined> {
    try {
      return rowsOf(await this.#client.call(name, params, "close"), name)[0];
    } catch (error) {
      const failure = failureOf(error);
      if (failure.type === "refused" && isGone(failure.code)) return undefined;
      throw error;
    }
  }

  async #listed(
    lists: readonly (readonly [name: string, params: object])[],
    orderName: OrderName | AlgoName,
  ): Promise<Payload | undefined> {
    const [[field, id] = ["", ""]] = Object.entries(orderName);
    for (const [name, params] of lists) {
      const rows = rowsOf(await this.#client.call(name, params, "close"), name);
      const found = rows.find((row) => optionalText(row, field) === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
