import type { InstrumentId } from "../../core/instrument.ts";
import type { LockRequest, UnlockRequest } from "../../core/operator-request.ts";
import { type Actor, hasRole } from "../../core/proposal.ts";
import type { LockView } from "../snapshot.ts";
import type { KernelState } from "./state.ts";

/** Why somebody can't lock or unlock an instrument, in one sentence; undefined: they can. */
export function lockRefusal(
  state: Pick<KernelState, "instrument" | "locks" | "wallAt">,
  request: LockRequest | UnlockRequest,
  actor: Actor,
): string | undefined {
  const { type, instrument, kind } = request;
  const done = kind === "block" ? "blocked" : "locked";
  if (state.instrument(instrument) === undefined) return `${instrument} is not an instrument of this desk.`;
  if (type === "unlock") return state.locks.has(request) ? undefined : `${instrument} is not ${done}.`;
  const now = state.locks
    .at(state.wallAt)
    .find((each) => each.kind === kind && each.instrument === instrument);
  if (now === undefined || !endsSooner(request, now)) return undefined;
  return hasRole(actor.role, "risk")
    ? actor.barred
    : `${instrument} is ${done} by ${now.by} for longer: ending that sooner needs the role risk; you are ${actor.role}. Nothing was changed.`;
}

const endsSooner = (wanted: LockRequest, now: LockView): boolean =>
  (wanted.untilWallAt ?? Number.POSITIVE_INFINITY) < (now.untilWallAt ?? Number.POSITIVE_INFINITY);

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
