import type { EngineView } from "../../core/engine.ts";
import type { CloseShareEvent } from "../../core/event.ts";
import type { Intent } from "../../core/intent.ts";
import type { OrderFacts, OrderRecord } from "../../core/order.ts";
import { lots, signOf } from "../../core/units.ts";
import { FinishedCycles } from "./finished.ts";
import { type Cycle, collectCycles } from "./history.ts";
import { heldIn, heldOf, shareLosses } from "./losses.ts";
import type { GridParameters } from "./parameters.ts";
import {
  absorb,
  isStopEnded,
  newClosing,
  newRung,
  type Rung,
  startClosing,
  startOf,
  statusOf,
  sums,
} from "./rung.ts";
import type { TradeLines } from "./trade-lines.ts";

/** The rungs of one grid that are not idle, and the cycles that ended lately. */
export class Rungs {
  readonly #parameters: GridParameters;
  readonly #present = new Map<number, Rung>();
  readonly #finished = new FinishedCycles();
  readonly #lines: TradeLines;

  constructor(parameters: GridParameters, lines: TradeLines) {
    this.#parameters = parameters;
    this.#lines = lines;
  }

  get map(): ReadonlyMap<number, Rung> {
    return this.#present;
  }

  get(index: number): Rung | undefined {
    return this.#present.get(index);
  }

  values(): IterableIterator<Rung> {
    return this.#present.values();
  }

