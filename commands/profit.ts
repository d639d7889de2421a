import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, dayTime, gain, money, percent, ratio } from "../src/chat/format.ts";
import { gridArgument, gridOf, gridsOf, isGrid } from "../src/chat/grid-argument.ts";
import type { Field, Reply } from "../src/chat/reply.ts";
import { value } from "../src/core/units.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

type TradeSums = DeskSnapshot["metrics"]["trades"];

const NONE: TradeSums = {
  trades: 0,
  wins: 0,
  winRate: undefined,
  pnl: value(0),
  fees: value(0),
  net: value(0),
  averageNet: undefined,
  profitFactor: undefined,
  rewardToRisk: undefined,
};

/** The figures of the trade log, of all grids or of one, for today or since the log began: those of `perpdesk analyze`. */
export const profit = defineCommand({
  name: "profit",
  aliases: ["figures"],
  description: "What the grids made, today or since the log began: trades, profit, losses",
  examples: ["profit", "profit today", "profit grid-btc today"],
  topic: "results",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({
    grid: z.string().optional(),
    period: z.enum(["today", "all"], "The period is today or all.").default("all"),
  }),
  args: [
    gridArgument("Which grid; left out: all of them"),
    {
      name: "period",
      description: "today (a UTC day of the market), or all since the log began",
      isRequired: false,
      choices: () => ["today", "all"],
    },
  ],
  sortWords: (words) =>
    Object.fromEntries(
      words.map((word) => [isPeriod(word) ? "period" : "grid", isPeriod(word) ? word.toLowerCase() : word]),
    ),
  async run({ args: { grid: typed, period }, door }): Promise<Reply> {
    const desk = door.snapshot();
    const named = typed === undefined ? undefined : gridOf(desk, typed);
    if (named !== undefined && !isGrid(named)) return named;
    const engine = named?.engine;
    const day = period === "today" ? new Date(desk.at).toISOString().slice(0, 10) : undefined;
    const other = period === "today" ? "all" : "today";
    const of = engine === undefined ? "" : ` ${engine}`;
    return {
      title: `${engine ?? "All grids"}, ${day === undefined ? "since the log began" : `today (${day})`}`,
      tone: "plain",
      lines: [sinceText(desk, day)],
      fields: [
        ...tradeFields(sumsOf(desk, engine, day), desk.asset),
        ...nowFields(desk, engine),
        ...(engine === undefined && day === undefined ? wholeFields(desk) : []),
      ],
      ...(engine === undefined ? gridTable(desk, day) : {}),
      buttons: [
        [
          { label: "Refresh", style: "plain", action: { type: "run", line: `profit${of} ${period}` } },
          {
            label: day === undefined ? "Today" : "Since the log began",
            style: "plain",
            action: { type: "run", line: `profit${of} ${other}` },
          },
          { label: "Equity curve", style: "plain", action: { type: "run", line: "equity" } },
        ],
      ],
      isPrivate: true,
    };
  },
});

const isPeriod = (word: string): boolean => /^(today|all)$/i.test(word);

function sinceText({ metrics: { from } }: DeskSnapshot, day: string | undefined): string {
  const what = "What was closed, after fees, by the market's time";
  if (day !== undefined) return `${what}.`;
  return from === undefined ? "Nothing is in the trade log yet." : `${what}, since ${dayTime(from)}.`;
}

/** What trades came to, of one grid or all, on one day or all of them. */
function sumsOf({ metrics }: DeskSnapshot, engine: string | undefined, day: string | undefined): TradeSums {
  if (engine === undefined && day === undefined) return metrics.trades;
  const [groups, name] =
    engine === undefined
      ? [metrics.days, day]
      : day === undefined
        ? [metrics.engines, engine]
        : [metrics.engineDays, `${engine}:${day}`];
  return groups.find((each) => each.name === name) ?? NONE;
}

const tradeFields = (sums: TradeSums, asset: string): readonly Field[] => [
  { label: "Trades", text: `${sums.trades}, ${percent(sums.winRate)} won` },
  { label: "Net", text: gain(sums.net, asset) },
  { label: "Average", text: gain(sums.averageNet, asset) },
  { label: "Their fees", text: money(sums.fees, asset) },
  { label: "Profit factor", text: ratio(sums.profitFactor) },
  { label: "Reward/risk", text: ratio(sums.rewardToRisk) },
];

/** How it stands just now, whatever the period. */
function nowFields({ metrics, asset, engines }: DeskSnapshot, engine: string | undefined): readonly Field[] {
  const purse = metrics.equity.purses.find((each) => each.engine === engine);
  const stuck = engines
    .filter((each) => engine === undefined || each.engine === engine)
    .flatMap(({ grid }) => grid?.rungs ?? [])
    .filter(({ stuckSince }) => stuckSince !== undefined).length;
  return [
    {
      label: "Exposure",
      text: money(engine === undefined ? metrics.currentExposure : purse?.exposure, asset),
    },
    {
      label: "Purse used",
      text: percent(engine === undefined ? metrics.marginUtilization : purse?.utilization),
    },
    { label: "Stuck now", text: `${engine === undefined ? metrics.stuckPositionsCount : stuck}` },
  ];
}

/** What only the whole log of all grids tells. */
const wholeFields = ({ metrics, asset }: DeskSnapshot): readonly Field[] => [
  { label: "Funding", text: gain(metrics.equity.funding, asset) },
  { label: "Max drawdown", text: percent(metrics.maxDrawdown) },
  { label: "Recovered", text: `${percent(metrics.recoverySuccessRate)} of ${metrics.recovery.stuck} stuck` },
  { label: "Mismatches", text: counted(metrics.positionMismatchIncidents, "time") },
];

/** Each grid on a line, where there are several. */
function gridTable(desk: DeskSnapshot, day: string | undefined): Pick<Reply, "table"> {
  const grids = gridsOf(desk);
  if (grids.length < 2) return {};
  const rows = grids.map(({ engine }) => {
    const { trades, winRate, net } = sumsOf(desk, engine, day);
    return [engine, `${trades}`, percent(winRate), gain(net, desk.asset)];
  });
  return { table: { columns: ["Grid", "trades", "won", "net"], rows } };
}
