import { mulDiv, ONE, type Rate, rate, type Value, value } from "../core/units.ts";

/** A peak is written down when it has risen by this part of itself. */
const WRITE_RISE = rate(ONE / 200);
/** And, however little it rose, as soon as the equity has fallen this far below it. */
const WRITE_DRAWDOWN = rate(ONE / 100);

/**
 * How far an equity is below its peak: 1 - equity / peak, rounded up (towards danger). Above 100 % when more is owed than
 * is there; 0 at the peak, above it, and for an account that never held anything.
 */
export function drawdownOf(equity: Value, peak: Value): Rate {
  if (equity >= peak) return rate(0);
  return peak <= 0 ? rate(ONE) : rate(mulDiv(peak - equity, ONE, peak, "up"));
}

/**
 * The peak after money came (positive) or went: it moves as the equity does, so that the drawdown stays what it was. Shifting
 * it by the bare amount would do the same at the peak only: at 12.5 % a withdrawal of 20 % would be Shutdown. An account
 * without equity has no part of it to go by: there it is the bare amount.
 */
export function shiftedPeak(peak: Value, equity: Value, amount: Value): Value {
  const after = equity + amount;
  if (after <= 0) return value(0);
  if (equity <= 0) return value(Math.max(0, peak + amount));
  return value(Math.max(after, mulDiv(peak, after, equity, "up")));
}

/** The highest equity since a person last reset it, moved along with deposits, withdrawals and transfers (X11). */
export class EquityPeak {
  #peak: Value | undefined;
  /** What the ledger has of it. */
  #written: Value | undefined;

  /** Undefined while nothing is known of it. */
  get value(): Value | undefined {
    return this.#peak;
  }

  get written(): Value | undefined {
    return this.#written;
  }

  /** What the ledger says, after a restart: the present may only raise it. */
  restore(peak: Value): void {
    this.#peak = peak;
    this.#written = peak;
  }

  /** Takes an equity; returns the drawdown. */
  see(equity: Value): Rate {
    if (this.#peak === undefined || equity > this.#peak) this.#peak = equity;
    return drawdownOf(equity, this.#peak);
  }

  /** Money came or went; `equity` is what there was before. */
  moved(equity: Value, amount: Value): void {
    if (this.#peak !== undefined) this.#peak = shiftedPeak(this.#peak, equity, amount);
  }

  /** An admin begins anew: what there is now is the peak, and is written. */
  reset(equity: Value): void {
    this.#peak = equity;
    this.#written = undefined;
  }

  /**
   * Whether the ledger should hear of it: not at every tick of a rise, and in time, since a restart knows only what was
   * written. A peak that fell (money went, or a reset) is written at once.
   */
  isDue(drawdown: Rate): boolean {
    const [peak, written] = [this.#peak, this.#written];
    if (peak === undefined || peak === written) return false;
    if (written === undefined || peak < written || drawdown >= WRITE_DRAWDOWN) return true;
    return peak - written >= mulDiv(written, WRITE_RISE, ONE, "up");
  }

  /** The largest drawdown of which the ledger need not hear while the peak stays; undefined: it must hear now. */
  quietDrawdown(): number | undefined {
    if (this.#peak === undefined || this.isDue(rate(0))) return undefined;
    return this.#peak === this.#written ? Number.POSITIVE_INFINITY : WRITE_DRAWDOWN - 1;
  }

  /** The ledger has it. */
  noteWritten(): void {
    this.#written = this.#peak;
  }
}
