import { value } from "../../core/units.ts";
import type { EquityPoint } from "../../engines/grid/equity-curve.ts";
import { dayTime, money } from "../format.ts";
import { dot, lineOf, MARGIN, svgOf, WIDTH, write } from "./canvas.ts";
import { heightOf, roundCounts, type Scale } from "./scale.ts";
import { PALETTES, type Palette, type Theme } from "./theme.ts";

const HEIGHT = 320;
const TOP = 66;
const BOTTOM = HEIGHT - 52;
const RIGHT = 292;

/** What the course of an account is drawn from: the same figures as the text under it. */
export interface EquityScene {
  readonly points: readonly EquityPoint[];
  readonly asset: string;
  readonly theme: Theme;
}

/** The equity over market time, with the peak above it: the shaded part between the two is the drawdown. Undefined: nothing is known yet. */
export function equityPicture({ points, asset, theme }: EquityScene): string | undefined {
  const palette = PALETTES[theme];
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const low = points.reduce<number>((least, point) => Math.min(least, point.low), first.low);
  const high = points.reduce<number>((most, point) => Math.max(most, point.high, point.peak), first.high);
  // An account that hardly moved is a flat line, not a mountain of cents.
  const room = Math.max((high - low) / 10, Math.abs(high) / 2_000, 1);
  const scale: Scale = { low: low - room, high: high + room, top: TOP, bottom: BOTTOM };
  const column = columnsOf(first.at, last.to);
  const width = WIDTH - 2 * MARGIN;
  return svgOf(HEIGHT, palette, [
    write({
      x: MARGIN,
      y: 26,
      size: 17,
      color: palette.text,
      text: `Equity ${money(last.last, asset)}`,
      width,
    }),
    write({
      x: MARGIN,
      y: 45,
      size: 12,
      color: palette.muted,
      text: `${dayTime(first.at)} to ${dayTime(last.to)}`,
      width,
    }),
    ...axis(scale, asset, palette),
    shade(points, column, scale, palette),
    ...ranges(points, column, scale, palette),
    course(points, column, scale, ({ peak }) => peak, `stroke="${palette.muted}" stroke-dasharray="4 3"`),
    course(
      points,
      column,
      scale,
      (point) => point.last,
      `stroke="${palette.held}" stroke-width="2" stroke-linejoin="round"`,
    ),
    ...legend(palette),
  ]);
}

function columnsOf(from: number, to: number): (at: number) => number {
  const span = Math.max(1, to - from);
  return (at) => MARGIN + ((at - from) / span) * (RIGHT - MARGIN);
}

/** Round amounts as lines across, named at their right end. */
function axis(scale: Scale, asset: string, palette: Palette): readonly string[] {
  return roundCounts(scale.low, scale.high, 5).flatMap((count) => {
    const y = heightOf(scale, count);
    const text = money(value(count), asset);
    return [
      lineOf([MARGIN, y, RIGHT, y], palette.line),
      write({ x: RIGHT + 6, y: y + 4, size: 12, color: palette.muted, text, width: WIDTH - RIGHT - 8 }),
    ];
  });
}

type Column = (at: number) => number;

/** A point's end is where its last equity holds; the first one begins at its own beginning. */
const xOf = (column: Column, { at, to }: EquityPoint, index: number): number => column(index === 0 ? at : to);

function course(
  points: readonly EquityPoint[],
  column: Column,
  scale: Scale,
  of: (point: EquityPoint) => number,
  look: string,
): string {
  const path = points.map((point, at) => `${dot(xOf(column, point, at))} ${dot(heightOf(scale, of(point)))}`);
  // One point alone is a short line, so that it is seen.
  const end = path.length === 1 ? ` h4` : "";
  return `<path d="M${path.join(" L")}${end}" fill="none" ${look}/>`;
}

/** Between the peak and the equity. */
function shade(points: readonly EquityPoint[], column: Column, scale: Scale, palette: Palette): string {
  const above = points.map(
    (point, at) => `${dot(xOf(column, point, at))} ${dot(heightOf(scale, point.peak))}`,
  );
  const below = points.map(
    (point, at) => `${dot(xOf(column, point, at))} ${dot(heightOf(scale, point.last))}`,
  );
  return `<path d="M${[...above, ...below.reverse()].join(" L")} Z" fill="${palette.falling}" fill-opacity="0.22"/>`;
}

/** From the lowest to the highest equity of a point that stands for many minutes. */
const ranges = (
  points: readonly EquityPoint[],
  column: Column,
  scale: Scale,
  palette: Palette,
): readonly string[] =>
  points.flatMap((point, at) => {
    if (point.low === point.high) return [];
    const x = xOf(column, point, at);
    return [lineOf([x, heightOf(scale, point.high), x, heightOf(scale, point.low)], palette.held)];
  });

function legend(palette: Palette): readonly string[] {
  const y = HEIGHT - 18;
  const entry = (x: number, color: string, dash: string, text: string): readonly string[] => [
    lineOf([x, y - 4, x + 22, y - 4], color, { width: 2, dash }),
    write({ x: x + 28, y, size: 12, color: palette.text, text, width: 90 }),
  ];
  return [
    ...entry(MARGIN, palette.held, "", "equity"),
    ...entry(MARGIN + 96, palette.muted, "4 3", "peak"),
    `<rect x="${MARGIN + 178}" y="${y - 11}" width="22" height="12" fill="${palette.falling}" fill-opacity="0.35"/>`,
    write({ x: MARGIN + 206, y, size: 12, color: palette.text, text: "drawdown", width: 90 }),
  ];
}
