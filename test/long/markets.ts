/**
 * What the grid's three tiers are worth on real candles: `npm run long -- markets [FOLDER]`, with the folder of the market
 * data. Writes docs/markets.md. One run of each market is done once more with every quote fed, and must come to the same.
 */

import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readCandles } from "../../src/backtest/candles.ts";
import { type BacktestDocument, documentOf } from "../../src/backtest/document.ts";
import { fundedMarket, readFundingFile } from "../../src/backtest/funding-file.ts";
import { listingOf } from "../../src/backtest/listing.ts";
import { runBacktest } from "../../src/backtest/runner.ts";
import type { BacktestSetup } from "../../src/backtest/setup.ts";
import { lotsFor } from "../../src/core/instrument.ts";
import { lots, millis, ONE, rate, type Ticks, ticks, value } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { candleMarket } from "../../src/venue/candle-walk.ts";
import { ROOT } from "../e2e/processes.ts";

/** One stretch of one market. */
interface Stretch {
  readonly kind: string;
  readonly symbol: string;
  readonly candles: string;
  readonly funding?: string;
  readonly from?: string;
  readonly to?: string;
}

const usdm = (symbol: string, name: string) => ({
  symbol,
  candles: `BINANCE-${symbol}-USDM-${name}.csv.gz`,
  funding: `BINANCE-${symbol}-USDM-${name.replace(/-\w+$/, "")}-funding.csv.gz`,
});
const spans = (kind: string, name: string, from: string, to: string): readonly Stretch[] =>
  ["BTCUSDT", "ETHUSDT"].map((symbol) => ({ kind, ...usdm(symbol, name), from, to }));

const STRETCHES: readonly Stretch[] = [
  { kind: "ranging", ...usdm("BTCUSDT", "202307-1m"), funding: "BINANCE-BTCUSDT-USDM-2023-funding.csv.gz" },
  { kind: "ranging", ...usdm("ETHUSDT", "202307-1m"), funding: "BINANCE-ETHUSDT-USDM-2023-funding.csv.gz" },
  ...spans("strong up", "2023-5m", "2023-10-01", "2024-04-01"),
  ...spans("strong down", "2022H2-5m", "2022-06-01", "2022-07-01"),
  ...spans("strong down", "2022H2-5m", "2022-11-01", "2022-11-24"),
  {
    kind: "crash of 2025-10-10",
    symbol: "SOLUSDT",
    candles: "BYBIT-SOLUSDT-LINEAR-2025Q4-5m.csv.gz",
    funding: "BYBIT-SOLUSDT-LINEAR-2025Q4-funding.csv.gz",
    from: "2025-10-01",
    to: "2025-11-01",
  },
  { kind: "high volatility", ...usdm("WIFUSDT", "2024Q4-5m") },
  { kind: "high volatility", ...usdm("LAYERUSDT", "202505-1m") },
];

/** What differs between the columns of the table. Position, purse and account limits (tier 2) always hold. */
const TIERS: readonly (readonly [name: string, grid: Partial<GridParameters>])[] = [
  ["off", { stopLoss: undefined, recovery: "none" }],
  ["tier 1: stops at 2 %", { stopLoss: rate(2_000_000), recovery: "none" }],
  ["all: stops at 6 %, ladder", { stopLoss: rate(6_000_000), recovery: "ladder" }],
];
const DEPOSIT = 10_000;
const RUNG_USD = 400;

const told = process.argv[2];
const folder = [told ?? "", "../shared/data", "../../shared/data"]
  .filter((path) => path !== "")
  .map((path) => resolve(ROOT, path))
  .find((path) => existsSync(join(path, "MANIFEST.md")));

function setupOf(stretch: Stretch, grid: Partial<GridParameters>, data: string): BacktestSetup {
  const listing = listingOf("binanceusdm");
  const listed = listing.get(stretch.symbol);
  if (listed === undefined) throw new Error(`${stretch.symbol} is not listed`);
  const { instrument } = listed;
  const read = readCandles([join(data, stretch.candles)], {
    known: listing.keys(),
    otherwise: stretch.symbol,
    from: stretch.from === undefined ? undefined : Date.parse(stretch.from),
    to: stretch.to === undefined ? undefined : Date.parse(stretch.to),
  });
  if (!read.ok) throw new Error(read.message);
  const row = read.rows.get(stretch.symbol);
  if (row === undefined) throw new Error(`${stretch.candles} has no ${stretch.symbol}`);
  const funding = stretch.funding === undefined ? undefined : readFundingFile(join(data, stretch.funding));
  if (funding?.ok === false) throw new Error(funding.message);
  const market = candleMarket({ instrument, ...row });
  const layOut = (bids: ReadonlyMap<string, Ticks>): readonly GridParameters[] => {
    const quantity = lotsFor(instrument, bids.get(instrument.id) ?? ticks(1), value(RUNG_USD * ONE));
    return [
      {
        engine: "grid",
        account: "main",
        instrument: instrument.id,
        positionSide: "both",
        direction: "buy",
        quantity,
        takeProfit: rate(800_000),
        step: rate(400_000),
        ordersMax: 25,
        waitMs: millis(60_000),
        positionMax: lots(quantity * 25),
        purse: value(5_000 * ONE),
        leverage: 3,
        stopLoss: undefined,
        anchor: undefined,
        priceMin: undefined,
        priceMax: undefined,
        stuckAfterMs: millis(3_600_000),
        recovery: "none",
        stopPrice: undefined,
        pausePrice: undefined,
        lossMax: undefined,
        ...grid,
      },
    ];
  };
  return {
    venue: "binanceusdm",
    listed: [listed],
    market: funding === undefined ? market : fundedMarket(market, funding.lines),
    rules: funding === undefined ? {} : { fundingIntervalMs: funding.intervalMs },
    account: "main",
    deposit: value(DEPOSIT * ONE),
    lay: layOut,
    risk: { leverageMax: 3, grossLeverageMax: 3, distanceMin: rate(ONE / 5) },
    seed: 1,
  };
}

