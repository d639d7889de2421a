import { countIn, millisIn, moneyIn, type TradeFields, wordIn } from "../../core/trade-log.ts";
import { type Rate, type Value, value } from "../../core/units.ts";
import { partOf } from "./ratio.ts";

/** A stuck position counts as recovered when it is closed within this market time of being marked. */
const RECOVERED_WITHIN_MS = 86_400_000;

/** Stuck positions that ended in one way. */
export interface RecoveriesOf {
  /** `takeProfit`, `ladder`, `aggressive`, `hedge`, `stop`, `person`, `taken`, `back` or `unknown`. */
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

/** A stuck position that has not ended. */
interface OpenCase {
  readonly since: number;
  /** What closing it at once would have come to. */
  readonly closeNow: number;
  /** The recovery that was begun last. */
  begun: { readonly how: string; readonly by: string } | undefined;
}

type Verdict = "counted" | "known" | "unusable";

/**
 * Follows stuck positions from GRID_HEALTH lines: marked, tried, ended. A rung is stuck in one case at a time, and a case lies
 * within one cycle of it (`Opened`): a desk that restarts marks what it finds anew, and that is still the same case.
 */
export class RecoveryTally {
  /** By rung. */
  readonly #open = new Map<string, OpenCase>();
  /** When the last case of each rung ended. */
  readonly #endedAt = new Map<string, number>();
  /** Attempts that are counted. */
  readonly #begun = new Set<string>();
  readonly #byHow = new Map<string, Sums>();
  #attempts = 0;
  #stuck = 0;
  #ended = 0;
  #recovered = 0;

  /** Counts a line: `known` when it was told before, `unusable` when it does not say which position it is about. */
  add(fields: TradeFields): Verdict {
    const since = millisIn(fields, "StuckSince");
    const rung = rungOf(fields);
    const action = fields["Action"];
    // Who finds a position after a start can't know whether it was stuck: its end may come without.
    if (since === undefined) return action === "RECOVERED" ? this.#out(rung, undefined, fields) : "unusable";
    // Told before.
    if (since <= (this.#endedAt.get(rung) ?? Number.NEGATIVE_INFINITY)) return "known";
    if (action === "RECOVERY_BEGIN") return this.#begin(rung, fields);
    return action === "STUCK" ? this.#mark(rung, since, fields) : this.#out(rung, since, fields);
  }

  /**
   * Who chose the way of the rung that a line is about: the log knows over a restart what the desk does not. Undefined: nobody
   * did, or the line is not about that way.
   */
  chooser(fields: TradeFields): string | undefined {
    const { begun } = this.#open.get(rungOf(fields)) ?? {};
    if (begun === undefined || begun.by === "" || fields["Action"] === "RECOVERY_BEGIN") return undefined;
    const { Cause: cause, How: how } = fields;
    return cause === "chosen" || cause === begun.how || how === begun.how ? begun.by : undefined;
  }

  /** `now` is the market time of the latest line. */
  figures(now: number): RecoveryFigures {
    const overdue = [...this.#open.values()].filter(({ since }) => now - since > RECOVERED_WITHIN_MS).length;
    const ended = this.#ended;
    return {
      stuck: this.#stuck,
      open: this.#open.size,
      overdue,
      ended,
      recovered: this.#recovered,
      successRate: partOf(this.#recovered, ended + overdue),
      attempts: this.#attempts,
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

  #mark(rung: string, since: number, fields: TradeFields): Verdict {
    const open = this.#open.get(rung);
    if (open !== undefined && isOfCycle(open, fields)) return "known";
    // Its end fell between two lives, and nobody found out how.
    if (open !== undefined) this.#end(rung, open, { At: millisIn(fields, "Opened") ?? open.since });
    this.#stuck += 1;
    this.#open.set(rung, { since, closeNow: moneyIn(fields, "CloseNow") ?? 0, begun: undefined });
    return "counted";
  }

  #begin(rung: string, fields: TradeFields): Verdict {
    const [how, by] = [wordIn(fields, "How"), wordIn(fields, "By")];
    const attempt = `${rung}/${how}/${wordIn(fields, "At")}`;
    if (this.#begun.has(attempt)) return "known";
    const open = this.#open.get(rung);
    // A close at the market goes on until all is out: whoever begins it again after a start goes on with it.
    const isSame = how === "aggressive" && open?.begun?.how === how && (by === "" || by === open.begun.by);
    if (isSame) return "known";
    this.#begun.add(attempt);
    this.#attempts += 1;
    if (open !== undefined) open.begun = { how, by };
    return "counted";
  }

  #out(rung: string, since: number | undefined, fields: TradeFields): Verdict {
    const open = this.#open.get(rung);
    // What a start tells of a cycle that was over before the case began is another cycle's end.
    const isLater = since !== undefined || (open?.since ?? 0) <= (millisIn(fields, "At") ?? 0);
    if (open !== undefined && isOfCycle(open, fields) && isLater) {
      this.#end(rung, open, fields);
      return "counted";
    }
    if (since === undefined) return "known";
    // An end without its beginning: the log begins in between.
    this.#stuck += 1;
    this.#end(rung, { since, closeNow: 0, begun: undefined }, fields);
    return "counted";
  }

  #end(rung: string, { since, closeNow }: OpenCase, fields: TradeFields): void {
    this.#open.delete(rung);
    this.#ended += 1;
    const how = wordIn(fields, "How") || "unknown";
    const sums = this.#byHow.get(how) ?? { count: 0, recovered: 0, net: 0, closedAtOnce: 0 };
    const at = millisIn(fields, "At") ?? since;
    this.#endedAt.set(rung, Math.max(at, since));
    const isRecovered = how !== "unknown" && at - since <= RECOVERED_WITHIN_MS && !isTooDear(fields);
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

const rungOf = (fields: TradeFields): string =>
  ["Engine", "Symbol", "Rung"].map((name) => wordIn(fields, name)).join("/");

/** Whether a line is about the cycle that a case lies in; one that does not say is taken to be. */
const isOfCycle = ({ since }: OpenCase, fields: TradeFields): boolean =>
  since >= (millisIn(fields, "Opened") ?? since);

/** Closed at a loss that is worse than its stop's threshold. */
function isTooDear(fields: TradeFields): boolean {
  const [loss, most] = [countIn(fields, "Loss"), countIn(fields, "LossMax")];
  return loss !== undefined && most !== undefined && loss > most;
}
