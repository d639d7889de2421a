import { digitsOf, textOf } from "../core/text.ts";
import { ONE } from "../core/units.ts";
import type { BacktestDocument } from "./document.ts";
import { entryLines, type Frame, fillMarks, pathOf, rangePath, ticksOf, timeTicks } from "./picture.ts";
import type { BacktestRun } from "./runner.ts";

const WIDTH = 1_180;
const LEFT = 86;
const RIGHT = 14;
const TOP = 8;

const STYLE = `
:root{--ink:#1c2430;--mute:#6b7687;--line:#e3e7ed;--paper:#fff;--equity:#2457c5;--down:#c0392b;--price:#4a5568;--rung:#9aa9bf;--buy:#14823b;--gain:#2457c5;--stop:#c0392b}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf2;--mute:#93a0b4;--line:#2b3442;--paper:#12161d;--equity:#7ea6ff;--down:#ff7d6e;--price:#a9b6c9;--rung:#56657c;--buy:#4bd07e;--gain:#7ea6ff;--stop:#ff7d6e}}
body{margin:24px auto;max-width:1180px;padding:0 16px;background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
h1{font-size:20px;margin:0 0 4px}h2{font-size:14px;margin:20px 0 4px}p{margin:0 0 12px;color:var(--mute)}
svg{width:100%;height:auto;display:block}text{fill:var(--mute);font:11px system-ui,sans-serif}
.grid{stroke:var(--line);stroke-width:1}.equity{fill:none;stroke:var(--equity);stroke-width:1.4}
.down{fill:var(--down);fill-opacity:.25;stroke:var(--down);stroke-width:1}.range{fill:var(--price);fill-opacity:.35;stroke:var(--price);stroke-width:.8}
.rung{stroke:var(--rung);stroke-width:.6;stroke-dasharray:2 4}.entry{fill:var(--buy)}.gain{fill:var(--gain)}.stop{fill:var(--stop)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px 18px;margin:12px 0}dt{color:var(--mute);font-size:12px}dd{margin:0;font-variant-numeric:tabular-nums}
.key span{margin-right:16px}.key i{display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:5px}`;

/** One page about a backtest that needs nothing from elsewhere: figures, equity, drawdown, and the price with its rungs and fills. */
export function pageOf(told: BacktestDocument, run: BacktestRun): string {
  const title = `${told.engine} on ${told.symbol}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${safe(title)}: backtest</title><style>${STYLE}</style></head><body>
<h1>${safe(title)}</h1>
<p>${told.from} to ${told.to}, ${told.candles} candles, seed ${told.seed}. State hash ${told.stateHash}.</p>
${figuresOf(told, run)}
<h2>Equity</h2>${equityPicture(run)}
<h2>Drawdown, percent below the highest equity so far</h2>${drawdownPicture(run)}
<h2>Price, rungs and fills</h2>
<p class="key"><span><i style="background:var(--buy)"></i>entry</span><span><i style="background:var(--gain)"></i>take profit or ladder</span><span><i style="background:var(--stop)"></i>stop, close or liquidation</span><span>dashed: rungs that were filled</span></p>
${pricePicture(run)}
</body></html>
`;
}

const safe = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

function figuresOf(told: BacktestDocument, run: BacktestRun): string {
  const asset = run.balance.asset;
  const digits = digitsOf(asset);
  const money = (count: number): string => `${count.toFixed(digits)} ${asset}`;
  const figure = (count: number | null, places = 2, unit = ""): string =>
    count === null ? "none" : `${count.toFixed(places)}${unit}`;
  const rows: readonly (readonly [string, string])[] = [
    ["Net result", money(told.netPnl)],
    ["Of the equity", figure((told.netPnl / told.startEquity) * 100, 2, " %")],
    ["Buy and hold", figure(told.buyAndHoldPercent, 2, " %")],
    ["Largest drawdown", figure(told.maxDrawdownPercent, 2, " %")],
    ["Fees", money(told.fees)],
    ["Funding", money(told.funding)],
    ["Trades", String(told.trades)],
    ["Won", figure(told.winRate === null ? null : told.winRate * 100, 1, " %")],
    ["Profit factor", figure(told.profitFactor)],
    ["Average trade", figure(told.averageTradePercent, 4, " %")],
    ["Sharpe", figure(told.sharpe)],
    ["Sortino", figure(told.sortino)],
    ["Most of the purse", figure(told.marginUseMax * 100, 1, " %")],
    ["Stops", String(told.stops)],
    ["Stuck, recovered", `${told.stuck}, ${told.recovered}`],
    ["Liquidations", String(told.liquidations)],
    ["Fills", String(told.fills)],
  ];
  return `<dl>${rows.map(([name, text]) => `<div><dt>${name}</dt><dd>${text}</dd></div>`).join("")}</dl>`;
}

