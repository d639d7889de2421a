import { createHash } from "node:crypto";
import type { FillEvent } from "../core/event.ts";
import type { Instrument, InstrumentId } from "../core/instrument.ts";
import type { AlertIntent } from "../core/intent.ts";
import { exposureOf, marginFor, worstNotional } from "../core/margin.ts";
import type { OrderFacts } from "../core/order.ts";
import type { Millis, Ticks } from "../core/units.ts";
import type { KernelState } from "../desk/kernel/state.ts";
import { stateHash } from "../desk/recorder.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import type { VenueBalance, VenueCandle, VenuePosition } from "../venue/exchange.ts";
import { Course } from "./course.ts";
import { TradeLedger } from "./ledger.ts";
import { StuckWatch } from "./stuck-watch.ts";

/** An execution with what the desk wanted it for; undefined for what the exchange did by force. */
export interface Execution {
  readonly fill: FillEvent;
  readonly order: OrderFacts | undefined;
  /** What the order was for: its role, or the cause of a close at the market. */
  readonly how: string;
}

/** Writes down what happens in a backtest: executions, trades, equity, use of purses, alerts. It changes nothing. */
export class Observer {
  readonly course: Course;
  readonly ledger: TradeLedger;
  readonly executions: Execution[] = [];
  /** What the desk said at the levels high and above, by key, with how often. */
  readonly alerts = new Map<string, number>();
  readonly stuckWatch = new StuckWatch();
  liquidations = 0;
  candles = 0;
  /** Largest part of any engine's purse that was in use; 1 is all of it. */
  marginUseMax = 0;
  #marginUse = 0;
  readonly #grids: readonly GridParameters[];
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  /** Why rungs were closed at the market, by client id. */
  readonly #causes = new Map<string, string>();
  readonly #hash = createHash("sha256");

  constructor(
    grids: readonly GridParameters[],
    instruments: ReadonlyMap<InstrumentId, Instrument>,
    at: Millis,
    balance: VenueBalance,
  ) {
    this.#grids = grids;
    this.#instruments = instruments;
    this.course = new Course(instruments, at, balance);
    this.ledger = new TradeLedger(instruments);
  }

  /** The instrument of the first engine: its candles are counted, its price is shown. */
  get instrument(): InstrumentId | undefined {
    return this.#grids[0]?.instrument;
  }

  sent(order: OrderFacts, reason: string): void {
    if (order.role === "close") this.#causes.set(order.clientId, reason);
  }

  executed(fill: FillEvent, order: OrderFacts | undefined): void {
    if (fill.origin === "liquidation") this.liquidations += 1;
    const how = order === undefined ? fill.origin : (this.#causes.get(order.clientId) ?? order.role);
    this.executions.push({ fill, order, how });
    this.ledger.take(fill, order, how);
    const { at, tradeId, side, price, lots, fee } = fill;
    this.#hash.update(`${at} ${tradeId} ${side} ${price} ${lots} ${fee} ${how} ${order?.rung ?? 0}\n`);
  }

  held(balance: VenueBalance, positions: readonly VenuePosition[]): void {
    this.course.hold(balance, positions);
  }

  marked(instrument: InstrumentId, mark: Ticks, at: Millis, state: KernelState): void {
    this.course.mark(instrument, mark, at);
    this.stuckWatch.look(state, this.ledger, this.#grids, instrument, mark, at);
  }

  candle(instrument: InstrumentId, candle: VenueCandle, at: Millis): void {
    if (instrument !== this.instrument) return;
    this.candles += 1;
    this.course.close(at, candle, this.#marginUse);
  }

  alert({ level, key }: AlertIntent): void {
    if (level === "info" || level === "notice" || level === "resolved") return;
    this.alerts.set(key, (this.alerts.get(key) ?? 0) + 1);
  }

  /** How much of its purse each engine uses now (I6). */
  useMargin(state: KernelState): void {
    this.#marginUse = 0;
    for (const { engine, instrument: id, leverage, purse } of this.#grids) {
      const instrument = this.#instruments.get(id);
      const mark = state.board.of(id).mark;
      if (instrument === undefined || mark === undefined) continue;
      let margin = 0;
      for (const book of state.account.books.values()) {
        const share = book.instrument === id ? book.shares.get(engine) : undefined;
        if (share === undefined) continue;
        const entries = state.orders
          .listOf(id, book.positionSide)
          .filter(
            ({ facts }) => facts.engine === engine && (facts.role === "entry" || facts.role === "hedge"),
          );
        const worst = worstNotional(exposureOf(instrument, share, entries, mark));
        margin += marginFor(instrument, worst, leverage);
      }
      this.#marginUse = Math.max(this.#marginUse, margin / purse);
    }
    this.marginUseMax = Math.max(this.marginUseMax, this.#marginUse);
  }

  /** Of every execution and of how desk and account stand at the end; how many turns that took does not count. */
  hash(state: KernelState, balance: VenueBalance): string {
    const { turns: _, counts, ...rest } = state.canonical() as Readonly<Record<string, unknown>>;
    const { turns: __, ...others } = counts as Readonly<Record<string, unknown>>;
    const end = stateHash([rest, others, balance.wallet, this.course.equity]);
    return this.#hash.copy().update(end).digest("hex").slice(0, 32);
  }
}
