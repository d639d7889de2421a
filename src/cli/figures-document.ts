import { moneyText } from "../core/text.ts";
import { ONE, type Rate, type Value } from "../core/units.ts";
import type { PurseUse } from "../engines/grid/equity-course.ts";
import type { GridFigures } from "../engines/grid/metrics.ts";
import type { RecoveriesOf } from "../engines/grid/recovery-tally.ts";
import type { ClosesOf, NamedSums, TradeSums } from "../engines/grid/trade-tally.ts";

const money = (amount: Value): string => moneyText(amount, 8);
const maybeMoney = (amount: Value | undefined): string | null =>
  amount === undefined ? null : money(amount);
/** A rate as a number: 0.01 is 1 %. */
const share = (part: Rate | undefined): number | null => (part === undefined ? null : part / ONE);
const time = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();

/**
 * The figures of a trade log as plain JSON: money as text with eight decimals, rates as numbers (0.01 is 1 %), times in ISO,
 * null for what is not known. `gridMetrics` has seed S1's own names (S1-112 to S1-120); docs/numbers.md explains each field.
 */
export const figuresDocument = (figures: GridFigures) => ({
  gridMetrics: {
    total_trades: figures.totalTrades,
    win_rate: share(figures.winRate),
    average_profit_per_trade: maybeMoney(figures.averageProfitPerTrade),
    max_drawdown: share(figures.maxDrawdown),
    current_exposure: maybeMoney(figures.currentExposure),
    margin_utilization: share(figures.marginUtilization),
    stuck_positions_count: figures.stuckPositionsCount,
    recovery_success_rate: share(figures.recoverySuccessRate),
    position_mismatch_incidents: figures.positionMismatchIncidents,
  },
  from: time(figures.from),
  to: time(figures.to),
  net: money(figures.net),
  pnl: money(figures.trades.pnl),
  fees: money(figures.trades.fees),
  funding: money(figures.equity.funding),
  profitFactor: share(figures.trades.profitFactor),
  rewardToRisk: share(figures.trades.rewardToRisk),
  profitableEngines: share(figures.profitableEngines),
  profitableRungs: share(figures.profitableRungs),
  closes: figures.closes.map(({ action, parts, pnl, fees }: ClosesOf) => ({
    action,
    parts,
    pnl: money(pnl),
    fees: money(fees),
  })),
  stops: {
    count: figures.stops.count,
    latencyP50Ms: figures.stops.latencyP50Ms ?? null,
    latencyMaxMs: figures.stops.latencyMaxMs ?? null,
    latencyUnknown: figures.stops.latencyUnknown,
    slippage: money(figures.stops.slippage),
    slippageMax: share(figures.stops.slippageMax),
  },
  equity: {
    minutes: figures.equity.minutes,
    now: maybeMoney(figures.equity.equity),
    peak: maybeMoney(figures.equity.peak),
    drawdown: share(figures.equity.drawdown),
    drawdownMaxAmount: maybeMoney(figures.equity.drawdownMaxAmount),
    transferred: money(figures.equity.transferred),
    leverage: share(figures.equity.leverage),
    concentration: share(figures.equity.concentration),
    marginUtilizationMax: share(figures.equity.utilizationMax),
    purses: figures.equity.purses.map((purse: PurseUse) => ({
      engine: purse.engine,
      used: money(purse.used),
      cap: money(purse.cap),
      exposure: money(purse.exposure),
      utilization: share(purse.utilization),
      utilizationMax: share(purse.utilizationMax),
    })),
  },
  recovery: {
    stuck: figures.recovery.stuck,
    open: figures.recovery.open,
    overdue: figures.recovery.overdue,
    ended: figures.recovery.ended,
    recovered: figures.recovery.recovered,
    attempts: figures.recovery.attempts,
    byHow: figures.recovery.byHow.map((each: RecoveriesOf) => ({
      how: each.how,
      count: each.count,
      recovered: each.recovered,
      share: share(each.share),
      net: money(each.net),
      closedAtOnce: money(each.closedAtOnce),
    })),
  },
  engines: figures.engines.map(sumsDocument),
  rungs: figures.rungs.map(sumsDocument),
  days: figures.days.map(sumsDocument),
  engineDays: figures.engineDays.map(sumsDocument),
});

/** The figures as plain JSON. */
export type FiguresDocument = ReturnType<typeof figuresDocument>;

function sumsDocument({ name, ...sums }: NamedSums) {
  return { name, ...tradesDocument(sums) };
}

const tradesDocument = (sums: TradeSums) => ({
  trades: sums.trades,
  wins: sums.wins,
  winRate: share(sums.winRate),
  pnl: money(sums.pnl),
  fees: money(sums.fees),
  net: money(sums.net),
  averageNet: maybeMoney(sums.averageNet),
  profitFactor: share(sums.profitFactor),
  rewardToRisk: share(sums.rewardToRisk),
});
