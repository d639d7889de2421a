import { calmBelow } from "../core/limit.ts";
import type { RiskState } from "../core/proposal.ts";
import { type Millis, ONE, type Rate, rate } from "../core/units.ts";
import type { LiquidationLevel } from "./liquidation.ts";

/** The states, mildest first. */
const STATES: readonly RiskState[] = ["monitoring", "warning", "emergency", "shutdown"];

/** How strict a state is: 0 for Monitoring, 3 for Shutdown. */
export const rankOf = (state: RiskState): number => STATES.indexOf(state);

/** The stricter of two states. */
const stricter = (one: RiskState, other: RiskState): RiskState =>
  rankOf(one) >= rankOf(other) ? one : other;

/** Drawdowns from which the states hold, each above the one before. */
export interface Drawdowns {
  readonly warning: Rate;
  readonly emergency: Rate;
  readonly shutdown: Rate;
}

/** What they are at most (X11, S0-38; they bind every profile, X27). */
export const DRAWDOWNS: Drawdowns = {
  warning: rate(ONE / 20),
  emergency: rate(ONE / 10),
  shutdown: rate((3 * ONE) / 20),
};

/** What a position's nearness to liquidation means for the whole desk. */
const OF_LEVEL: Readonly<Record<LiquidationLevel, RiskState>> = {
  LOW: "monitoring",
  MEDIUM: "monitoring",
  HIGH: "warning",
  EXTREME: "emergency",
  CRITICAL: "shutdown",
};

/** How long the drawdown must be a margin below a state's threshold (`calmBelow`) before the state falls (X27), in milliseconds of market time. */
export const FALL_MS = 900_000;

/** What is known of the account's danger. `drawdown` undefined: the equity or its peak is unknown, which is Emergency. */
export interface RiskReading {
  readonly drawdown: Rate | undefined;
  /** The worst of all positions. */
  readonly level: LiquidationLevel;
}

/** The state that a reading calls for (S0-56 to S0-59). */
export const conditionOf = (reading: RiskReading, drawdowns = DRAWDOWNS): RiskState =>
  conditionBy(reading, drawdowns, isReached);

/** The same with every threshold lower by a margin: a state holds until the drawdown is that far below. */
const heldBy = (reading: RiskReading, drawdowns: Drawdowns): RiskState =>
  conditionBy(reading, drawdowns, isHeld);

function conditionBy(
  { drawdown, level }: RiskReading,
  { warning, emergency, shutdown }: Drawdowns,
  isAt: (threshold: Rate, drawdown: Rate) => boolean,
): RiskState {
  const byLevel = OF_LEVEL[level];
  if (drawdown === undefined) return stricter("emergency", byLevel);
  if (isAt(shutdown, drawdown)) return "shutdown";
  if (isAt(emergency, drawdown)) return stricter("emergency", byLevel);
  return isAt(warning, drawdown) ? stricter("warning", byLevel) : byLevel;
}

const isReached = (threshold: Rate, drawdown: Rate): boolean => drawdown >= threshold;
const isHeld = (threshold: Rate, drawdown: Rate): boolean => drawdown > calmBelow(threshold);

/**
 * The desk's risk state (seed S0, X27): up at once to the worst condition, down one state at a time when the condition was
 * a margin better for a quarter of an hour of market time, out of Shutdown never by itself. What a person tightened stays
 * until a person loosens it.
 */
export class RiskLadder {
  #state: RiskState = "monitoring";
  /** What a person asked for: never less than this. */
  #floor: RiskState = "monitoring";
  #calmSince: Millis | undefined;
  #last: RiskReading | undefined;
  #drawdowns = DRAWDOWNS;

  get state(): RiskState {
    return stricter(this.#state, this.#floor);
  }

  get floor(): RiskState {
    return this.#floor;
  }

  /** Undefined before the first reading of this life. */
  get last(): RiskReading | undefined {
    return this.#last;
  }

  /** The drawdowns from which the states hold from the next reading on. */
  limit(drawdowns: Drawdowns): void {
    this.#drawdowns = drawdowns;
  }

  /** What a reading calls for, whatever the state is. */
  condition(reading: RiskReading): RiskState {
    return conditionOf(reading, this.#drawdowns);
  }

  /** Takes a reading at market time `at`; returns the state that now holds. */
  read(reading: RiskReading, at: Millis): RiskState {
    this.#last = reading;
    this.#state = stricter(this.#state, this.condition(reading));
    const isCalm = rankOf(heldBy(reading, this.#drawdowns)) < rankOf(this.#state);
    if (this.#state === "shutdown" || !isCalm) {
      this.#calmSince = undefined;
      return this.state;
    }
    this.#calmSince ??= at;
    if (at - this.#calmSince >= FALL_MS) {
      this.#state = STATES[rankOf(this.#state) - 1] ?? "monitoring";
      // The next state has a threshold of its own: its quarter of an hour begins here.
      this.#calmSince = rankOf(heldBy(reading, this.#drawdowns)) < rankOf(this.#state) ? at : undefined;
    }
    return this.state;
  }

  /**
   * Drawdowns, ends included, at which `read` changes nothing that decides, and until when (market time, not included), far from
   * any liquidation. Undefined in the states in which positions are made smaller.
   */
  steady(): { readonly from: number; readonly to: number; readonly until: number } | undefined {
    const { warning, emergency } = this.#drawdowns;
    const calmSince = this.#calmSince;
    if (this.#state === "monitoring") return { from: 0, to: warning - 1, until: Number.POSITIVE_INFINITY };
    if (this.#state !== "warning") return undefined;
    const edge = calmBelow(warning);
    return calmSince === undefined
      ? { from: edge + 1, to: emergency - 1, until: Number.POSITIVE_INFINITY }
      : { from: 0, to: edge, until: calmSince + FALL_MS };
  }

  /** Why a person may not have a state now; undefined: `order` does it. Tighter is always granted. */
  refusal(to: RiskState): "shutdown" | "unread" | "conditions" | undefined {
    if (rankOf(to) >= rankOf(this.state)) return undefined;
    if (this.state === "shutdown") return "shutdown";
    if (this.#last === undefined) return "unread";
    return rankOf(to) < rankOf(this.condition(this.#last)) ? "conditions" : undefined;
  }

  /** A person wants a state. A tighter one, or the one that is, holds until a person loosens it; a milder one holds at once. */
  order(to: RiskState): void {
    if (rankOf(to) >= rankOf(this.state)) {
      this.#floor = to;
      return;
    }
    this.#state = to;
    if (rankOf(this.#floor) > rankOf(to)) this.#floor = to;
    this.#calmSince = undefined;
  }

  /** An admin begins anew, with what a reading calls for now. */
  reset(reading: RiskReading): void {
    this.#last = reading;
    this.#state = this.condition(reading);
    this.#floor = "monitoring";
    this.#calmSince = undefined;
  }

  /** What the ledger remembers. The quarter of an hour begins anew: nobody looked meanwhile. */
  restore(state: RiskState, floor: RiskState): void {
    this.#state = state;
    this.#floor = floor;
    this.#calmSince = undefined;
  }

  /** All that decides, as plain data. */
  canonical(): unknown {
    return [this.#state, this.#floor, this.#calmSince ?? null];
  }
}
