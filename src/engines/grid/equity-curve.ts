import { type Millis, millis, type Value, value } from "../../core/units.ts";

/** The account over one span of market time. */
export interface EquityPoint {
  /** Market time of the first and the last line in it. */
  readonly at: Millis;
  readonly to: Millis;
  readonly low: Value;
  readonly high: Value;
  readonly last: Value;
  /** The highest equity up to its end, moved along with deposits and withdrawals. */
  readonly peak: Value;
}

/** More points than this can't be told apart in any picture. */
const POINTS_MOST = 720;
const MINUTE_MS = 60_000;

/**
 * The course of the equity in few points, however long it gets: a point stands for so many minutes, and for twice as many whenever
 * there would be too many of them. The lowest and the highest equity of every span stay what they were.
 */
export class EquityCurve {
  #points: EquityPoint[] = [];
  #span = MINUTE_MS;

  /** Oldest first. */
  get points(): readonly EquityPoint[] {
    return [...this.#points];
  }

  /** Another line of the log. One that tells of an earlier time than the last is passed over. */
  add(at: Millis, equity: Value, peak: Value): void {
    const last = this.#points.at(-1);
    if (last !== undefined && at < last.to) return;
    const point = { at, to: at, low: equity, high: equity, last: equity, peak };
    if (last !== undefined && this.#slot(last.at) === this.#slot(at))
      this.#points[this.#points.length - 1] = joined(last, point);
    else this.#points.push(point);
    while (this.#points.length > POINTS_MOST) this.#widen();
  }

  #slot(at: number): number {
    return Math.floor(at / this.#span);
  }

  #widen(): void {
    this.#span *= 2;
    const wide: EquityPoint[] = [];
    for (const point of this.#points) {
      const last = wide.at(-1);
      if (last !== undefined && this.#slot(last.at) === this.#slot(point.at))
        wide[wide.length - 1] = joined(last, point);
      else wide.push(point);
    }
    this.#points = wide;
  }
}

const joined = (one: EquityPoint, next: EquityPoint): EquityPoint => ({
  at: one.at,
  to: millis(next.to),
  low: value(Math.min(one.low, next.low)),
  high: value(Math.max(one.high, next.high)),
  last: next.last,
  peak: next.peak,
});
