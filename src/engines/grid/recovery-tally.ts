import { countIn, millisIn, moneyIn, type TradeFields, wordIn } from "../../core/trade-log.ts";
import { type Rate, type Value, value } from "../../core/units.ts";
import { partOf } from "./ratio.ts";

/** A stuck position counts as recovered when it is closed within this market time of being marked. */
const RECOVERED_WITHIN_MS = 86_400_000;

/** Stuck positions that ended in one way. */
export interface RecoveriesOf {
  /** `takeProfit`, `ladder`, `aggressive`, `hedge`, `stop`, `person`, `taken` or `back`. */
  readonly how: string;
  readonly count: number;
  readonly recovered: number;
  /** Part of all stuck positions that ended. */
  readonly share: Rate | undefined;
  /** After fees, as far as the lines tell; and what closing at once, when it was marked, would have come to. */
  readonly net: Value;
  readonly closedAtOnce: Value;
}

/** What became of stuck positions. */
export interface RecoveryFigures {
  readonly stuck: number;
  /** Stuck now. */
  readonly open: number;
  /** Of these for longer than a day: they count as not recovered. */
  readonly overdue: number;
  readonly ended: number;
  readonly recovered: number;
  /** Recovered over those that ended or are overdue. */
  readonly successRate: Rate | undefined;
  /** Recoveries that were begun. */
  readonly attempts: number;
  readonly byHow: readonly RecoveriesOf[];
}

interface Sums {
  count: number;
  recovered: number;
  net: number;
  closedAtOnce: number;
}

/** Follows stuck positions from GRID_HEALTH lines: marked, tried, ended. */
export class RecoveryTally {
  /** Stuck positions that have not ended, with what closing them at once would have come to. */
  readonly #open = new Map<string, { readonly since: number; readonly closeNow: number }>();
  readonly #ended = new Set<string>();
  readonly #attempts = new Set<string>();
  readonly #byHow = new Map<string, Sums>();
  #stuck = 0;
  #recovered = 0;

  /** Counts a line: `known` when it was told before, `unusable` when it does not say which position it is about. */
  add(fields: TradeFields): "counted" | "known" | "unusable" {
    const since = millisIn(fields, "StuckSince");
    const action = fields["Action"];
    if (since === undefined) return "unusable";
    const key = ["Engine", "Symbol", "Rung", "StuckSince"].map((name) => wordIn(fields, name)).join("/");
    if (action === "RECOVERY_BEGIN") {
      const attempt = `${key}/${wordIn(fields, "How")}/${wordIn(fields, "At")}`;
      if (this.#attempts.has(attempt)) return "known";
      this.#attempts.add(attempt);
      return "counted";
    }
    if (this.#ended.has(key)) return "known";
    const open = this.#open.get(key);
    if (action === "STUCK" && open !== undefined) return "known";
    // An end without its beginning: the log begins in between.
    if (open === undefined) this.#stuck += 1;
    if (action === "STUCK") {
      this.#open.set(key, { since, closeNow: moneyIn(fields, "CloseNow") ?? 0 });
      return "counted";
    }
    this.#open.delete(key);
    this.#ended.add(key);
    this.#end(fields, since, open?.closeNow ?? 0);
    return "counted";
  }

  /** Another account begins: what was stuck on the last one is gone. */
  forgetOpen(): void {
    this.#open.clear();
  }

  /** `now` is the market time of the latest line. */
  figures(now: number): RecoveryFigures {
    const overdue = [...this.#open.values()].filter(({ since }) => now - since > RECOVERED_WITHIN_MS).length;
    const ended = this.#ended.size;
    return {
      stuck: this.#stuck,
      open: this.#open.size,
      overdue,
      ended,
      recovered: this.#recovered,
      successRate: partOf(this.#recovered, ended + overdue),
      attempts: this.#attempts.size,
      byHow: [...this.#byHow]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([how, sums]) => ({
          how,
          count: sums.count,
          recovered: sums.recovered,
          share: partOf(sums.count, ended),
          net: value(sums.net),
          closedAtOnce: value(sums.closedAtOnce),
        })),
    };
  }

  #end(fields: TradeFields, since: number, closeNow: number): void {
    const how = wordIn(fields, "How") || "unknown";
    const sums = this.#byHow.get(how) ?? { count: 0, recovered: 0, net: 0, closedAtOnce: 0 };
    const isRecovered =
      (millisIn(fields, "At") ?? since) - since <= RECOVERED_WITHIN_MS && !isTooDear(fields);
    sums.count += 1;
    sums.net += moneyIn(fields, "PnL") ?? 0;
    sums.closedAtOnce += closeNow;
    if (isRecovered) {
      sums.recovered += 1;
      this.#recovered += 1;
    }
    this.#byHow.set(how, sums);
  }
}

/** Closed at a loss that is worse than its stop's threshold. */
function isTooDear(fields: TradeFields): boolean {
  const [loss, most] = [countIn(fields, "Loss"), countIn(fields, "LossMax")];
  return loss !== undefined && most !== undefined && loss > most;
}
