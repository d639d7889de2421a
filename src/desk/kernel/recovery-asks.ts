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
}

/** What engines ask people about their stuck rungs, from the wish to the answer. */
export class RecoveryAsks {
  readonly #asks = new Map<string, Ask>();
  /** Market time of the last answer about a rung: a person's "wait", or a deadline that passed. */
  readonly #answers = new Map<string, { readonly at: Millis; readonly isPersons: boolean }>();
  /** Asks of this life: each has a name of its own. */
  #count = 0;
  #lookedWallAt = 0;
  #isNew = false;

  /** An engine asks; how often is its own affair. */
  want(intent: AskRecoveryIntent): void {
    this.#asks.set(keyOf(intent), { intent, isWanted: true });
    this.#isNew = true;
  }

  /** What was shown is void for a reason that has nothing to do with the rung: people are asked anew. */
  wantAgain(key: RungKey): void {
    const ask = this.#asks.get(keyOf(key));
    if (ask !== undefined) ask.isWanted = true;
  }

  /** Somebody decided, or nobody did in time. `isPersons`: the question was a person's. */
  answered(key: RungKey, at: Millis, isPersons: boolean): void {
    this.#answers.set(keyOf(key), { at, isPersons });
    this.shown(key);
  }

  /** Whose question about a rung was answered less than two hours before a market time; undefined: nobody's. */
  holds(key: RungKey, at: Millis): "person" | "desk" | undefined {
    const answer = this.#answers.get(keyOf(key));
    if (answer === undefined || at - answer.at >= ASK_AFTER_MS) return undefined;
    return answer.isPersons ? "person" : "desk";
  }

  /** The rung is flat or no longer stuck. */
  forget(key: RungKey): void {
    this.#asks.delete(keyOf(key));
    this.#answers.delete(keyOf(key));
  }

  /** What was asked about a rung last. */
  last(key: RungKey): AskRecoveryIntent | undefined {
    return this.#asks.get(keyOf(key))?.intent;
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
    const asks = [...this.#asks].map(([key, { intent, isWanted }]) => [key, intent, isWanted]);
    return {
      asks: asks.sort(),
      answers: [...this.#answers].sort(),
      count: this.#count,
      looked: this.#lookedWallAt,
      isNew: this.#isNew,
    };
  }
}

const keyOf = ({ engine, rung }: RungKey): string => `${engine}/${rung}`;
