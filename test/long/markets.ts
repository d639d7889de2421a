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
import { type BacktestRun, runBacktest } from "../../src/backtest/runner.ts";
import type { BacktestSetup } from "../../src/backtest/setup.ts";
import { isRecovered } from "../../src/backtest/stuck-watch.ts";
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

/** What differs between the rows of a market. The limits of position, purse and account always hold. */
interface Tiers {
  readonly name: string;
  readonly grid: Partial<GridParameters>;
  readonly riskLadder?: "off";
}

const OFF: Tiers = {
  name: "off",
  grid: { stopLoss: undefined, recovery: "none" },
  riskLadder: "off",
};
const TIERS: readonly Tiers[] = [
  OFF,
  {
    name: "tier 1: stops at 2 %",
    grid: { stopLoss: rate(2_000_000), recovery: "none" },
    riskLadder: "off",
  },
  { name: "all: stops at 6 %, ladder", grid: { stopLoss: rate(6_000_000), recovery: "ladder" } },
  { name: "all: stops at 10 %, ladder", grid: { stopLoss: rate(10_000_000), recovery: "ladder" } },
  { name: "all but stops, ladder", grid: { stopLoss: undefined, recovery: "ladder" } },
];
/** Runs of no more candles than this, with all tiers, are done once more with every quote fed. */
const CHECKED_MAX = 20_000;
const DEPOSIT = 10_000;
const RUNG_USD = 400;

const told = process.argv[2];
const folder = [told ?? "", "../shared/data", "../../shared/data"]
  .filter((path) => path !== "")
  .map((path) => resolve(ROOT, path))
  .find((path) => existsSync(join(path, "MANIFEST.md")));

function setupOf(stretch: Stretch, { grid, riskLadder }: Tiers, data: string): BacktestSetup {
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
    risk: {
      leverageMax: 3,
      grossLeverageMax: 3,
      distanceMin: rate(ONE / 5),
      ...(riskLadder === undefined ? {} : { ladder: riskLadder }),
    },
    seed: 1,
  };
}

/** A run and the desk's risk state at its end. */
interface Told extends BacktestDocument {
  readonly riskState: string;
  readonly outcomes: readonly Outcome[];
}

/** How a stuck position came out, in parts of what was paid for it. */
interface Outcome {
  readonly way: string;
  readonly isRecovered: boolean;
  /** After fees; undefined: it is still open. */
  readonly loss: number | undefined;
  /** What closing it would have cost when it was found stuck, before fees. */
  readonly atOnce: number;
}

/** Ways out by what closed a position last. */
const WAYS: Readonly<Record<string, string>> = {
  takeProfit: "take profit",
  ladder: "ladder",
  recovery: "closed at the market, beyond its threshold or by mode",
  loss: "closed at the market, beyond its threshold or by mode",
  chosen: "closed at the market, card unanswered",
  stop: "stop",
  stopRefused: "stop",
  stopLate: "stop",
  beyondStop: "stop",
  asked: "deleveraging",
  halted: "deleveraging",
};

function outcomesOf({ observer: { ledger } }: BacktestRun, stopLoss: number | undefined): readonly Outcome[] {
  return [...ledger.closed, ...ledger.open()].flatMap((trade): Outcome[] => {
    const { stuckAt, atOnce = 0, entryCost } = trade;
    if (stuckAt === undefined) return [];
    const found = { isRecovered: isRecovered(trade, stopLoss), atOnce: -atOnce / entryCost };
    if (!("closedAt" in trade)) return [{ way: "still open", ...found, loss: undefined }];
    const way = WAYS[trade.how] ?? trade.how;
    return [{ way, ...found, loss: (trade.fees - trade.pnl) / trade.entryCost }];
  });
}

function runOf(stretch: Stretch, tiers: Tiers, data: string): Told {
  const before = process.cpuUsage();
  const run = runBacktest(setupOf(stretch, tiers, data));
  const { user, system } = process.cpuUsage(before);
  const isChecked = tiers.riskLadder === undefined && run.observer.candles <= CHECKED_MAX;
  const all = isChecked ? runBacktest({ ...setupOf(stretch, tiers, data), feedsAll: true }) : run;
  if (all.stateHash !== run.stateHash)
    throw new Error(`${stretch.candles}: quotes that were left out changed what happened`);
  const { balance, riskState } = run;
  const outcomes = outcomesOf(run, tiers.grid.stopLoss);
  if (balance.wallet !== balance.start + balance.realized - balance.fees + balance.funding)
    throw new Error(`${stretch.candles}: the wallet is not what it is made of`);
  if (run.observer.marginUseMax > 1) throw new Error(`${stretch.candles}: the purse was exceeded`);
  const seconds = (user + system) / 1e6;
  return { ...documentOf(run, { engine: "grid", config: "", seed: 1, seconds }), riskState, outcomes };
}

const percent = (part: number): string => `${part.toFixed(2)} %`;

function rowOf({ kind, symbol }: Stretch, tiers: string, run: Told): string {
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
    run.riskState,
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
  "risk state",
];

