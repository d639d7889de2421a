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

  /** An engine's own order executed; signed as `executionCost` does. */
  own(book: string, engine: EngineId, size: Lots, cost: Value, fee: Value): void {
    const key = `${book}/${engine}`;
    const sum = this.#own.get(key) ?? { lots: 0, cost: 0, fees: 0 };
    this.#own.set(key, { lots: sum.lots + size, cost: sum.cost + cost, fees: sum.fees + fee });
  }

  /** Shares changed by somebody else's execution. */
  note(book: string, engines: readonly EngineId[], { by, tradeId, at }: Taker): void {
    for (const engine of engines) this.#takers.set(`${book}/${engine}`, { by, tradeId, at });
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
