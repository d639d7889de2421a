import type { InstrumentId } from "../../core/instrument.ts";
import type { MarginCount } from "../../core/margin-action.ts";
import type { EngineId, PositionSide } from "../../core/order.ts";
import { type Value, value } from "../../core/units.ts";

/** One engine's part of margin that people added to one position. */
export interface Added {
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly engine: EngineId;
  readonly amount: Value;
}

/**
 * Margin that people added to positions: it counts against the purses of the engines that held them then (X26), whole until
 * the position is flat. The exchange gives it back with the position; closing a part gives back a part of it, which is counted on.
 */
export class AddedMargin {
  readonly #added = new Map<string, Added>();

  count({ instrument, positionSide, parts }: MarginCount): void {
    for (const [engine, amount] of parts) {
      const key = `${instrument}/${positionSide}/${engine}`;
      const sum = value((this.#added.get(key)?.amount ?? 0) + amount);
      if (sum <= 0) this.#added.delete(key);
      else this.#added.set(key, { instrument, positionSide, engine, amount: sum });
    }
  }

  all(): readonly Added[] {
    return this.#added.size === 0 ? NONE : [...this.#added.values()];
  }

  /** What counts against an engine's purse. */
  of(engine: EngineId): Value {
    let sum = 0;
    for (const each of this.#added.values()) if (each.engine === engine) sum += each.amount;
    return value(sum);
  }

  /** For the state hash; undefined while there is none. */
  canonical(): unknown {
    return this.#added.size === 0 ? undefined : [...this.#added].sort();
  }
}

const NONE: readonly Added[] = [];