/** What a row of tiers came to over all markets, beside all tiers off. */
function summaryOf(tiers: Tiers, runs: readonly Told[], off: readonly Told[]): string {
  const sum = (of: (run: Told) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const better = runs.filter(({ netPnl }, at) => netPnl > (off[at]?.netPnl ?? 0)).length;
  const worst = Math.max(...runs.map(({ maxDrawdownPercent }) => maxDrawdownPercent));
  const shut = runs.filter(({ riskState }) => riskState === "shutdown").length;
  return [
    `- ${tiers.name}: ${sum(({ netPnl }) => netPnl).toFixed(2)} USDT in sum`,
    ...(tiers === OFF ? [] : [`better than off in ${better} of ${runs.length} markets`]),
    `largest drawdown ${percent(worst)}`,
    `${sum(({ liquidations }) => (liquidations > 0 ? 1 : 0))} markets with a liquidation`,
    `${sum(({ stops }) => stops)} stops`,
    `${sum(({ recovered }) => recovered)} of ${sum(({ stuck }) => stuck)} stuck positions recovered`,
    ...(tiers.riskLadder === "off" ? [] : [`${shut} markets that end in Shutdown`]),
  ].join("; ");
}

const mean = (parts: readonly number[]): string =>
  parts.length === 0 ? "" : percent((100 * parts.reduce((sum, part) => sum + part, 0)) / parts.length);

/** One row for each way out of a stuck position, the most frequent first, and one for all. */
function outcomeRows(tiers: string, outcomes: readonly Outcome[]): readonly string[] {
  const ways = new Map<string, Outcome[]>();
  for (const each of outcomes) ways.set(each.way, [...(ways.get(each.way) ?? []), each]);
  const row = (way: string, of: readonly Outcome[]): string => {
    const recovered = of.filter((each) => each.isRecovered).length;
    const cells = [
      tiers,
      way,
      of.length,
      percent((100 * of.length) / outcomes.length),
      recovered,
      percent((100 * recovered) / of.length),
      mean(of.flatMap(({ loss }) => loss ?? [])),
      mean(of.map(({ atOnce }) => atOnce)),
    ];
    return `| ${cells.join(" | ")} |`;
  };
  const sorted = [...ways].sort(([, a], [, b]) => b.length - a.length);
  return [...sorted.map(([way, of]) => row(way, of)), row("**all**", outcomes)];
}

const OUTCOME_HEAD = ["tiers", "way out", "positions", "share", "recovered", "of them", "loss", "at once"];

if (folder === undefined) {
  process.stdout.write(
    "There is no market data here: name its folder, npm run long -- markets FOLDER. Nothing was run.\n",
  );
} else {
  const rows: string[] = [];
  const runs = new Map<Tiers, Told[]>();
  for (const stretch of STRETCHES) {
    for (const tiers of TIERS) {
      const run = runOf(stretch, tiers, folder);
      rows.push(rowOf(stretch, tiers.name, run));
      runs.set(tiers, [...(runs.get(tiers) ?? []), run]);
      process.stdout.write(`${rows.at(-1)} ${run.seconds.toFixed(1)} s\n`);
    }
  }
  const off = runs.get(OFF) ?? [];
  const sums = [...runs].map(([tiers, of]) => summaryOf(tiers, of, off)).join("\n");
  const recovering = [...runs].filter(([{ grid }]) => grid.recovery === "ladder");
  const outcomes = recovering.flatMap(([, of]) => of.flatMap((run) => run.outcomes));
  const ways = recovering.flatMap(([{ name }, of]) =>
    outcomeRows(
      name,
      of.flatMap((run) => run.outcomes),
    ),
  );
  const text = `# The grid on real candles

Written by \`npm run long -- markets\`; the candles are not part of the repository. One buy grid with ${DEPOSIT.toLocaleString("en")} USDT: 25 rungs of ${RUNG_USD} USDT, 0.4 % apart, profit taken at 0.8 %, a wait of a minute between two entries, leverage 3, a purse of 5,000 USDT. Results are after fees and funding, with what is still held valued at the last price; [backtest.md](backtest.md) says what each figure means and what is not modelled. SOL's candles are Bybit's, its steps and fees Binance's.

The rows of a market differ in the tiers: all off (no stop, no recovery, no risk ladder), tier 1 alone (a stop 2 % below each entry), and all of them with stops at 6 % and at 10 %, so that recovery has room to act, and with the rung stops off. Recovery lays ladders; the risk ladder deleverages in Emergency and closes everything in Shutdown. The limits of position, purse and account hold in all rows. Nobody is there: cards run out and what they declare happens, a grid whose position was liquidated stays paused, and a desk in Shutdown stays flat to the end.

| ${HEAD.join(" | ")} |
|${HEAD.map(() => "---").join("|")}|
${rows.join("\n")}

Over all ${STRETCHES.length} markets:

${sums}

## How stuck positions came out

Stuck: open for an hour, and no close within 3 % of the mark price. Recovered: within a day of that the whole position is closed, at a loss after fees no larger than its stop's threshold (10 % where the stops are off). A stop that fires loses more than its threshold by the fee and the slippage, so it hardly ever counts as recovered. *loss*: on average, after fees, of what was paid for the position. *at once*: the same for closing it when it was found stuck, before fees.

| ${OUTCOME_HEAD.join(" | ")} |
|${OUTCOME_HEAD.map(() => "---").join("|")}|
${ways.join("\n")}
${outcomeRows("**these three**", outcomes).at(-1)}
`;
  writeFileSync(join(ROOT, "docs", "markets.md"), text);
  process.stdout.write(`${sums}\ndocs/markets.md is written\n`);
}
