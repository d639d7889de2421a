import type { DeskEvent, ExposureOfBook, FillEvent, OrderReportEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { millis } from "../../core/units.ts";
import type { TruthReading } from "../../desk/ports.ts";
import { list, type Payload } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { AccountMode } from "./account-mode.ts";
import { allOf, walkHistory } from "./history.ts";
import { joined } from "./holdings.ts";
import { readLeverage } from "./leverage.ts";
import type { OkxTranslation } from "./translate.ts";
import { walletOf } from "./wallets.ts";
import { isOfPositions, rowOf, rowsOf } from "./words.ts";

/** What readings of an account are made with, and orders are sent with. */
export interface ReadingParts {
  readonly account: string;
  readonly client: ExchangeClient;
  readonly translation: OkxTranslation;
  readonly mode: AccountMode;
  readonly marketNow: () => number;
}

/** Kinds of conditional orders that may rest, also those that a person placed; OKX lists them apart. */
const ALGO_TYPES = ["conditional,oco", "trigger", "move_order_stop"] as const;

/** Reads an OKX account whole, over REST. A part that can't be read fails the reading (I9). */
export class AccountReading {
  readonly #parts: ReadingParts;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  async truth(instruments: readonly InstrumentId[], historyFrom: number): Promise<TruthReading> {
    const { client, translation, mode, marketNow } = this.#parts;
    const startedWallAt = millis(client.now());
    const call = (name: string, params: object) => client.call(name, params, "read");
    const [config, balance, pending] = await Promise.all([
      call("GET /api/v5/account/config", {}),
      call("GET /api/v5/account/balance", {}),
      allOf(call, "GET /api/v5/trade/orders-pending", {}, "ordId"),
    ]);
    const openOrders = pending.filter(isOfPositions);
    const openAlgos: Payload[] = [];
    for (const ordType of ALGO_TYPES) {
      const name = "GET /api/v5/trade/orders-algo-pending";
      openAlgos.push(...(await allOf(call, name, { ordType }, "algoId")).filter(isOfPositions));
    }
    const history: OrderReportEvent[] = [];
    const fills: FillEvent[] = [];
    for (const instrument of instruments) {
      const walked = await walkHistory(call, instrument, historyFrom, marketNow());
      const orders = walked.orders.map((row) => translation.order(row, startedWallAt));
      const clientIds = new Map(orders.map((report) => [report.venueOrderId, report.clientId]));
      for (const row of openOrders) {
        const report = translation.order(row, startedWallAt);
        clientIds.set(report.venueOrderId, report.clientId);
      }
      const algos = walked.algos.map((row) => translation.algo(row, startedWallAt));
      for (const { spawnedOrderId, clientId } of algos) {
        if (spawnedOrderId !== undefined && clientId !== "") clientIds.set(spawnedOrderId, clientId);
      }
      history.push(...algos, ...orders);
      for (const row of walked.fills) {
        const fill = translation.fill(row, clientIds, startedWallAt);
        if (fill !== undefined) fills.push(fill);
      }
    }
    const positions = await this.#positions();
    const books = this.#books(positions);
    return {
      config: await this.#config(instruments, startedWallAt),
      truth: {
        startedWallAt,
        instruments,
        historyFrom: millis(historyFrom),
        openOrders: openOrders.map((row) => translation.order(row, startedWallAt)).toReversed(),
        openConditionals: openAlgos.map((row) => translation.algo(row, startedWallAt)).toReversed(),
        history,
        fills,
        books,
        others: positions.map((row) => translation.other(row)).filter((other) => other !== undefined),
        wallets: list(rowOf(balance, "balance")["details"], "details").map(walletOf),
        isHedgeMode: mode.noteConfig(rowOf(config, "config")),
      },
    };
  }

  /** Positions with their risk figures. What is held decides in which margin mode its closes go out. */
  async books(): Promise<readonly ExposureOfBook[]> {
    return this.#books(await this.#positions());
  }

  /** Of every kind of instrument: margin, futures and options share the account's money with our swaps. */
  async #positions(): Promise<readonly Payload[]> {
    return rowsOf(await this.#parts.client.call("GET /api/v5/account/positions", {}, "read"), "positions");
  }

  #books(positions: readonly Payload[]): readonly ExposureOfBook[] {
    const { translation, mode } = this.#parts;
    const books = positions.map((row) => translation.book(row)).filter((book) => book !== undefined);
    const found = joined(books);
    for (const { instrument, marginMode, lots } of found) {
      if (lots !== 0) mode.setMarginMode(instrument, marginMode);
    }
    return found;
  }

  async #config(instruments: readonly InstrumentId[], wallAt: number): Promise<readonly DeskEvent[]> {
    const { client, mode, marketNow, account } = this.#parts;
    const events: DeskEvent[] = [];
    for (const instrument of instruments) {
      const marginMode = mode.marginMode(instrument);
      const leverage = await readLeverage(client, instrument, marginMode);
      const times = { at: millis(marketNow()), wallAt: millis(wallAt) };
      events.push({ type: "accountConfig", ...times, account, instrument, leverage, marginMode });
    }
    return events;
  }
}
