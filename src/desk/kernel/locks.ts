import type { InstrumentId } from "../../core/instrument.ts";
import type { LockRequest, UnlockRequest } from "../../core/operator-request.ts";
import type { LockView } from "../snapshot.ts";

/** Instruments in which no engine enters, because a person said so. The ledger keeps them over a restart. */
export class Locks {
  readonly #locks = new Map<string, LockView>();

  /** The later word counts, as for a pause. */
  set({ instrument, kind, untilWallAt }: LockRequest, by: string): void {
    this.#locks.set(`${kind}/${instrument}`, { instrument, kind, by, untilWallAt });
  }

  /** Whether there is one to be ended. */
  has({ instrument, kind }: UnlockRequest): boolean {
    return this.#locks.has(`${kind}/${instrument}`);
  }

  end({ instrument, kind }: UnlockRequest): void {
    this.#locks.delete(`${kind}/${instrument}`);
  }

  /** Those that hold at a wall time, blocks first. */
  at(wallAt: number): readonly LockView[] {
    if (this.#locks.size === 0) return NONE;
    return [...this.#locks.keys()]
      .sort()
      .flatMap((key) => this.#locks.get(key) ?? [])
      .filter(({ untilWallAt }) => untilWallAt === undefined || untilWallAt > wallAt);
  }

  /** The first one that holds one of these instruments. */
  of(instruments: readonly InstrumentId[], wallAt: number): LockView | undefined {
    return this.at(wallAt).find(({ instrument }) => instruments.includes(instrument));
  }
}

const NONE: readonly LockView[] = [];
