import type { EngineId } from "../../core/order.ts";
import type { Position } from "../../core/position.ts";
import type { Taken, TakenBy } from "../../core/taken.ts";
import { type Lots, lots, type Millis, type Value, value } from "../../core/units.ts";

/** Who took from a share last, and by which execution. */
interface Taker {
  readonly by: TakenBy;
  readonly tradeId: string | undefined;
  readonly at: Millis | undefined;
}

/**
 * Knows what every engine executed itself, so that what else changed its share is the difference: exact whatever the
 * order of the news, since both sides are sums (I2, I5).
 */
export class Takings {
  readonly #own = new Map<string, { lots: number; cost: number; fees: number }>();
  readonly #takers = new Map<string, Taker>();
  /** By book: the latest execution that was no engine's. */
  readonly #strangers = new Map<string, Taker>();

  /** An engine's own order executed; signed as `executionCost` does. */
  own(book: string, engine: EngineId, size: Lots, cost: Value, fee: Value): void {
    const key = `${book}/${engine}`;
    const sum = this.#own.get(key) ?? { lots: 0, cost: 0, fees: 0 };
    this.#own.set(key, { lots: sum.lots + size, cost: sum.cost + cost, fees: sum.fees + fee });
  }

  /** An execution of nobody here changed these shares. */
  byOthers(book: string, engines: readonly EngineId[], { by, tradeId, at }: Taker): void {
    const taker = { by, tradeId, at };
    this.#strangers.set(book, taker);
    for (const engine of engines) this.#takers.set(`${book}/${engine}`, taker);
  }

  /** An engine's exit closed what these others held. */
  byExit(book: string, engines: readonly EngineId[], { tradeId, at }: Omit<Taker, "by">): void {
    for (const engine of engines) this.#takers.set(`${book}/${engine}`, { by: "exit", tradeId, at });
  }

  /** What others had executed before turns out to have closed what these engines hold. */
  netted(book: string, engines: readonly EngineId[]): void {
    const taker = this.#strangers.get(book) ?? { by: "person", tradeId: undefined, at: undefined };
    for (const engine of engines) this.#takers.set(`${book}/${engine}`, taker);
  }

  /** What was taken from a share so far. */
  of(book: string, engine: EngineId, share: Readonly<Position>): Taken {
    const key = `${book}/${engine}`;
    const own = this.#own.get(key) ?? { lots: 0, cost: 0, fees: 0 };
    const taker = this.#takers.get(key);
    return {
      lots: lots(share.lots - own.lots),
      // Cost less realised profit is the sum of all executions' costs, however they were matched.
      cost: value(share.cost - share.realized - own.cost),
      fees: value(share.fees - own.fees),
      by: taker?.by,
      tradeId: taker?.tradeId,
      at: taker?.at,
    };
  }
}
