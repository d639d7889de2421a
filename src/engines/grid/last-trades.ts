import type { NumberedTrade, TradeFields } from "../../core/trade-log.ts";

/** Lines that are kept. */
const KEPT = 500;

/** Of a line what a person asks for. */
const FIELDS = [
  "At",
  "Engine",
  "Rung",
  "Leg",
  "Symbol",
  "Action",
  "Size",
  "Left",
  "Entry",
  "Exit",
  "PnL",
  "Fees",
  "Duration",
  "Cause",
  "By",
  "Trigger",
  "Slippage",
  "StopLatencyMs",
  "Order",
  "Trade",
] as const;

/** The last parts that were closed, numbered from the beginning of the log. */
export class LastTrades {
  /** The oldest one is at `#count % KEPT` once as many as that are kept. */
  readonly #kept: NumberedTrade[] = [];
  #count = 0;

  /** One more part was closed. */
  add(fields: TradeFields): void {
    const asked = FIELDS.flatMap((name) => {
      const told = fields[name];
      return told === undefined ? [] : [[name, told] as const];
    });
    this.#kept[this.#count % KEPT] = { number: this.#count + 1, fields: Object.fromEntries(asked) };
    this.#count += 1;
  }

  /** The newest first. */
  newest(): readonly NumberedTrade[] {
    const next = this.#count % KEPT;
    return [...this.#kept.slice(next), ...this.#kept.slice(0, next)].reverse();
  }
}
