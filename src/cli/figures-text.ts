import { countOf, digitsOf, moneyText, VALUE_STEP } from "../core/text.ts";
import { value } from "../core/units.ts";
import type { FiguresDocument } from "./figures-document.ts";

const unknown = "unknown";

/** The figures as a table for a person, in `asset`. Days and rungs are a table of their own, the last ones of many. */
export function figuresText(figures: FiguresDocument, asset: string): string {
  const digits = digitsOf(asset);
  const money = (text: string | null): string =>
    text === null ? unknown : `${moneyText(value(countOf(text, VALUE_STEP) ?? 0), digits)} ${asset}`;
  const { gridMetrics: grid, stops, equity, recovery } = figures;
  const facts: (readonly [string, string])[] = [
    ["Market time", `${short(figures.from)} to ${short(figures.to)} UTC`],
    ["Trades", `${grid.total_trades}, ${percent(grid.win_rate)} won`],
    ["Average per trade", money(grid.average_profit_per_trade)],
    [
      "Net",
      `${money(figures.net)} (closed ${money(figures.pnl)}, fees ${money(figures.fees)}, funding ${money(figures.funding)})`,
    ],
    ["Profit factor", ratio(figures.profitFactor)],
    ["Reward to risk", ratio(figures.rewardToRisk)],
    [
      "Profitable",
      `${percent(figures.profitableEngines)} of engines, ${percent(figures.profitableRungs)} of rungs`,
    ],
    ["Equity", `${money(equity.now)}, peak ${money(equity.peak)}, drawdown ${percent(equity.drawdown)}`],
    ["Worst drawdown", `${percent(grid.max_drawdown)} (${money(equity.drawdownMaxAmount)})`],
    ["Exposure", `${money(grid.current_exposure)}, ${ratio(equity.leverage)} times the equity`],
    ["Purses", `${percent(grid.margin_utilization)} used, ${percent(equity.marginUtilizationMax)} at most`],
    [
      "Stops",
      `${stops.count}; latency ${ms(stops.latencyP50Ms)} typical, ${ms(stops.latencyMaxMs)} at most; slippage ${money(stops.slippage)}`,
    ],
    [
      "Stuck",
      `${grid.stuck_positions_count} now, ${recovery.stuck} in all, ${percent(grid.recovery_success_rate)} recovered`,
    ],
    ["Mismatches", `${grid.position_mismatch_incidents}`],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return [
    ...lines,
    ...table(
      "Closes",
      ["", "parts", "before fees", "fees"],
      figures.closes.map((each) => [each.action, `${each.parts}`, money(each.pnl), money(each.fees)]),
    ),
    ...table(
      "Recoveries",
      ["", "count", "recovered", "net", "closed at once"],
      recovery.byHow.map((each) => [
        each.how,
        `${each.count}`,
        `${each.recovered}`,
        money(each.net),
        money(each.closedAtOnce),
      ]),
    ),
    ...sums("Engines", figures.engines, money),
    ...sums("Rungs", figures.rungs, money),
    ...sums("Days", figures.days, money),
  ].join("\n");
}

/** Rows that are shown of a long table; `--json` has all. */
const ROWS_MAX = 40;

function sums(
  name: string,
  rows: FiguresDocument["rungs"],
  money: (text: string) => string,
): readonly string[] {
  const shown = rows.slice(-ROWS_MAX);
  const left = rows.length - shown.length;
  const title = left === 0 ? name : `${name} (the last ${ROWS_MAX} of ${rows.length}; --json has all)`;
  return table(
    title,
    ["", "trades", "won", "net", "fees"],
    shown.map((each) => [
      each.name,
      `${each.trades}`,
      percent(each.winRate),
      money(each.net),
      money(each.fees),
    ]),
  );
}

/** The first column to the left, the others to the right. */
function table(
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd();
  return ["", name, line(head), ...rows.map(line)];
}

const percent = (part: number | null): string => (part === null ? unknown : `${(part * 100).toFixed(2)}%`);
const ratio = (part: number | null): string => (part === null ? unknown : part.toFixed(2));
const ms = (count: number | null): string => (count === null ? unknown : `${count} ms`);
const short = (iso: string | null): string => (iso === null ? unknown : iso.slice(0, 16).replace("T", " "));
