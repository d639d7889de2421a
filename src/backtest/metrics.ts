/** Days that returns are annualised with: this market never closes. */
const DAYS_A_YEAR = 365;

/** Returns from one value to the next; one less than there are values. A value of zero or less ends them. */
export function returnsOf(values: readonly number[]): readonly number[] {
  const returns: number[] = [];
  for (let at = 1; at < values.length; at += 1) {
    const before = values[at - 1] ?? 0;
    if (before <= 0) break;
    returns.push((values[at] ?? 0) / before - 1);
  }
  return returns;
}

const meanOf = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;

/**
 * Sharpe ratio of returns over a riskless rate of zero: their mean over their sample standard deviation (n - 1), times
 * the square root of the periods in a year. Undefined for fewer than two returns and for returns that never vary.
 * @see William F. Sharpe, "The Sharpe Ratio", The Journal of Portfolio Management 21 (1994)
 */
export function sharpeOf(returns: readonly number[], periods = DAYS_A_YEAR): number | undefined {
  if (returns.length < 2) return undefined;
  const mean = meanOf(returns);
  const squares = returns.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (returns.length - 1));
  return deviation > 0 ? (mean / deviation) * Math.sqrt(periods) : undefined;
}

/**
 * Sortino ratio of returns against a target of zero: their mean over the target downside deviation, which is the root of
 * the mean of the squares of the negative ones over all of them, times the square root of the periods in a year.
 * Undefined for fewer than two returns and where none is negative.
 * @see Tom Rollinger and Scott Hoffman, "Sortino: A 'Sharper' Ratio", Red Rock Capital (2013)
 */
export function sortinoOf(returns: readonly number[], periods = DAYS_A_YEAR): number | undefined {
  if (returns.length < 2) return undefined;
  const squares = returns.reduce((sum, each) => sum + Math.min(each, 0) ** 2, 0);
  const downside = Math.sqrt(squares / returns.length);
  return downside > 0 ? (meanOf(returns) / downside) * Math.sqrt(periods) : undefined;
}

/** One trade as the figures need it, in whatever unit of money. */
export interface Result {
  /** After fees. */
  readonly net: number;
  /** What was entered. */
  readonly entry: number;
}

/** What a list of trades comes to. */
export interface TradeFigures {
  readonly trades: number;
  /** Part of the trades that earned something after fees, from 0 to 1. */
  readonly winRate: number | undefined;
  /** What the winning ones earned over what the others lost; undefined without a loss. */
  readonly profitFactor: number | undefined;
  /** Mean of what each earned after fees, in percent of what was entered. */
  readonly averageTradePercent: number | undefined;
}

/** Sums trades up. */
export function tradeFigures(results: readonly Result[]): TradeFigures {
  let wins = 0;
  let earned = 0;
  let lost = 0;
  let percents = 0;
  for (const { net, entry } of results) {
    if (net > 0) {
      wins += 1;
      earned += net;
    } else lost -= net;
    percents += entry > 0 ? (net / entry) * 100 : 0;
  }
  const count = results.length;
  return {
    trades: count,
    winRate: count > 0 ? wins / count : undefined,
    profitFactor: lost > 0 ? earned / lost : undefined,
    averageTradePercent: count > 0 ? percents / count : undefined,
  };
}
