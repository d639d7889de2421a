import type { AccountConfigEvent, ExposureOfBook, FillEvent, OrderReportEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { moneyOf } from "../../core/text.ts";
import { type Millis, millis } from "../../core/units.ts";
import type { TruthReading } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { Dialect } from "./dialect.ts";
import { list, object, type Payload, text, whole, yes } from "./fields.ts";
import { walkHistory } from "./history.ts";
import { isIsolated, type Readings } from "./readings.ts";

/** What readings of an account are made with. */
export interface ReadingParts {
  readonly account: string;
  readonly client: ExchangeClient;
  readonly dialect: Dialect;
  readonly readings: Readings;
  /** Market time of the last message; 0 before the first. */
  marketNow(): number;
}

/** Reads a Binance account over REST: whole, or only its positions. A part that can't be read makes it fail as a whole. */
export class AccountReading {
  readonly #parts: ReadingParts;
  /** USDT-M tells leverage only apart from positions. */
  readonly #leverages = new Map<string, number>();

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  /**
   * Reads the account whole. What rests is asked for in all symbols, which costs 80 of request weight, or with
   * `isNarrow` only in those that are traded here.
   */
  async truth(
    instruments: readonly InstrumentId[],
    historyFrom: number,
    isNarrow: boolean,
  ): Promise<TruthReading> {
    const { client, dialect, readings } = this.#parts;
    const at = millis(client.now());
    const v1 = `/${dialect.family}/v1`;
    const [mode, orders, conditionals, configs, wallets] = await Promise.all([
      this.#call(dialect.modeCall),
      this.#resting(`GET ${v1}/openOrders`, instruments, isNarrow),
      this.#resting(`GET ${v1}/openAlgoOrders`, instruments, isNarrow),
      this.#call(dialect.configCall),
      this.#call(dialect.balanceCall),
    ]);
    const history: OrderReportEvent[] = [];
    const fills: FillEvent[] = [];
    for (const symbol of instruments) await this.#past(symbol, historyFrom, at, history, fills);
    const positions = await this.#positions();
    return {
      config: this.#configs(list(configs, "symbolConfig"), instruments, at),
      truth: {
        startedWallAt: at,
        instruments,
        historyFrom: millis(historyFrom),
        openOrders: orders.map((order) => readings.order(order, at)),
        openConditionals: conditionals.map((order) => readings.conditional(order, at)),
        history,
        fills,
        books: this.#books(positions, this.#leverages),
        others: positions.map((position) => readings.other(position)).filter((other) => other !== undefined),
        wallets: list(wallets, "balance").map((balance) => ({
          asset: text(balance, "asset"),
          wallet: moneyOf(text(balance, "balance"), "balance"),
        })),
        isHedgeMode: yes(object(mode, "positionSide"), "dualSidePosition"),
      },
    };
  }

  /** All books with their risk figures. */
  async books(): Promise<readonly ExposureOfBook[]> {
    return this.#books(await this.#positions(), new Map());
  }

  async #positions(): Promise<readonly Payload[]> {
    return list(await this.#call(this.#parts.dialect.riskCall), "positionRisk");
  }

  /** `leverages`: what this very reading has of them, where positions don't tell: an older one may have been changed since. */
  #books(positions: readonly Payload[], leverages: ReadonlyMap<string, number>): readonly ExposureOfBook[] {
    return positions
      .map((position) => this.#parts.readings.position(position, leverages.get(text(position, "symbol"))))
      .filter((book) => book !== undefined);
  }

  #call(name: string, params: object = {}): Promise<unknown> {
    return this.#parts.client.call(name, params, "read");
  }

  async #resting(
    name: string,
    instruments: readonly InstrumentId[],
    isNarrow: boolean,
  ): Promise<readonly Payload[]> {
    if (!isNarrow) return list(await this.#call(name), "orders");
    const lists = await Promise.all(instruments.map((symbol) => this.#call(name, { symbol })));
    return lists.flatMap((each) => list(each, "orders"));
  }

  /** One symbol's past: its orders, those that still rest too, and what was executed under their names. */
  async #past(
    symbol: InstrumentId,
    from: number,
    at: Millis,
    history: OrderReportEvent[],
    fills: FillEvent[],
  ): Promise<void> {
    const { dialect, readings, marketNow } = this.#parts;
    const call = (name: string, params: object) => this.#call(name, params);
    const walked = await walkHistory(call, dialect.family, symbol, from, marketNow());
    const clientIds = new Map<string, string>();
    for (const order of walked.conditionals) {
      const report = readings.conditional(order, at);
      if (report.spawnedOrderId !== undefined) clientIds.set(report.spawnedOrderId, report.clientId);
      history.push(report);
    }
    for (const order of walked.orders) {
      const report = readings.order(order, at);
      if (!clientIds.has(report.venueOrderId)) clientIds.set(report.venueOrderId, report.clientId);
      history.push(report);
    }
    for (const trade of walked.trades) fills.push(readings.trade(trade, clientIds, at));
  }

  #configs(
    rows: readonly Payload[],
    instruments: readonly InstrumentId[],
    at: Millis,
  ): readonly AccountConfigEvent[] {
    const events: AccountConfigEvent[] = [];
    for (const instrument of instruments) {
      // Hedge mode has a row for each side, with the same settings.
      const row = rows.find((each) => text(each, "symbol") === instrument);
      if (row === undefined) continue;
      const config = configOf(row, this.#parts.account, millis(this.#parts.marketNow()), at);
      if (config.leverage !== undefined) this.#leverages.set(instrument, config.leverage);
      events.push(config);
    }
    return events;
  }
}

/** Leverage and margin mode of one symbol, from `symbolConfig` or `positionRisk`. */
export function configOf(row: Payload, account: string, at: Millis, wallAt: Millis): AccountConfigEvent {
  return {
    type: "accountConfig",
    at,
    wallAt,
    account,
    instrument: text(row, "symbol"),
    leverage: whole(row, "leverage"),
    marginMode: isIsolated(text(row, "marginType")) ? "isolated" : "cross",
  };
}
