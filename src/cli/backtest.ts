import { writeFileSync } from "node:fs";
import { readCandles } from "../backtest/candles.ts";
import { type BacktestDocument, documentOf, documentText } from "../backtest/document.ts";
import { fundedMarket, readFundingFile } from "../backtest/funding-file.ts";
import { type Listed, listingOf } from "../backtest/listing.ts";
import { pageOf } from "../backtest/page.ts";
import { type BacktestRun, EngineFailure, runBacktest } from "../backtest/runner.ts";
import type { BacktestSetup } from "../backtest/setup.ts";
import { equityTable, tradesTable } from "../backtest/tables.ts";
import type { Settings } from "../settings/settings.ts";
import { candleMarket } from "../venue/candle-walk.ts";
import { mergedMarket } from "../venue/market-source.ts";
import { rulesOf } from "../venue/venue-rules.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { layGrids } from "./grids.ts";
import { readSettings } from "./read-settings.ts";
import { StartError } from "./start-error.ts";

const OPTIONS = {
  engine: { type: "string" },
  config: { type: "string" },
  candles: { type: "string" },
  funding: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  seed: { type: "string" },
  latency: { type: "string" },
  trades: { type: "string" },
  equity: { type: "string" },
  html: { type: "string" },
  json: { type: "boolean" },
} as const;

/** Backtests one engine and tells what came of it. Returns the exit code. */
export async function backtest(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS, 0);
  const { engine, candles } = values;
  if (engine === undefined) throw new UsageError("backtest needs --engine NAME, an engine of your settings.");
  if (candles === undefined) throw new UsageError("backtest needs --candles FILE, e.g. BTCUSDT-1m.csv.gz.");
  const asked = {
    engine,
    candles: candles.split(",").filter((path) => path !== ""),
    funding: values.funding,
    from: timeOf("--from", values.from),
    to: timeOf("--to", values.to),
    seed: countOf("--seed", values.seed, 1),
    latencyMs: countOf("--latency", values.latency, 0),
  };
  const { settings } = await readSettings({
    configFile: values.config,
    env: process.env,
    cwd: process.cwd(),
    overrides: { mode: "sim" },
  });
  const before = process.cpuUsage();
  const run = ranOrSaid(setupOf(settings, asked));
  const { user, system } = process.cpuUsage(before);
  const told = documentOf(run, {
    engine,
    config: values.config ?? "config/default.yaml",
    seed: asked.seed,
    seconds: Math.round((user + system) / 1_000) / 1_000,
  });
  writeFiles(values, told, run);
  process.stdout.write(
    values.json === true ? `${JSON.stringify(told)}\n` : `${documentText(told, run.balance.asset)}\n`,
  );
  return 0;
}

function ranOrSaid(setup: BacktestSetup): BacktestRun {
  try {
    return runBacktest(setup);
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    throw new StartError(
      `The backtest ended early: ${error.message}. That is a fault of the engine, please report it.`,
    );
  }
}

/** What was asked for on the command line. */
interface Asked {
  readonly engine: string;
  readonly candles: readonly string[];
  readonly funding: string | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly seed: number;
  readonly latencyMs: number;
}

function setupOf(settings: Settings, asked: Asked): BacktestSetup {
  const { engine: name, from, to } = asked;
  const engine = settings.engines.find((each) => each.name === name);
  if (engine === undefined) {
    const names = settings.engines.map((each) => each.name).join(", ");
    throw new StartError(
      `The settings have no engine "${name}", they have ${names || "none"}: name one of them.`,
    );
  }
  const listing = listingOf(settings.exchange);
  const own = listing.get(engine.symbol);
  if (own === undefined) {
    const known = [...listing.keys()].join(", ");
    throw new StartError(
      `Engine "${name}" trades ${engine.symbol}, whose steps are not known here: backtests on ${settings.exchange} can use ${known}.`,
    );
  }
  const read = readCandles(asked.candles, { known: listing.keys(), otherwise: engine.symbol, from, to });
  if (!read.ok) throw new StartError(`${read.message}.`);
  if (!read.rows.has(engine.symbol)) {
    const found = [...read.rows.keys()].join(", ");
    throw new StartError(
      `Engine "${name}" trades ${engine.symbol}, but the candles are of ${found}: name a file of ${engine.symbol}.`,
    );
  }
  const listed: Listed[] = [];
  for (const id of read.rows.keys()) {
    const each = listing.get(id) ?? own;
    if (each.instrument.settle !== own.instrument.settle)
      throw new StartError(
        `The candles of ${id} are of a contract that settles in ${each.instrument.settle}, ${engine.symbol} settles in ${own.instrument.settle}: leave that file out.`,
      );
    listed.push(each);
  }
  const funding = fundingOf(asked.funding);
  const markets = listed.map(({ instrument }) => {
    const row = read.rows.get(instrument.id) ?? { candles: [], candleMs: 60_000 };
    const market = candleMarket({ instrument, ...row });
    return funding !== undefined && instrument.id === engine.symbol
      ? fundedMarket(market, funding.lines)
      : market;
  });
  return {
    venue: settings.exchange,
    listed,
    market: mergedMarket(markets),
    rules: {
      ...rulesOf(settings.exchange),
      ...(funding === undefined ? {} : { fundingIntervalMs: funding.intervalMs }),
    },
    account: settings.account.name,
    deposit: settings.account.deposit,
    lay: (bids) => layGrids({ ...settings, engines: [engine] }, listed, bids),
    risk: {
      leverageMax: settings.risk.leverageMax,
      grossLeverageMax: settings.risk.grossLeverageMax,
      distanceMin: settings.risk.liquidationBuffer,
    },
    seed: asked.seed,
    latencyMs: asked.latencyMs,
  };
}

function fundingOf(path: string | undefined) {
  if (path === undefined) return undefined;
  const read = readFundingFile(path);
  if (!read.ok) throw new StartError(`${read.message}.`);
  return read;
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = isIso ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`${option} "${text}" is no time; write e.g. 2023-07-18 or 2023-07-18T12:00Z.`);
  return at;
}

function countOf(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new UsageError(`${option} "${text}" is no whole number; write e.g. ${usual}.`);
  return count;
}

function writeFiles(
  paths: Readonly<Partial<Record<"trades" | "equity" | "html", string | undefined>>>,
  told: BacktestDocument,
  run: BacktestRun,
): void {
  const write = (option: string, path: string | undefined, text: () => string): void => {
    if (path === undefined) return;
    try {
      writeFileSync(path, text());
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
      if (code === undefined) throw error;
      throw new StartError(`--${option} ${path} can't be written (${code}): name another file.`);
    }
  };
  write("trades", paths.trades, () => tradesTable(run));
  write("equity", paths.equity, () => equityTable(run));
  write("html", paths.html, () => pageOf(told, run));
}
