import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { duration, gain, money, percent } from "../src/chat/format.ts";
import { equityPicture } from "../src/chat/pictures/equity-picture.ts";
import { THEMES, type Theme } from "../src/chat/pictures/theme.ts";
import type { Button, Field, Reply } from "../src/chat/reply.ts";
import { mulDiv, ONE, rate, value } from "../src/core/units.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

const DAY_MS = 86_400_000;
const PERIODS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, all: Number.POSITIVE_INFINITY } as const;
type Period = keyof typeof PERIODS;
const NAMES = Object.keys(PERIODS) as [Period, ...Period[]];

/** The course of the account's equity as a picture, from the same lines of the trade log as all its figures. */
export const equity = defineCommand({
  name: "equity",
  aliases: ["curve"],
  description: "A picture of the account's equity, its peak and its drawdown",
  examples: ["equity", "equity week", "equity day light"],
  topic: "look",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({
    period: z.enum(NAMES, { error: `The period is one of ${NAMES.join(", ")}.` }).default("all"),
    look: z.enum(["dark", "light"], { error: "The look is dark or light." }).optional(),
  }),
  args: [
    {
      name: "period",
      description: "day, week, month (of market time, up to now), or all",
      isRequired: false,
      choices: () => NAMES,
    },
    { name: "look", description: "dark or light", isRequired: false, choices: () => THEMES },
  ],
  sortWords: (words) =>
    Object.fromEntries(
      words.map((word) => [/^(dark|light)$/i.test(word) ? "look" : "period", word.toLowerCase()]),
    ),
  async run({ args: { period, look }, door, theme }): Promise<Reply> {
    return show(door.snapshot(), period, look ?? theme);
  },
});

function show(desk: DeskSnapshot, period: Period, theme: Theme): Reply {
  const { asset, metrics } = desk;
  const { curve } = metrics.equity;
  const until = curve.at(-1)?.to ?? 0;
  const points = curve.filter(({ to }) => to >= until - PERIODS[period]);
  const title = `Equity, ${period === "all" ? "since the account began" : `last ${period}`}`;
  const svg = equityPicture({ points, asset, theme });
  if (svg === undefined)
    return {
      title: "No equity yet",
      tone: "plain",
      lines: ["The account is written down once a minute of the market: ask again in a few minutes."],
      isPrivate: true,
    };
  return {
    title,
    tone: "plain",
    fields: fieldsOf(desk, points),
    picture: { svg, caption: title },
    buttons: buttonsOf(period, theme),
    isPrivate: true,
  };
}

function fieldsOf(
  { asset, metrics }: DeskSnapshot,
  points: DeskSnapshot["metrics"]["equity"]["curve"],
): readonly Field[] {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const lowest = points.reduce((least, { low }) => value(Math.min(least, low)), first.low);
  const highest = points.reduce((most, { high }) => value(Math.max(most, high)), first.high);
  const below = last.peak > 0 ? rate(mulDiv(last.peak - last.last, ONE, last.peak, "nearest")) : undefined;
  return [
    { label: "Equity", text: money(last.last, asset) },
    {
      label: "Change",
      text: `${gain(value(last.last - first.last), asset)} in ${duration(last.to - first.at)} of the market`,
    },
    { label: "Lowest", text: money(lowest, asset) },
    { label: "Highest", text: money(highest, asset) },
    { label: "Peak", text: `${money(last.peak, asset)}, ${percent(below)} above` },
    { label: "Max drawdown", text: `${percent(metrics.maxDrawdown)} since the log began` },
    { label: "Paid in or out", text: `${gain(metrics.equity.transferred, asset)} since the log began` },
  ];
}

function buttonsOf(shown: Period, theme: Theme): readonly (readonly Button[])[] {
  const run = (label: string, period: Period, look: Theme): Button => ({
    label,
    style: "plain",
    action: { type: "run", line: `equity ${period} ${look}` },
  });
  const others = NAMES.filter((name) => name !== shown).map((name) => run(LABELS[name], name, theme));
  const other: Theme = theme === "dark" ? "light" : "dark";
  return [others, [run("Refresh", shown, theme), run(other === "dark" ? "Dark" : "Light", shown, other)]];
}

const LABELS: Readonly<Record<Period, string>> = { day: "Day", week: "Week", month: "Month", all: "All" };
