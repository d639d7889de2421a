import type { AskRecoveryIntent } from "../../core/intent.ts";
import type { EngineId } from "../../core/order.ts";
import type { Millis } from "../../core/units.ts";

/** Market time after which people are asked about a rung that is still stuck, and after an answer asked again (S1-91). */
export const ASK_AFTER_MS = 7_200_000;
/** Wall time between two looks at what became of an ask. */
const LOOK_EVERY_MS = 250;

/** Which rung of which engine. */
export interface RungKey {
  readonly engine: EngineId;
  readonly rung: number;
}

interface Ask {
  intent: AskRecoveryIntent;
  /** Nobody was shown it yet. */
  isWanted: boolean;
  /** Market time of the last answer: a person's "wait", or a deadline that passed. */
  answeredAt: Millis | undefined;
}

/** What engines ask people about their stuck rungs, from the wish to the answer. */
export class RecoveryAsks {
  readonly #asks = new Map<string, Ask>();
  /** Asks of this life: each has a name of its own. */
  #count = 0;
  #lookedWallAt = 0;
  #isNew = false;

  /** An engine asks; how often is its own affair. */
  want(intent: AskRecoveryIntent): void {
    const answeredAt = this.#asks.get(keyOf(intent))?.answeredAt;
    this.#asks.set(keyOf(intent), { intent, isWanted: true, answeredAt });
    this.#isNew = true;
  }

  /** What was shown is void for a reason that has nothing to do with the rung: people are asked anew. */
  wantAgain(key: RungKey): void {
    const ask = this.#asks.get(keyOf(key));
    if (ask !== undefined) ask.isWanted = true;
  }

  /** Somebody decided, or nobody did in time. */
  answered(key: RungKey, at: Millis): void {
    const ask = this.#asks.get(keyOf(key));
    if (ask !== undefined) Object.assign(ask, { answeredAt: at, isWanted: false });
  }

  /** The rung is flat or no longer stuck. */
  forget(key: RungKey): void {
    this.#asks.delete(keyOf(key));
  }

  /** What was asked about a rung last, and when it was answered. */
  last(
    key: RungKey,
  ): { readonly intent: AskRecoveryIntent; readonly answeredAt: Millis | undefined } | undefined {
    return this.#asks.get(keyOf(key));
  }

  /** Nobody was shown these yet. */
  wanted(): readonly AskRecoveryIntent[] {
    return [...this.#asks.values()].filter(({ isWanted }) => isWanted).map(({ intent }) => intent);
  }

  /** It is shown now. */
  shown(key: RungKey): void {
    const ask = this.#asks.get(keyOf(key));
    if (ask !== undefined) ask.isWanted = false;
  }

  /** The number of the next ask. */
  nextCount(): number {
    this.#count += 1;
    return this.#count;
  }

  /** Whether it is time to look again; engines are not asked for their rungs in every turn. */
  isLookDue(wallAt: Millis): boolean {
    if (!this.#isNew && wallAt - this.#lookedWallAt < LOOK_EVERY_MS) return false;
    this.#isNew = false;
    this.#lookedWallAt = wallAt;
    return true;
  }

  /** For the state hash. */
  canonical(): unknown {
    const asks = [...this.#asks].map(([key, { intent, isWanted, answeredAt }]) => [
      key,
      intent,
      isWanted,
      answeredAt ?? null,
    ]);
    return { asks: asks.sort(), count: this.#count, looked: this.#lookedWallAt, isNew: this.#isNew };
  }
}

const keyOf = ({ engine, rung }: RungKey): string => `${engine}/${rung}`;
