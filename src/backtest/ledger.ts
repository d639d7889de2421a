import type { FillEvent } from "../core/event.ts";
import { executionCost, type Instrument, type InstrumentId, notional } from "../core/instrument.ts";
import type { OrderFacts, PositionSide } from "../core/order.ts";
import {
  type Lots,
  lots,
  type Millis,
  type Side,
  signOf,
  type Ticks,
  type Value,
  value,
} from "../core/units.ts";

/** One cycle of a rung, from its first entry fill until it is flat again. */
export interface ClosedTrade {
  readonly engine: string;
  readonly instrument: InstrumentId;
  readonly rung: number;
  readonly side: Side;
  readonly openedAt: Millis;
  readonly closedAt: Millis;
  /** What was entered in all. */
  readonly lots: Lots;
  readonly entryCost: Value;
  readonly exitCost: Value;
  /** Before fees and funding. */
  readonly pnl: Value;
  readonly fees: Value;
  /** What the last exit was for: its role, the cause of a close at the market, or "liquidation". */
  readonly how: string;
  readonly stuckAt: Millis | undefined;
  /** What closing it at the mark price would have come to when it was marked as stuck, before fees; undefined: it never was. */
  readonly atOnce: Value | undefined;
}

/** A cycle that goes on. All of it but the key changes. */
export interface OpenTrade {
  readonly engine: string;
  readonly instrument: InstrumentId;
  readonly rung: number;
  readonly side: Side;
  readonly openedAt: Millis;
  entered: number;
  entryCost: number;
  exitCost: number;
  /** Signed execution costs of all legs: when all are flat, what was earned is minus this. */
  cost: number;
  fees: number;
  readonly legs: Map<PositionSide, number>;
  stuckAt: Millis | undefined;
  atOnce: Value | undefined;
}

/**
 * Joins executions into trades. Every rung is a ledger of its own, with a leg for each book that it stands in, so that
 * ladders and hedges need no rule of their own: a trade is over when all legs are flat.
 */
export class TradeLedger {
  readonly closed: ClosedTrade[] = [];
  readonly #open = new Map<string, OpenTrade>();
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;

  constructor(instruments: ReadonlyMap<InstrumentId, Instrument>) {
    this.#instruments = instruments;
  }

  /** Trades that go on, oldest first. */
  open(): IterableIterator<OpenTrade> {
    return this.#open.values();
  }

  /** Marks a trade as stuck, with what closing it at a price would come to. */
  mark(trade: OpenTrade, at: Millis, price: Ticks): void {
    const instrument = this.#instruments.get(trade.instrument);
    if (instrument === undefined) return;
    let cost = trade.cost;
    for (const held of trade.legs.values()) cost += executionCost(instrument, price, lots(-held), "nearest");
    trade.stuckAt = at;
    trade.atOnce = value(-cost);
  }

  /** Counts an execution of an order of ours; what the exchange took by force is taken from the oldest trades first. */
  take(fill: FillEvent, order: OrderFacts | undefined, how: string): void {
    const instrument = this.#instruments.get(fill.instrument);
    if (instrument === undefined) return;
    if (order === undefined) this.#force(fill, instrument, how);
    else this.#add(fill, instrument, order, how);
  }

  #add(fill: FillEvent, instrument: Instrument, { engine, rung, role, side }: OrderFacts, how: string): void {
    const key = `${engine}/${fill.instrument}/${rung}`;
    let trade = this.#open.get(key);
    if (trade === undefined) {
      trade = {
        engine,
        instrument: fill.instrument,
        rung,
        side,
        openedAt: fill.at,
        entered: 0,
        entryCost: 0,
        exitCost: 0,
        cost: 0,
        fees: 0,
        legs: new Map(),
        stuckAt: undefined,
        atOnce: undefined,
      };
      this.#open.set(key, trade);
    }
    this.#count(trade, fill, fill.lots, fill.fee, instrument, role === "entry");
    this.#endIfFlat(key, trade, fill.at, how);
  }

  #force(fill: FillEvent, instrument: Instrument, how: string): void {
    let left: number = fill.lots;
    const sign = signOf(fill.side);
    for (const [key, trade] of this.#open) {
      if (left <= 0) break;
      const held = trade.instrument === fill.instrument ? (trade.legs.get(fill.positionSide) ?? 0) : 0;
      if (held * sign >= 0) continue;
      const part = Math.min(left, Math.abs(held));
      const fee = value(Math.round((fill.fee * part) / fill.lots));
      this.#count(trade, fill, lots(part), fee, instrument, false);
      left -= part;
      this.#endIfFlat(key, trade, fill.at, how);
    }
  }

  #count(
    trade: OpenTrade,
    { side, price, positionSide }: FillEvent,
    size: Lots,
    fee: Value,
    instrument: Instrument,
    isEntry: boolean,
  ): void {
    const signed = lots(size * signOf(side));
    const worth = notional(instrument, price, size, "nearest");
    trade.cost += executionCost(instrument, price, signed, "nearest");
    trade.fees += fee;
    trade.legs.set(positionSide, (trade.legs.get(positionSide) ?? 0) + signed);
    if (isEntry) {
      trade.entered += size;
      trade.entryCost += worth;
    } else trade.exitCost += worth;
  }

  #endIfFlat(key: string, trade: OpenTrade, at: Millis, how: string): void {
    for (const held of trade.legs.values()) if (held !== 0) return;
    this.#open.delete(key);
    const { engine, instrument, rung, side, openedAt, stuckAt, atOnce } = trade;
    this.closed.push({
      engine,
      instrument,
      rung,
      side,
      openedAt,
      closedAt: at,
      lots: lots(trade.entered),
      entryCost: value(trade.entryCost),
      exitCost: value(trade.exitCost),
      pnl: value(-trade.cost),
      fees: value(trade.fees),
      how,
      stuckAt,
      atOnce,
    });
  }
}
