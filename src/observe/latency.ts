/** A sample that was too slow, and why as far as the one who measured knew. */
export interface SlowSample {
  readonly ms: number;
  readonly wallAt: number;
  readonly cause: string;
}

/** Percentiles in milliseconds; undefined while there is no sample. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
  readonly max: number | undefined;
}

/** All that a recorder knows. */
export interface LatencyReport {
  /** Of the last 1,000 samples, exact. */
  readonly recent: Percentiles;
  /** Since the start, to 1 %. */
  readonly total: Percentiles;
  readonly slowCount: number;
  /** The latest slow ones, oldest first. */
  readonly slow: readonly SlowSample[];
}

const RECENT_MAX = 1_000;
const SLOW_LISTED_MAX = 100;
/** Each bucket is one percent wider than the one below; the first ends at a microsecond. */
const GROWTH = Math.log(1.01);
const SMALLEST_MS = 0.001;

/** Records how long something took, in constant memory: a ring for the recent, a histogram for all. */
export class LatencyRecorder {
  readonly #slowMs: number;
  readonly #recent: number[] = [];
  #next = 0;
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #max = 0;
  readonly #slow: SlowSample[] = [];
  #slowCount = 0;

  /** Samples above `slowMs` are listed with their cause (S0-34: 50). */
  constructor(slowMs = 50) {
    this.#slowMs = slowMs;
  }

  /** `cause` is asked for slow samples only. */
  record(ms: number, wallAt: number, cause: () => string = () => "unknown"): void {
    if (!Number.isFinite(ms) || ms < 0) return;
    this.#recent[this.#next] = ms;
    this.#next = (this.#next + 1) % RECENT_MAX;
    const bucket = Math.max(0, Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / GROWTH));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
    this.#max = Math.max(this.#max, ms);
    if (ms <= this.#slowMs) return;
    this.#slowCount += 1;
    this.#slow.push({ ms, wallAt, cause: cause() });
    if (this.#slow.length > SLOW_LISTED_MAX) this.#slow.shift();
  }

  report(): LatencyReport {
    return {
      recent: this.#recentPercentiles(),
      total: this.#totalPercentiles(),
      slowCount: this.#slowCount,
      slow: [...this.#slow],
    };
  }

  #recentPercentiles(): Percentiles {
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const at = (share: number): number | undefined =>
      sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
    return { count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sorted.at(-1) };
  }

  #totalPercentiles(): Percentiles {
    const sorted = [...this.#buckets].sort(([a], [b]) => a - b);
    const at = (share: number): number | undefined => {
      let left = Math.max(1, Math.ceil(this.#count * share));
      for (const [bucket, count] of sorted) {
        left -= count;
        if (left <= 0) return Math.min(this.#max, SMALLEST_MS * Math.exp(bucket * GROWTH));
      }
      return undefined;
    };
    const max = this.#count === 0 ? undefined : this.#max;
    return { count: this.#count, p50: at(0.5), p99: at(0.99), p999: at(0.999), max };
  }
}
