import { z } from "zod";
import type { Millis } from "../core/units.ts";
import { value } from "../core/units.ts";
import type { DeskSnapshot } from "../desk/snapshot.ts";
import { type Command, defineCommand } from "./command.ts";
import { gain, partText } from "./format.ts";
import { gridArgument, gridOf, isGrid } from "./grid-argument.ts";
import type { Reply } from "./reply.ts";

type Period = "day" | "week" | "month";

const DAY_MS = 86_400_000;
const MOST = { day: 366, week: 156, month: 60 } as const;

const schemaOf = (period: Period) =>
  z.object({
    count: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, `How many ${period}s is a number from 1 to ${MOST[period]}.`)
      .optional(),
    grid: z.string().optional(),
  });

/** The command that tells what was closed in each of the last days, weeks or months of the market, the latest first. */
export function periodCommand(
  period: Period,
  words: { readonly name: string; readonly usual: number },
): Command<ReturnType<typeof schemaOf>> {
  const { name, usual } = words;
  return defineCommand({
    name,
    aliases: [],
    description: `What was closed in each of the last ${period}s: trades, profit`,
    examples: [name, `${name} ${usual * 2}`, `${name} grid-btc`],
    topic: "results",
    role: "viewer",
    risk: "R0",
    approval: "none",
    isPrivate: true,
    schema: schemaOf(period),
    args: [
      {
        name: "count",
        description: `How many ${period}s; left out: ${usual}`,
        isRequired: false,
        choices: () => [usual, usual * 2, usual * 4].map(String),
      },
      gridArgument("Only of this grid"),
    ],
    sortWords: (typed) =>
      Object.fromEntries(typed.map((word) => [/^[-+]?\d+$/.test(word) ? "count" : "grid", word])),
    async run({ args, door }): Promise<Reply> {
      const desk = door.snapshot();
      const named = args.grid === undefined ? undefined : gridOf(desk, args.grid);
      if (named !== undefined && !isGrid(named)) return named;
      const count = Math.min(MOST[period], Number(args.count ?? usual));
      const days = daysOf(desk, named?.engine);
      const { from } = desk.metrics;
      const asked = startsBefore(desk.at, period, count);
      const starts = sinceLog(asked, from);
      const rows = starts.map((start) => rowOf(desk, start, period, days));
      const line = [
        name,
        ...(args.count === undefined ? [] : [`${count}`]),
        ...(named ? [named.engine] : []),
      ];
      return {
        title: `${named?.engine ?? "All grids"}, the last ${starts.length === 1 ? period : `${starts.length} ${period}s`}`,
        tone: "plain",
        lines: [
          "What was closed, after fees, by the market's time (UTC).",
          ...(from === undefined || starts.length === asked.length
            ? []
            : [`The log began on ${dayText(from)}.`]),
        ],
        table: { columns: [LABELS[period], "trades", "won", "net"], rows },
        buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: line.join(" ") } }]],
        isPrivate: true,
      };
    },
  });
}

const LABELS: Readonly<Record<Period, string>> = { day: "Day", week: "Week of", month: "Month" };

type Days = DeskSnapshot["metrics"]["days"];

/** The days of all grids, or of one. */
function daysOf({ metrics }: DeskSnapshot, engine: string | undefined): Days {
  if (engine === undefined) return metrics.days;
  const prefix = `${engine}:`;
  return metrics.engineDays
    .filter(({ name }) => name.startsWith(prefix))
    .map((each) => ({ ...each, name: each.name.slice(prefix.length) }));
}

/** The first days of the last periods, the present one first, each as "2026-11-30". */
function startsBefore(now: Millis, period: Period, count: number): readonly string[] {
  const today = new Date(now);
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
  const monday = now - ((today.getUTCDay() + 6) % 7) * DAY_MS;
  return Array.from({ length: count }, (_, back) => {
    if (period === "day") return dayText(now - back * DAY_MS);
    return period === "week" ? dayText(monday - back * 7 * DAY_MS) : dayText(Date.UTC(year, month - back));
  });
}

/** Without the periods that were over before the log began: nothing is known of them. The present one always stands. */
const sinceLog = (starts: readonly string[], from: Millis | undefined): readonly string[] =>
  starts.filter((_, back) => back === 0 || (from !== undefined && dayText(from) < (starts[back - 1] ?? "")));

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** One period: the days in it, added up. */
function rowOf({ asset }: DeskSnapshot, start: string, period: Period, days: Days): string[] {
  const last = dayText(Date.parse(start) + 6 * DAY_MS);
  const own = days.filter(({ name }) => {
    if (period === "day") return name === start;
    return period === "week"
      ? name >= start && name <= last
      : name.slice(0, MONTH_LENGTH) === start.slice(0, MONTH_LENGTH);
  });
  const sum = (of: "trades" | "wins" | "net"): number => own.reduce((total, each) => total + each[of], 0);
  const [trades, net] = [sum("trades"), value(sum("net"))];
  return [
    period === "month" ? start.slice(0, MONTH_LENGTH) : start,
    `${trades}`,
    partText(sum("wins"), trades),
    gain(net, asset),
  ];
}

/** Of "2026-11". */
const MONTH_LENGTH = 7;
