import { hashText } from "../core/random.ts";
import type { Clock } from "../desk/ports.ts";
import type { LoudLevel } from "./alert-desk.ts";

const MINUTE_MS = 60_000;
/** How long after a message nobody has seen the next one comes; the last of them counts on. Nothing is ever given up. */
const AGAIN_MS: Readonly<Record<LoudLevel, readonly number[]>> = {
  high: [15, 30, 60].map((minutes) => minutes * MINUTE_MS),
  extreme: [1, 5, 10, 20, 40, 60].map((minutes) => minutes * MINUTE_MS),
  critical: [5, 10, 20, 40, 60].map((minutes) => minutes * MINUTE_MS),
};
/** The longest that an alert may be quiet: the worse it is, the shorter. A critical one can only be seen. */
export const QUIET_MS_MAX: Readonly<Record<LoudLevel, number>> = {
  high: 24 * 60 * MINUTE_MS,
  extreme: 15 * MINUTE_MS,
  critical: 0,
};

/** That somebody has seen an alert of a level. */
export interface Seen {
  readonly key: string;
  readonly level: LoudLevel;
  readonly by: string;
  readonly wallAt: number;
  /** It sounds again from then on. */
  readonly untilWallAt: number | undefined;
}

/** What a duty is built from. */
export interface DutyParts {
  readonly clock: Clock;
  /** Sends an alert's message once more, with a sound: nobody has said that it was seen. */
  readonly again: (key: string) => void;
  /** Keeps it over a restart. */
  readonly save: (seen: Seen) => void;
}

/** Four characters that stand for an alert's key on buttons and in commands. */
export const markOf = (key: string): string => (hashText(key) % 36 ** 4).toString(36).padStart(4, "0");

/** Sees to it that loud alerts are seen by somebody: those that are not come again. */
export class Duty {
  readonly #parts: DutyParts;
  readonly #seen = new Map<string, Seen>();
  readonly #waiting = new Map<string, { readonly cancel: () => void; readonly times: number }>();

  constructor(parts: DutyParts) {
    this.#parts = parts;
  }

  /** What was seen before a restart. */
  restore(seen: readonly Seen[]): void {
    for (const each of seen) this.#seen.set(each.key, each);
  }

  /** Who has seen the alert as it is now; undefined: nobody, it got worse since, or the quiet time is over. */
  seenOf(key: string, level: LoudLevel): Seen | undefined {
    const seen = this.#seen.get(key);
    if (seen === undefined || RANK[seen.level] < RANK[level]) return undefined;
    return seen.untilWallAt !== undefined && seen.untilWallAt <= this.#parts.clock.now() ? undefined : seen;
  }

  /** A message of this level went out. */
  told(key: string, level: LoudLevel): void {
    const seen = this.seenOf(key, level);
    if (seen?.untilWallAt !== undefined) this.#wait(key, seen.untilWallAt - this.#parts.clock.now(), 0);
    else if (seen === undefined) this.#waitAgain(key, level, 0);
    else this.#stop(key);
  }

  /** Somebody has seen it. */
  see(seen: Seen): void {
    this.#seen.set(seen.key, seen);
    this.#parts.save(seen);
    this.told(seen.key, seen.level);
  }

  /** The message was sent once more; the next one waits longer. */
  toldAgain(key: string, level: LoudLevel, times: number): void {
    this.#waitAgain(key, level, times);
  }

  /** The alert is over: whatever comes later was seen by nobody. */
  over(key: string): void {
    this.#stop(key);
    this.#seen.delete(key);
  }

  /** How often it was sent again. */
  timesOf(key: string): number {
    return this.#waiting.get(key)?.times ?? 0;
  }

  stop(): void {
    for (const key of [...this.#waiting.keys()]) this.#stop(key);
  }

  #waitAgain(key: string, level: LoudLevel, times: number): void {
    const steps = AGAIN_MS[level];
    this.#wait(key, steps[Math.min(times, steps.length - 1)] ?? MINUTE_MS, times);
  }

  #wait(key: string, ms: number, times: number): void {
    this.#stop(key);
    const cancel = this.#parts.clock.after(ms, () => this.#parts.again(key));
    this.#waiting.set(key, { cancel, times });
  }

  #stop(key: string): void {
    this.#waiting.get(key)?.cancel();
    this.#waiting.delete(key);
  }
}

const RANK: Readonly<Record<LoudLevel, number>> = { high: 0, extreme: 1, critical: 2 };
