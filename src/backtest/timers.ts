import type { Millis } from "../core/units.ts";
import type { KernelState } from "../desk/kernel/state.ts";

/** A timer comes when nothing else did for this much market time; after something went wrong as often as in the desk. */
const EVERY_MS = 60_000;
/** How often it comes while something is wrong. */
export const TROUBLE_EVERY_MS = 500;
/** How long something that went wrong is followed that closely, and then less so: the longest quiet time that an engine keeps. */
const TROUBLE_MS = 10_000;
const WATCHING_EVERY_MS = 5_000;
const WATCHING_MS = 60_000;

/** When the desk's next timer comes, in market time. */
export class Timers {
  nextAt = 0;
  /** When something last went wrong. */
  #troubledAt = Number.NEGATIVE_INFINITY;

  /** One came. */
  came(at: Millis, { interruptions }: KernelState): void {
    const isTrouble = !interruptions.isSteady || at < this.#troubledAt + TROUBLE_MS;
    const isWatching = at < this.#troubledAt + WATCHING_MS;
    this.nextAt = at + (isTrouble ? TROUBLE_EVERY_MS : isWatching ? WATCHING_EVERY_MS : EVERY_MS);
  }

  /** Quotes do for a timer while all is well, no reading of the account is due and no card ends. */
  postpone(at: Millis, { interruptions, truthDueWallAt, proposals }: KernelState): void {
    if (at < this.#troubledAt + WATCHING_MS || !interruptions.isSteady) return;
    const due = Math.min(truthDueWallAt, proposals.nextExpiryWallAt());
    this.nextAt = Math.min(at + EVERY_MS, Math.max(at, due));
  }

  /** Something went wrong now. */
  trouble(at: Millis): void {
    this.#troubledAt = at;
    this.nextAt = Math.min(this.nextAt, at + TROUBLE_EVERY_MS);
  }
}
