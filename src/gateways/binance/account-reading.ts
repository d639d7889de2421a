import type { AccountConfigEvent, ExposureOfBook, FillEvent, OrderReportEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { moneyOf } from "../../core/text.ts";
import { type Millis, millis } from "../../core/units.ts";
import type { Clock, TruthReading } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { Dialect } from "./dialect.ts";
import { list, object, type Payload, text, whole, yes } from "./fields.ts";
import { type Found, newFound, type Walked, walkHistory } from "./history.ts";
import { isIsolated, type Readings } from "./readings.ts";

/** A reading that took longer than this (wall) had to wait for request weight: what it read first is old by then. */
const LONG_MS = 30_000;
/** Market time that is read once more then. */
const OVERLAP_MS = 60_000;
/** Calls of a walk for each symbol beyond which it is a long one: a window is three. */
const SHORT_CALLS = 6;
/** How often one call of a long walk waits for the next minute, whoever else uses this account's weight. */
const WAITS_MOST = 5;

/** What readings of an account are made with. */
export interface ReadingParts {
  readonly account: string;
  readonly client: ExchangeClient;
  readonly clock: Clock;
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
   * `isNarrow` only in those that are traded here. A history that is more than half a minute's weight takes minutes; what changed
   * meanwhile is read once more then, so that all parts tell of one time.
   */
  async truth(
    instruments: readonly InstrumentId[],
    historyFrom: number,
    isNarrow: boolean,
  ): Promise<TruthReading> {
    const { client, readings, marketNow } = this.#parts;
    const found = new Map(instruments.map((symbol) => [symbol, newFound()]));
    const marketAt = marketNow();
    let present = await this.#present(instruments, isNarrow);
    let walked = await this.#walk(found, historyFrom);
    if (client.now() - present.at > LONG_MS && marketAt > 0) {
      present = await this.#present(instruments, isNarrow);
      walked = await this.#walk(found, Math.max(historyFrom, marketAt - OVERLAP_MS));
    }
    const { at, mode, orders, conditionals, configs, wallets } = present;
    const history: OrderReportEvent[] = [];
    const fills: FillEvent[] = [];
    for (const each of walked) this.#past(each, at, history, fills);
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

  /** What the exchange has now: what rests, settings and wallets, and when it was asked for. */
  async #present(instruments: readonly InstrumentId[], isNarrow: boolean) {
    const { client, dialect } = this.#parts;
    const at = millis(client.now());
    const v1 = `/${dialect.family}/v1`;
    const [mode, orders, conditionals, configs, wallets] = await Promise.all([
      this.#call(dialect.modeCall),
      this.#resting(`GET ${v1}/openOrders`, instruments, isNarrow),
      this.#resting(`GET ${v1}/openAlgoOrders`, instruments, isNarrow),
      this.#call(dialect.configCall),
      this.#call(dialect.balanceCall),
    ]);
    return { at, mode, orders, conditionals, configs, wallets };
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

  /** Walks the past of each symbol from a market time on, in their order, and adds it to what was found before. */
  async #walk(found: ReadonlyMap<InstrumentId, Found>, from: number): Promise<readonly Walked[]> {
    const { dialect, marketNow } = this.#parts;
    let hurried = found.size * SHORT_CALLS;
    const call = (name: string, params: object) => {
      hurried -= 1;
      return hurried >= 0 ? this.#call(name, params) : this.#unhurried(name, params);
    };
    const walked: Walked[] = [];
    for (const [symbol, before] of found)
      walked.push(await walkHistory(call, dialect.family, symbol, from, marketNow(), before));
    return walked;
  }

  /** A call of what is long: it waits where half of this minute's weight is used, so that the rest goes on meanwhile. */
  async #unhurried(name: string, params: object): Promise<unknown> {
    const { client, clock } = this.#parts;
    for (let waits = 0; waits < WAITS_MOST && client.budget.restMs > 0; waits += 1)
      await new Promise<void>((resolve) => {
        clock.after(client.budget.restMs, resolve);
      });
    return this.#call(name, params);
  }

  /** One symbol's past: its orders, those that still rest too, and what was executed under their names. */
  #past(walked: Walked, at: Millis, history: OrderReportEvent[], fills: FillEvent[]): void {
    const { readings } = this.#parts;
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