/** A picture's frame over the whole run with room for its axes. */
function frameOf(run: BacktestRun, height: number, low: number, high: number): Frame {
  const pad = (high - low) * 0.04 || Math.max(1, Math.abs(high) * 0.001);
  return {
    from: run.from,
    to: Math.max(run.to, run.from + 1),
    low: low - pad,
    high: high + pad,
    left: LEFT,
    right: WIDTH - RIGHT,
    top: TOP,
    bottom: height - 20,
  };
}

function picture(frame: Frame, height: number, label: (count: number) => string, body: string): string {
  const { left, right, top, bottom } = frame;
  const rows = ticksOf(frame.low, frame.high).map(({ at, count }) => {
    const y = (bottom - at * (bottom - top)).toFixed(1);
    return `<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${left - 8}" y="${y}" dy="4" text-anchor="end">${label(count)}</text>`;
  });
  const columns = timeTicks(frame).map(
    ({ x, text }) => `<text x="${x.toFixed(1)}" y="${height - 4}" text-anchor="middle">${text}</text>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img">${rows.join("")}${columns.join("")}${body}</svg>`;
}

function equityPicture(run: BacktestRun): string {
  const points = [
    { at: run.from, count: run.start / ONE },
    ...run.observer.course.samples.map(({ at, equity }) => ({ at, count: equity / ONE })),
  ];
  const counts = points.map(({ count }) => count);
  const frame = frameOf(run, 240, least(counts), most(counts));
  const digits = digitsOf(run.balance.asset);
  return picture(
    frame,
    240,
    (count) => count.toFixed(digits),
    `<path class="equity" d="${pathOf(frame, points)}"/>`,
  );
}

function drawdownPicture(run: BacktestRun): string {
  let peak: number = run.start;
  const points = run.observer.course.samples.map(({ at, equity }) => {
    peak = Math.max(peak, equity);
    return { at, count: peak > 0 ? (equity / peak - 1) * 100 : 0 };
  });
  const frame = {
    ...frameOf(run, 130, Math.min(least(points.map(({ count }) => count)), -0.01), 0),
    high: 0,
  };
  const line = pathOf(frame, points);
  const area = line === "" ? "" : `${line}L${frame.right} ${frame.top}L${frame.left} ${frame.top}Z`;
  return picture(
    frame,
    130,
    (count) => `${(Math.abs(count) < 0.005 ? 0 : count).toFixed(2)} %`,
    `<path class="down" d="${area}"/>`,
  );
}

function pricePicture(run: BacktestRun): string {
  const instrument = run.instruments.get(run.grids[0]?.instrument ?? "");
  if (instrument === undefined) return "";
  const { samples } = run.observer.course;
  const frame = frameOf(
    run,
    520,
    least(samples.map(({ low }) => low)),
    most(samples.map(({ high }) => high)),
  );
  const body =
    entryLines(frame, run.observer.executions) +
    `<path class="range" d="${rangePath(frame, samples)}"/>` +
    fillMarks(frame, run.observer.executions);
  return picture(frame, 520, (count) => textOf(Math.round(count), instrument.tick), body);
}

const least = (counts: readonly number[]): number =>
  counts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (counts: readonly number[]): number =>
  counts.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