function runOf(
  stretch: Stretch,
  grid: Partial<GridParameters>,
  data: string,
  isChecked: boolean,
): BacktestDocument {
  const before = process.cpuUsage();
  const run = runBacktest(setupOf(stretch, grid, data));
  const { user, system } = process.cpuUsage(before);
  const all = isChecked ? runBacktest({ ...setupOf(stretch, grid, data), feedsAll: true }) : run;
  if (all.stateHash !== run.stateHash)
    throw new Error(`${stretch.candles}: quotes that were left out changed what happened`);
  const { balance } = run;
  if (balance.wallet !== balance.start + balance.realized - balance.fees + balance.funding)
    throw new Error(`${stretch.candles}: the wallet is not what it is made of`);
  if (run.observer.marginUseMax > 1) throw new Error(`${stretch.candles}: the purse was exceeded`);
  return documentOf(run, { engine: "grid", config: "", seed: 1, seconds: (user + system) / 1e6 });
}

const percent = (part: number): string => `${part.toFixed(2)} %`;

function rowOf({ kind, symbol }: Stretch, tiers: string, run: BacktestDocument): string {
  const days = `${run.from.slice(0, 10)} to ${run.to.slice(0, 10)}`;
  return `| ${[
    `${kind}: ${symbol}, ${days}`,
    tiers,
    run.netPnl.toFixed(2),
    percent((run.netPnl / run.startEquity) * 100),
    percent(run.buyAndHoldPercent),
    percent(run.maxDrawdownPercent),
    percent(run.marginUseMax * 100),
    run.trades,
    run.stops,
    run.stuck,
    run.recovered,
    run.liquidations,
    run.fees.toFixed(2),
    run.funding.toFixed(2),
  ].join(" | ")} |`;
}

const HEAD = [
  "market",
  "tiers",
  "net, USDT",
  "of equity",
  "price itself",
  "largest drawdown",
  "most of the purse",
  "trades",
  "stops",
  "stuck",
  "recovered",
  "liquidations",
  "fees",
  "funding",
];

if (folder === undefined) {
  process.stdout.write(
    "There is no market data here: name its folder, npm run long -- markets FOLDER. Nothing was run.\n",
  );
} else {
  const rows: string[] = [];
  const sums = new Map<string, number>();
  for (const stretch of STRETCHES) {
    for (const [index, [tiers, grid]] of TIERS.entries()) {
      const run = runOf(stretch, grid, folder, index === 1);
      rows.push(rowOf(stretch, tiers, run));
      sums.set(tiers, (sums.get(tiers) ?? 0) + run.netPnl);
      process.stdout.write(`${rows.at(-1)} ${run.seconds.toFixed(1)} s\n`);
    }
  }
  const totals = [...sums].map(([tiers, sum]) => `${tiers}: ${sum.toFixed(2)} USDT`).join("; ");
  const text = `# The grid on real candles

Written by \`npm run long -- markets\`; the candles are not part of the repository. One buy grid with ${DEPOSIT.toLocaleString("en")} USDT: 25 rungs of ${RUNG_USD} USDT, 0.4 % apart, profit taken at 0.8 %, a minute between two entries, leverage 3, a purse of 5,000 USDT. Results are after fees and funding, with what is still held valued at the last price; [backtest.md](backtest.md) says what each figure means and what is not modelled. SOL's candles are Bybit's, its steps and fees Binance's.

The three rows of a market differ in the tiers: all off (no stop, no recovery), tier 1 alone (a stop 2 % below each entry), and all of them (stops at 6 %, so that the ladder has room to act). The limits of tier 2 hold in all. As long as the grid itself has no recovery, the third row shows what the wider stop alone does. A grid whose position was liquidated stays paused to the end: nobody resumes it here.

| ${HEAD.join(" | ")} |
|${HEAD.map(() => "---").join("|")}|
${rows.join("\n")}

Sum over these markets: ${totals}.
`;
  writeFileSync(join(ROOT, "docs", "markets.md"), text);
  process.stdout.write(`${totals}\ndocs/markets.md is written\n`);
}
