import type { Instrument } from "../../core/instrument.ts";
import { price } from "../format.ts";
import { lineOf, write } from "./canvas.ts";
import { type Level, type LevelKind, LOOKS } from "./levels.ts";
import type { Palette } from "./theme.ts";

/** Where prices lie: `low` at the bottom and `high` at the top, in pixels from above. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly top: number;
  readonly bottom: number;
}

/** The height of a price; one that is off the scale stands at its edge. */
export function heightOf({ low, high, top, bottom }: Scale, at: number): number {
  const part = (Math.min(high, Math.max(low, at)) - low) / Math.max(1, high - low);
  return bottom - part * (bottom - top);
}

/** Round counts between two, about `wanted` of them: multiples of 1, 2 or 5 times a power of ten. */
export function roundCounts(low: number, high: number, wanted: number): readonly number[] {
  const rough = Math.max(1, (high - low) / wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.min(2 * wanted, Math.floor(high / step) - first + 1));
  return Array.from({ length: count }, (_, at) => (first + at) * step);
}

/** Two labels need this much between them; one that would stand further from its line than that is left out. */
const LABEL_STEP = 15;
const LABEL_SHIFT_MAX = 60;
const LABEL_SIZE = 12;

/** Where levels and their labels are drawn. */
export interface LevelFrame {
  readonly scale: Scale;
  /** Lines go from here to there; labels stand beyond, up to `end`. */
  readonly left: number;
  readonly right: number;
  readonly end: number;
  /** Whose prices these are. */
  readonly instrument: Instrument | undefined;
}

/**
 * Levels as lines with labels beside them, none over another: those that matter most first, the others where there is room.
 * A level that is off the scale is a label with an arrow at the edge. However many there are, few are drawn. What is `between`
 * stands before the lines of the axis and behind all others.
 */
export function drawLevels(
  frame: LevelFrame,
  levels: readonly Level[],
  palette: Palette,
  between: readonly string[] = [],
): readonly string[] {
  const shown = distinct(levels, frame.scale);
  const labels = placed(shown, frame.scale).flatMap(({ level, y, at }) => [
    `<path d="M${frame.right} ${y.toFixed(1)} L${frame.right + 8} ${at.toFixed(1)}" stroke="${palette[LOOKS[level.kind].color]}" fill="none"/>`,
    ...arrow(level, frame, at, palette),
    write({
      x: frame.right + 10,
      y: at + 4,
      size: LABEL_SIZE,
      color: palette[LOOKS[level.kind].color],
      text: wordsOf(level, frame.instrument),
      width: frame.end - frame.right - 10,
    }),
  ]);
  const lines = (isAxis: boolean): readonly string[] =>
    shown
      .filter(
        ({ at, kind }) => at >= frame.scale.low && at <= frame.scale.high && (kind === "axis") === isAxis,
      )
      .reverse()
      .map(({ at, kind }) => {
        const { color, line = color, dash, width } = LOOKS[kind];
        const y = heightOf(frame.scale, at);
        return lineOf([frame.left, y, frame.right, y], palette[line], { width, dash });
      });
  return [...lines(true), ...between, ...lines(false), ...labels];
}

/** "66,930.0 stop", "66,930.0 stop +2" where two more are beyond the edge. */
const wordsOf = ({ at, what, more }: Shown, instrument: Instrument | undefined): string =>
  `${price(at, instrument)} ${what}${more === 0 ? "" : ` +${more}`}`.trimEnd();

/** A level that stands for others of its kind that can't be told apart from it. */
interface Shown extends Level {
  readonly more: number;
}

/**
 * Of levels of one kind that fall on one pixel one is enough: of those beyond an edge the one that is nearest, which says how many
 * more there are. A price of the axis that is one of the desk's own is named once. Those that matter most come first.
 */
function distinct(levels: readonly Level[], scale: Scale): readonly Shown[] {
  const found = new Map<string, Shown>();
  const prices = new Set(levels.filter(({ kind }) => kind !== "axis").map(({ at }) => at));
  for (const level of [...levels].sort((a, b) => rankOf(a.kind) - rankOf(b.kind) || b.at - a.at)) {
    if (level.kind === "axis" && prices.has(level.at)) continue;
    const edge = edgeOf(level, scale);
    const key = `${level.kind} ${edge === "" ? Math.round(heightOf(scale, level.at)) : edge}`;
    const first = found.get(key);
    if (first === undefined) found.set(key, { ...level, more: 0 });
    // Prices come from the top down: above the scale the last one is the nearest.
    else if (edge === "above") found.set(key, { ...level, more: first.more + 1 });
    else if (edge === "below") found.set(key, { ...first, more: first.more + 1 });
  }
  return [...found.values()];
}

const rankOf = (kind: LevelKind): number => LOOKS[kind].rank;

const edgeOf = ({ at }: Level, { low, high }: Scale): "" | "above" | "below" =>
  at > high ? "above" : at < low ? "below" : "";

interface Label {
  readonly level: Shown;
  /** The height of its line, and of its words. */
  readonly y: number;
  readonly at: number;
}

function placed(levels: readonly Shown[], scale: Scale): readonly Label[] {
  const taken: number[] = [];
  const free = (y: number): number | undefined => {
    for (let shift = 0; shift <= LABEL_SHIFT_MAX; shift += 1) {
      for (const spot of [y + shift, y - shift]) {
        const isInside = spot >= scale.top && spot <= scale.bottom;
        if (isInside && taken.every((other) => Math.abs(other - spot) >= LABEL_STEP)) return spot;
      }
    }
    return undefined;
  };
  const labels = levels.flatMap((level) => {
    const y = heightOf(scale, level.at);
    const at = free(y);
    if (at === undefined) return [];
    taken.push(at);
    return [{ level, y, at }];
  });
  return [
    ...labels.filter(({ level }) => edgeOf(level, scale) === ""),
    ...inOrder(labels.filter(({ level }) => edgeOf(level, scale) === "above")),
    ...inOrder(labels.filter(({ level }) => edgeOf(level, scale) === "below")),
  ];
}

/** Labels beyond an edge share their places in the order of their prices. */
function inOrder(labels: readonly Label[]): readonly Label[] {
  const places = labels.map(({ at }) => at).sort((a, b) => a - b);
  return [...labels]
    .sort((a, b) => b.level.at - a.level.at)
    .map((label, index) => ({ ...label, at: places[index] ?? label.at }));
}

/** A triangle that points to where a level lies that is off the scale. */
function arrow({ at, kind }: Level, { scale, right }: LevelFrame, y: number, palette: Palette): string[] {
  if (at >= scale.low && at <= scale.high) return [];
  const tip = at < scale.low ? 5 : -5;
  const x = right - 7;
  return [
    `<path d="M${x - 5} ${(y - tip / 2).toFixed(1)} h10 l-5 ${tip} z" fill="${palette[LOOKS[kind].color]}"/>`,
  ];
}
