import { moneyText, textOf, VALUE_STEP } from "../../core/text.ts";
import { lineKind, millisIn, type NumberedTrade, type TradeFields, wordIn } from "../../core/trade-log.ts";
import { type Millis, millis, type Rate, type Value, value } from "../../core/units.ts";
import { EquityCourse, type EquityFigures } from "./equity-course.ts";
import { LastTrades } from "./last-trades.ts";
import { partOf } from "./ratio.ts";
import { type RecoveryFigures, RecoveryTally } from "./recovery-tally.ts";
import { SeenParts } from "./seen-parts.ts";
import { type ClosesOf, type NamedSums, type StopSums, type TradeSums, TradeTally } from "./trade-tally.ts";

/** What became of a line. `known`: the log has it already; `unusable`: it lacks what such a line must say. */
export type LineVerdict =
  | { readonly type: "counted"; readonly fields: TradeFields }
  | { readonly type: "known" | "unusable" };

/** All figures of one desk on one account. The first nine are seed S1's GridMetrics (S1-112 to S1-120). */
export interface GridFigures {
  readonly totalTrades: number;
  readonly winRate: Rate | undefined;
  readonly averageProfitPerTrade: Value | undefined;
  readonly maxDrawdown: Rate | undefined;
  readonly currentExposure: Value | undefined;
  readonly marginUtilization: Rate | undefined;
  readonly stuckPositionsCount: number;
  readonly recoverySuccessRate: Rate | undefined;
  readonly positionMismatchIncidents: number;
  /** Market time of the first and the last line. */
  readonly from: Millis | undefined;
  readonly to: Millis | undefined;
  /** After fees, with funding. */
  readonly net: Value;
  readonly trades: TradeSums;
  readonly closes: readonly ClosesOf[];
  readonly stops: StopSums;
  readonly equity: EquityFigures;
  readonly recovery: RecoveryFigures;
  /** Engines, and rungs, whose closed trades came to a profit, over all that closed any (S0-35). */
  readonly profitableEngines: Rate | undefined;
  readonly profitableRungs: Rate | undefined;
  readonly engines: readonly NamedSums[];
  readonly rungs: readonly NamedSums[];
  readonly days: readonly NamedSums[];
  /** By `ENGINE:DAY`. */
  readonly engineDays: readonly NamedSums[];
  /** The last parts that were closed, the newest first; 500 at most. */
  readonly lastTrades: readonly NumberedTrade[];
}

/**
 * Counts the lines of one desk's trade log, and knows nothing else: the running desk and `perpdesk analyze` feed it the same
 * fields and read the same figures, to the last digit. A line that tells of a new account begins all of them anew. Money is summed in whole steps; a rate is rounded once, when it is told.
 */
export class GridMetrics {
  #trades = new TradeTally();
  #equity = new EquityCourse();
  #recovery = new RecoveryTally();
  #seen = new SeenParts();
  #last = new LastTrades();
  /** When each book was last told not to add up, or to add up again. */
  readonly #mismatchedAt = new Map<string, number>();
  #mismatches = 0;
  #from: number | undefined;
  #to: number | undefined;
  #accountFrom: number | undefined;

  /** Market time of the first line of the present account; undefined: none yet. */
  get accountFrom(): Millis | undefined {
    return this.#accountFrom === undefined ? undefined : millis(this.#accountFrom);
  }

  /** Counts a line. The fields that come back are what is news in it; equity lines get their peak and drawdown. */
  add(fields: TradeFields): LineVerdict {
    const verdict = this.#count(fields);
    const at = millisIn(fields, "At");
    if (verdict.type === "counted" && at !== undefined) {
      this.#from = Math.min(this.#from ?? at, at);
      this.#to = Math.max(this.#to ?? at, at);
      this.#accountFrom ??= at;
    }
    return verdict;
  }

