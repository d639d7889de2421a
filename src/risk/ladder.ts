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

/** Drawdowns from which the states hold (X11, S0-38; they bind every profile, X27). */
const DRAWDOWNS = {
  warning: rate(ONE / 20),
  emergency: rate(ONE / 10),
  shutdown: rate((3 * ONE) / 20),
} as const;

/** What a position's nearness to liquidation means for the whole desk. */
const OF_LEVEL: Readonly<Record<LiquidationLevel, RiskState>> = {
  LOW: "monitoring",
  MEDIUM: "monitoring",
  HIGH: "warning",
  EXTREME: "emergency",
  CRITICAL: "shutdown",
};

/** How far below a state's threshold the drawdown must be before the state falls (X27). */
const FALL_MARGIN = rate(ONE / 40);
/** And for how long, in milliseconds of market time. */
export const FALL_MS = 900_000;

/** What is known of the account's danger. `drawdown` undefined: the equity or its peak is unknown, which is Emergency. */
export interface RiskReading {
  readonly drawdown: Rate | undefined;
  /** The worst of all positions. */
  readonly level: LiquidationLevel;
}

/** The state that a reading calls for (S0-56 to S0-59). */
export const conditionOf = (reading: RiskReading): RiskState => conditionBelow(reading, 0);

/** The same with every threshold lower by a margin: a state holds until the drawdown is that far below. */
function conditionBelow({ drawdown, level }: RiskReading, margin: number): RiskState {
  const byLevel = OF_LEVEL[level];
  if (drawdown === undefined) return stricter("emergency", byLevel);
  if (isAt(DRAWDOWNS.shutdown, drawdown, margin)) return "shutdown";
  if (isAt(DRAWDOWNS.emergency, drawdown, margin)) return stricter("emergency", byLevel);
  return isAt(DRAWDOWNS.warning, drawdown, margin) ? stricter("warning", byLevel) : byLevel;
}

const isAt = (threshold: Rate, drawdown: Rate, margin: number): boolean =>
  margin === 0 ? drawdown >= threshold : drawdown > threshold - margin;

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

  /** Takes a reading at market time `at`; returns the state that now holds. */
  read(reading: RiskReading, at: Millis): RiskState {
    this.#last = reading;
    this.#state = stricter(this.#state, conditionOf(reading));
    const isCalm = rankOf(conditionBelow(reading, FALL_MARGIN)) < rankOf(this.#state);
    if (this.#state === "shutdown" || !isCalm) {
      this.#calmSince = undefined;
      return this.state;
    }
    this.#calmSince ??= at;
    if (at - this.#calmSince >= FALL_MS) {
      this.#state = STATES[rankOf(this.#state) - 1] ?? "monitoring";
      // The next state has a threshold of its own: its quarter of an hour begins here.
      this.#calmSince = rankOf(conditionBelow(reading, FALL_MARGIN)) < rankOf(this.#state) ? at : undefined;
    }
    return this.state;
  }

  /**
   * Drawdowns, ends included, at which `read` changes nothing that decides, and until when (market time, not included), far from
   * any liquidation. Undefined in the states in which positions are made smaller.
   */
  steady(): { readonly from: number; readonly to: number; readonly until: number } | undefined {
    const { warning, emergency } = DRAWDOWNS;
    const calmSince = this.#calmSince;
    if (this.#state === "monitoring") return { from: 0, to: warning - 1, until: Number.POSITIVE_INFINITY };
    if (this.#state !== "warning") return undefined;
    const edge = warning - FALL_MARGIN;
    return calmSince === undefined
      ? { from: edge + 1, to: emergency - 1, until: Number.POSITIVE_INFINITY }
      : { from: 0, to: edge, until: calmSince + FALL_MS };
  }

  /** Why a person may not have a state now; undefined: `order` does it. Tighter is always granted. */
  refusal(to: RiskState): "shutdown" | "unread" | "conditions" | undefined {
    if (rankOf(to) >= rankOf(this.state)) return undefined;
    if (this.state === "shutdown") return "shutdown";
    if (this.#last === undefined) return "unread";
    return rankOf(to) < rankOf(conditionOf(this.#last)) ? "conditions" : undefined;
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
    this.#state = conditionOf(reading);
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
