import { digitsOf } from "../core/text.ts";
import { ONE, type Value } from "../core/units.ts";
import { isoOf } from "./candles.ts";
import { returnsOf, sharpeOf, sortinoOf, tradeFigures } from "./metrics.ts";
import type { BacktestRun } from "./runner.ts";
import { isRecovered } from "./stuck-watch.ts";

/** What a backtest came to; the keys are promised (DESIGN.md section 8). Money is in the settle asset, exact to 1e-8. */
export interface BacktestDocument {
  readonly engine: string;
  /** The settings file it was read from. */
  readonly config: string;
  readonly symbol: string;
  readonly from: string;
  readonly to: string;
  readonly candles: number;
  readonly seed: number;
  readonly startEquity: number;
  readonly endEquity: number;
  readonly netPnl: number;
  readonly fees: number;
  readonly funding: number;
  readonly trades: number;
  readonly winRate: number | null;
  readonly profitFactor: number | null;
  readonly averageTradePercent: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly maxDrawdownPercent: number;
  readonly marginUseMax: number;
  readonly stops: number;
  readonly stuck: number;
  readonly recovered: number;
  readonly liquidations: number;
  readonly fills: number;
  readonly buyAndHoldPercent: number;
  readonly stateHash: string;
  readonly seconds: number;
}

/** What a run does not know of itself. */
interface About {
  readonly engine: string;
  readonly config: string;
  readonly seed: number;
  readonly seconds: number;
}

/** Its stop, or a close at the market in the place of one that was refused, late or beyond the price already. */
const STOPPED: ReadonlySet<string> = new Set(["stop", "stopRefused", "stopLate", "beyondStop"]);

const money = (amount: Value): number => amount / ONE;
const rounded = (count: number | undefined, digits = 6): number | null =>
  count === undefined ? null : Number(count.toFixed(digits));

/** The document of one engine's run. */
export function documentOf(run: BacktestRun, { engine, config, seed, seconds }: About): BacktestDocument {
  const { balance, observer } = run;
  const { course, ledger, executions } = observer;
  const grid = run.grids.find((each) => each.engine === engine);
  const closed = ledger.closed.filter((trade) => trade.engine === engine);
  const figures = tradeFigures(
    closed.map(({ pnl, fees, entryCost }) => ({ net: pnl - fees, entry: entryCost })),
  );
  const returns = returnsOf(course.days);
  const first = run.firstPrice;
  const last = course.samples[course.samples.length - 1]?.price ?? first;
  return {
    engine,
    config,
    symbol: grid?.instrument ?? "",
    from: isoOf(run.from),
    to: isoOf(run.to),
    candles: observer.candles,
    seed,
    startEquity: money(run.start),
    endEquity: money(course.equity),
    netPnl: money((course.equity - run.start) as Value),
    fees: money(balance.fees),
    funding: money(balance.funding),
    trades: figures.trades,
    winRate: rounded(figures.winRate),
    profitFactor: rounded(figures.profitFactor),
    averageTradePercent: rounded(figures.averageTradePercent),
    sharpe: rounded(sharpeOf(returns)),
    sortino: rounded(sortinoOf(returns)),
    maxDrawdownPercent: rounded(course.drawdownMax * 100) ?? 0,
    marginUseMax: rounded(observer.marginUseMax) ?? 0,
    stops: closed.filter(({ how }) => STOPPED.has(how)).length,
    stuck: observer.stuckWatch.stuck,
    recovered: closed.filter((trade) => isRecovered(trade, grid?.stopLoss)).length,
    liquidations: observer.liquidations,
    fills: executions.length,
    buyAndHoldPercent: rounded((last / first - 1) * 100) ?? 0,
    stateHash: run.stateHash,
    seconds,
  };
}

/** The document for a person. */
export function documentText(told: BacktestDocument, asset: string): string {
  const digits = digitsOf(asset);
  const amount = (count: number): string => `${count < 0 ? "" : "+"}${count.toFixed(digits)} ${asset}`;
  const figure = (count: number | null, places = 2): string =>
    count === null ? "none" : count.toFixed(places);
  return [
    `${told.engine} on ${told.symbol}, ${told.from} to ${told.to}: ${told.candles} candles in ${told.seconds} s.`,
    `Net ${amount(told.netPnl)} (fees ${told.fees.toFixed(digits)}, funding ${amount(told.funding)}); equity ${told.startEquity.toFixed(digits)} to ${told.endEquity.toFixed(digits)}. Holding the asset: ${told.buyAndHoldPercent.toFixed(2)} %.`,
    `${told.trades} trades, ${figure(told.winRate === null ? null : told.winRate * 100)} % won, profit factor ${figure(told.profitFactor)}, ${figure(told.averageTradePercent, 4)} % a trade.`,
    `Sharpe ${figure(told.sharpe)}, Sortino ${figure(told.sortino)}, largest drawdown ${told.maxDrawdownPercent.toFixed(2)} %, at most ${(told.marginUseMax * 100).toFixed(1)} % of the purse.`,
    `${told.stops} stops, ${told.stuck} stuck, ${told.recovered} recovered, ${told.liquidations} liquidations, ${told.fills} fills.`,
    `State hash ${told.stateHash}.`,
  ].join("\n");
}