  /** The figures now. */
  report(): GridFigures {
    const { all, engines, rungs, days, engineDays, closes, stops } = this.#trades;
    const equity = this.#equity.figures();
    const recovery = this.#recovery.figures(this.#to ?? 0);
    return {
      totalTrades: all.trades,
      winRate: all.winRate,
      averageProfitPerTrade: all.averageNet,
      maxDrawdown: equity.drawdownMax,
      currentExposure: equity.exposure,
      marginUtilization: equity.utilization,
      stuckPositionsCount: recovery.open,
      recoverySuccessRate: recovery.successRate,
      positionMismatchIncidents: this.#mismatches,
      from: this.#from === undefined ? undefined : millis(this.#from),
      to: this.#to === undefined ? undefined : millis(this.#to),
      net: value(all.net + equity.funding),
      trades: all,
      closes,
      stops,
      equity,
      recovery,
      profitableEngines: profitable(engines),
      profitableRungs: profitable(rungs),
      engines,
      rungs,
      days,
      engineDays,
      lastTrades: this.#last.newest(),
    };
  }

  #count(given: TradeFields): LineVerdict {
    const by = given["By"] === undefined ? this.#recovery.chooser(given) : undefined;
    const fields = by === undefined ? given : { ...given, By: by };
    const kind = lineKind(fields);
    if (kind === "GRID_TRADE") return this.#trade(fields);
    if (kind === "GRID_HEALTH") return this.#health(fields);
    if (!this.#equity.add(fields)) return UNUSABLE;
    return { type: "counted", fields: { ...fields, ...this.#drawdown() } };
  }

  #trade(fields: TradeFields): LineVerdict {
    const news = this.#seen.news(fields);
    if (news === undefined) return KNOWN;
    if (!this.#trades.add(news)) return UNUSABLE;
    this.#last.add(news);
    return { type: "counted", fields: news };
  }

  #health(fields: TradeFields): LineVerdict {
    switch (fields["Action"]) {
      case "NEW_ACCOUNT":
        this.#newAccount();
        return { type: "counted", fields };
      case "MISMATCH":
      case "MATCHED":
        return this.#mismatch(fields);
      default: {
        const verdict = this.#recovery.add(fields);
        return verdict === "counted" ? { type: "counted", fields } : { type: verdict };
      }
    }
  }

  /** Each time that a book was found not to add up is an incident; a file that is read twice tells nothing new. */
  #mismatch(fields: TradeFields): LineVerdict {
    const book = `${wordIn(fields, "Symbol")}/${wordIn(fields, "PositionSide")}/${wordIn(fields, "Action")}`;
    const at = millisIn(fields, "At");
    if (at === undefined) return UNUSABLE;
    if (at <= (this.#mismatchedAt.get(book) ?? Number.NEGATIVE_INFINITY)) return KNOWN;
    this.#mismatchedAt.set(book, at);
    if (fields["Action"] === "MISMATCH") this.#mismatches += 1;
    return { type: "counted", fields };
  }

  /** The built-in exchange ended with its process, and its account with it: what the next one does has nothing to do with that. */
  #newAccount(): void {
    this.#trades = new TradeTally();
    this.#equity = new EquityCourse();
    this.#recovery = new RecoveryTally();
    this.#seen = new SeenParts();
    this.#last = new LastTrades();
    this.#mismatchedAt.clear();
    this.#mismatches = 0;
    this.#from = undefined;
    this.#to = undefined;
    this.#accountFrom = undefined;
  }

  #drawdown(): TradeFields {
    const { peak, drawdown } = this.#equity;
    return {
      ...(peak === undefined ? {} : { Peak: moneyText(peak, 8) }),
      ...(drawdown === undefined ? {} : { Drawdown: textOf(drawdown, VALUE_STEP) }),
    };
  }
}

const KNOWN: LineVerdict = { type: "known" };
const UNUSABLE: LineVerdict = { type: "unusable" };

const profitable = (groups: readonly NamedSums[]): Rate | undefined => {
  const closed = groups.filter(({ trades }) => trades > 0);
  return partOf(closed.filter(({ net }) => net > 0).length, closed.length);
};