  /** All of them by their index. */
  sorted(): readonly Rung[] {
    return [...this.#present.values()].sort((a, b) => a.index - b.index);
  }

  /** In the order in which the price would reach their take profits. */
  byExit(): readonly Rung[] {
    const sign = signOf(this.#parameters.direction);
    return [...this.#present.values()].sort((a, b) => (a.index - b.index) * sign);
  }

  /** A person says to go on: what was cancelled by hand is placed again. */
  forgive(): void {
    for (const rung of this.#present.values()) {
      Object.assign(rung.taken, { stop: 0, takeProfit: 0 });
      rung.expiries = 0;
    }
  }

  /** Rebuilt from the engine's orders, as found on the exchange. */
  adopt(orders: readonly OrderRecord[]): void {
    this.#present.clear();
    this.#finished.clear();
    const { present, past } = collectCycles(orders, this.#parameters.direction);
    for (const cycle of past) this.#finished.add(rungOf(cycle));
    for (const cycle of present) this.#present.set(cycle.rung, rungOf(cycle));
  }

  /**
   * The rung that an order belongs to; undefined when its cycle is over and stays so. A late fill of a finished cycle
   * brings that whole cycle back into the sum.
   */
  of(facts: OrderFacts, view: EngineView): Rung | undefined {
    const order = view.order(facts.clientId);
    const rung = this.#present.get(facts.rung);
    if (order === undefined || rung?.orders.includes(order) === true) return rung;
    const past = this.#finished.find(order);
    if (past?.isOver === true) {
      this.#lines.finished(past.rung);
      return undefined;
    }
    if (past !== undefined) return this.#bringBack(past.rung);
    const present = rung ?? newRung(facts.rung);
    present.orders.push(order);
    this.#present.set(facts.rung, present);
    return present;
  }

  /** The rung of an index: one that is idle goes on with its last cycle. */
  ensure(index: number): Rung {
    const rung = this.#present.get(index) ?? this.#finished.last(index) ?? newRung(index);
    this.#present.set(index, rung);
    return rung;
  }

  /** The rung of an index with all of its cycles that began at or after a time. */
  recallSince(index: number, since: number): Rung | undefined {
    for (let past = this.#finished.last(index, since); past !== undefined; ) {
      this.#bringBack(past);
      past = this.#finished.last(index, since);
    }
    return this.#present.get(index);
  }

  /** When the cycles of an index began, as far as they are remembered. */
  startsOf(index: number): readonly number[] {
    const present = this.#present.get(index);
    return [...this.#finished.of(index), ...(present === undefined ? [] : [present])].map(startOf);
  }

  /** What was over of an index and began within a time, in one; it stays over. Undefined: there is nothing. */
  past(index: number, from: number, until: number): Rung | undefined {
    const cycles = this.#finished.of(index).filter((cycle) => {
      const start = startOf(cycle);
      return start >= from && start < until;
    });
    if (cycles.length === 0) return undefined;
    const all = newRung(index);
    for (const { orders, lost } of cycles) {
      all.orders.push(...orders);
      all.lost = lots(all.lost + lost);
    }
    return all;
  }

  /** A cycle is over when nothing of it is held or live: its rung is idle again. */
  finish(rung: Rung, sum = sums(rung)): void {
    if (statusOf(rung, sum) !== "done") return;
    this.#present.delete(rung.index);
    this.#lines.finished(rung, sum);
    this.#finished.add(rung);
  }

  /** The cycles that ended last, oldest first. */
  latest(count: number): readonly Rung[] {
    return this.#finished.latest(count);
  }

  /** The rungs give up what a liquidation or an over-close took from the engine's share: the lines that tell it. */
  matchShare(view: EngineView): readonly Intent[] {
    const share = this.#share(view);
    for (const rung of this.#present.values()) rung.lost = lots(0);
    for (const past of this.#finished.recall(share - heldIn(this.#present.values()))) this.#bringBack(past);
    shareLosses(this.byExit(), share);
    return this.#lines.lost([...this.#present.values()], view);
  }

  /**
   * What an earlier life had begun to close for a stop that ended is closed all the same (I4, I5). Asked once the rungs
   * gave up what the engine's share lacks: what others took since needs no stop.
   */
  closeStopless(): void {
    for (const rung of this.#present.values())
      for (const one of rung.leg === undefined ? [rung] : [rung, rung.leg])
        if (isStopEnded(one)) startClosing(one, "stopRefused");
  }

  /**
   * Shares a close out over the rungs, the ones nearest to their take profit first: those that close now. One that is being closed
   * down further already goes on with that: a smaller close must not take a larger one's place.
   */
  closeShare(event: CloseShareEvent): readonly Rung[] {
    const closing: Rung[] = [];
    let left: number = event.lots;
    for (const rung of this.byExit()) {
      const { held } = sums(rung);
      const part = Math.min(held, left);
      if (part <= 0) continue;
      left -= part;
      if (rung.closing !== undefined && rung.closing.keep < held - part) continue;
      rung.closing = newClosing("asked", held - part, event.fixed, false, event.by);
      closing.push(rung);
    }
    return closing;
  }

  /** The others that hold something without a stop. */
  bare(but: Rung): readonly Rung[] {
    return [...this.#present.values()].filter(
      (rung) => rung !== but && rung.unprotectedSinceWall !== undefined,
    );
  }

  /** Whether the rungs hold together what the engine's share is, and none lost more than its own exits left of it. */
  isWhole(view: EngineView): boolean {
    for (const rung of this.#present.values()) if (rung.lost > 0 && heldOf(rung) < 0) return false;
    return heldIn(this.#present.values()) === this.#share(view);
  }

  /** What the engine holds in its direction. */
  #share(view: EngineView): number {
    const { instrument, positionSide, direction } = this.#parameters;
    return Math.max(0, view.position(instrument, positionSide).lots * signOf(direction));
  }

  /** A cycle that seemed to be over goes on, together with the rung's present one. */
  #bringBack(past: Rung): Rung {
    const present = this.#present.get(past.index) ?? past;
    if (present !== past) absorb(present, past);
    this.#present.set(past.index, present);
    return present;
  }
}

/** A rung as the exchange tells its cycle. */
function rungOf({ rung: index, orders, lost }: Cycle): Rung {
  const rung = newRung(index);
  rung.orders.push(...orders);
  rung.lost = lost;
  rung.recovery.isFound = true;
  return rung;
}
