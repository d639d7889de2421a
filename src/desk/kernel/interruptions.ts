import type { GapEvent } from "../../core/event.ts";
import type { Millis } from "../../core/units.ts";

/** The clock may differ from the exchange's by so much (milliseconds); see DESIGN.md, section 3. */
export const SKEW_MAX_MS = 1_000;
/** After this many refusals of our clock in a row entries wait for the next reading of the account. */
const CLOCK_REFUSALS_MAX = 2;
/** Entries wait this long (wall) after the exchange last said that we ask too much, or after a ban that it spoke of. */
const LIMITED_MS = 30_000;

/** After readings that contradict each other two must agree over this long (wall): stale lists come in a row. */
const CONTRADICTED_MS = 10_000;

/** What a reading of the account says of itself. */
export interface ReadingMarks {
  readonly isConsistent: boolean;
  readonly agrees: boolean;
  readonly counts: boolean;
  readonly isTaken: boolean;
}

/** What keeps us from trusting what we know: gaps in the account's news, clocks, limits, a start that isn't over. */
export class Interruptions {
  #readings = 0;
  /** A reading was taken in, be it one that misses something. */
  #isRead = false;
  /** Readings of the start contradicted each other: only one that began at this wall time or later settles it. */
  #settlesFrom = 0;
  /** Readings agreed that somebody took what the desk holds: one more has to say so. */
  #isTakenTwice = false;
  #gap: string | undefined;
  /** A gap ends with a reading that began at this wall time or later; never while the stream is down. */
  #gapEndsFrom = 0;
  #clock: string | undefined;
  /** Set while the clock lies too far off the exchange's: no reading ends that, only a clock that agrees. */
  #skew: string | undefined;
  #clockRefusals = 0;
  #limitedUntil = 0;
  #isLimitTold = false;

  /** Two readings agreed after the start. */
  get isSteady(): boolean {
    return this.#readings >= 2;
  }

  gap(event: GapEvent, wallAt: Millis): void {
    this.#gap = event.reason;
    this.#gapEndsFrom = event.isReading ? Math.max(this.#gapEndsFrom, wallAt) : Number.POSITIVE_INFINITY;
  }

  resynced(wallAt: Millis): void {
    this.#gapEndsFrom = wallAt;
  }

  /** Positions changed without a word of it: what else was missed only a reading that begins later can tell. */
  silent(wallAt: Millis): void {
    this.#gap ??= "positions changed and it did not say so";
    this.#gapEndsFrom = Math.max(this.#gapEndsFrom, wallAt);
  }

  clockMoved(stepMs: number, against: "monotonic" | "exchange"): void {
    const text = `the clock moved by ${Math.round(stepMs)} ms against ${against === "exchange" ? "the exchange" : "itself"}`;
    if (against === "exchange") this.#skew = text;
    else this.#clock = text;
  }

  /** Whether our clock lay too far off the exchange's when it was last looked at. */
  get isSkewed(): boolean {
    return this.#skew !== undefined;
  }

  /** How far our clock is off the exchange's (milliseconds); true when it agrees again after it did not. */
  skewTold(skewMs: number): boolean {
    if (this.#skew === undefined || Math.abs(skewMs) > SKEW_MAX_MS) return false;
    this.#skew = undefined;
    return true;
  }

  /** The exchange refused a request's timestamp; true when that is no single stray any more. */
  clockRefused(): boolean {
    this.#clockRefusals += 1;
    if (this.#clockRefusals < CLOCK_REFUSALS_MAX) return false;
    this.#clock = "the exchange refuses our clock's time";
    return this.#clockRefusals === CLOCK_REFUSALS_MAX;
  }

  /** The exchange took a signed request: the clocks agree. */
  accepted(): void {
    this.#clockRefusals = 0;
  }

  /**
   * The exchange (or our own budget) said that we ask too much, and wants no request for `waitMs`; true when people are to
   * be told of it: once, by the exchange's word. The half minute begins when it answers again, so that readings go first:
   * what they learn of it is known before people hear that it is over, and before an entry tries.
   */
  limited(wallAt: Millis, isOwnBudget: boolean, waitMs: number): boolean {
    this.#limitedUntil = Math.max(this.#limitedUntil, wallAt + waitMs + LIMITED_MS);
    if (isOwnBudget || this.#isLimitTold) return false;
    this.#isLimitTold = true;
    return true;
  }

  /** True once, when the limit is over after people were told of it. */
  limitEnded(wallAt: Millis): boolean {
    if (!this.#isLimitTold || wallAt < this.#limitedUntil) return false;
    this.#isLimitTold = false;
    return true;
  }

  /**
   * A reading of the account is in. `isConsistent`: it misses nothing that we hold for live. `agrees`: it says of the
   * foreign parts what the one before said. `counts`: what was in flight at the start had landed when it began. `isTaken`: it
   * says that somebody took what the desk holds, and no execution does: so says a list that was cut short as well.
   */
  read(startedWallAt: Millis, { isConsistent, agrees, counts, isTaken }: ReadingMarks): void {
    if (startedWallAt >= this.#gapEndsFrom && isConsistent) this.#gap = undefined;
    this.#clock = undefined;
    this.#clockRefusals = 0;
    if (this.isSteady) return;
    // One that misses orders contradicts as well: what it says of a position may be as stale as its list of orders.
    if (!agrees) {
      if (this.#isRead) this.#settlesFrom = startedWallAt + CONTRADICTED_MS;
      this.#readings = 0;
      this.#isTakenTwice = false;
    }
    this.#isRead = true;
    if (!isConsistent) return;
    if (this.#readings === 0) this.#readings = 1;
    else if (counts && startedWallAt >= this.#settlesFrom) {
      if (!isTaken || this.#isTakenTwice) this.#readings = 2;
      else this.#settlesFrom = startedWallAt + CONTRADICTED_MS;
      this.#isTakenTwice = isTaken;
    }
  }

  /** Wall time from which a reading may end the start; 0: any. */
  get settlesFrom(): number {
    return this.#settlesFrom;
  }

  /** Why no order that increases may leave, as sentences for people. */
  blocks(isBooted: boolean, wallAt: Millis): readonly string[] {
    const blocks: string[] = [];
    if (!isBooted) blocks.push("the account has not been read yet");
    else if (!this.isSteady) blocks.push("entries wait until the account was read twice after the start");
    if (this.#gap !== undefined) blocks.push(`the account stream is interrupted (${this.#gap})`);
    if (this.#skew !== undefined) blocks.push(this.#skew);
    if (this.#clock !== undefined) blocks.push(this.#clock);
    if (wallAt < this.#limitedUntil) blocks.push("the exchange says that we ask too much; entries wait");
    return blocks;
  }
}
