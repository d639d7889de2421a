import { lineKind, millisIn, type TradeFields } from "../core/trade-log.ts";
import type { GridFigures, GridMetrics } from "../engines/grid/metrics.ts";
import type { KernelConfig } from "./kernel/config.ts";
import { scopeOf } from "./scope.ts";

/** A first line may tell of what happened a moment before the desk's clock was heard of. */
const JUST_BEFORE_MS = 60_000;

/**
 * The trade log of one desk: every line is counted and then written, so that figures and log never differ. A line that the
 * log of an earlier life has already is left out, and so is what was closed before the log began.
 */
export class TradeJournal {
  readonly #metrics: GridMetrics;
  readonly #write: (fields: TradeFields) => void;
  readonly #whose: TradeFields;
  #startedAt: number | undefined;

  /** `metrics` has counted what the log of this scope holds already. */
  constructor(
    config: Pick<KernelConfig, "mode" | "venue" | "account" | "desk" | "asset">,
    metrics: GridMetrics,
    write: (fields: TradeFields) => void,
  ) {
    this.#metrics = metrics;
    this.#write = write;
    this.#whose = { Desk: scopeOf(config), Asset: config.asset };
  }

  /** Counts and writes a line, as far as it is news; returns what was written. `now` is market time. */
  write(fields: TradeFields, now: number): TradeFields | undefined {
    this.#startedAt ??= now;
    const from = this.#metrics.accountFrom ?? this.#startedAt - JUST_BEFORE_MS;
    if (lineKind(fields) === "GRID_TRADE" && (millisIn(fields, "At") ?? now) < from) return undefined;
    const verdict = this.#metrics.add({ ...fields, ...this.#whose });
    if (verdict.type === "known") return undefined;
    const line = verdict.type === "counted" ? verdict.fields : { ...fields, ...this.#whose };
    this.#write(line);
    return line;
  }

  /** The figures of all that the log holds. */
  report(): GridFigures {
    return this.#metrics.report();
  }
}
