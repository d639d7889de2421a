import type { Sample } from "./course.ts";
import type { Execution } from "./observer.ts";

/** Where a picture lies: market time from left to right, counts from bottom to top, in pixels. */
export interface Frame {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Marks that are drawn at most: more can't be told apart. */
const MARKS_MOST = 4_000;

const xOf = ({ from, to, left, right }: Frame, at: number): number =>
  left + ((at - from) / (to - from)) * (right - left);
const yOf = ({ low, high, top, bottom }: Frame, count: number): number =>
  bottom - ((count - low) / (high - low)) * (bottom - top);

/** Groups what falls on one pixel column; its first, lowest, highest and last stand for all of it. */
function columns<T>(frame: Frame, list: readonly T[], atOf: (each: T) => number): ReadonlyMap<number, T[]> {
  const found = new Map<number, T[]>();
  for (const each of list) {
    const x = Math.round(xOf(frame, atOf(each)));
    const column = found.get(x);
    if (column === undefined) found.set(x, [each]);
    else column.push(each);
  }
  return found;
}

/** A line through points, thinned to what the pixels can show. */
export function pathOf(
  frame: Frame,
  points: readonly { readonly at: number; readonly count: number }[],
): string {
  const corners: string[] = [];
  for (const [x, column] of columns(frame, points, ({ at }) => at)) {
    const counts = column.map(({ count }) => count);
    const shown = [counts[0], Math.min(...counts), Math.max(...counts), counts[counts.length - 1]];
    for (const count of new Set(shown))
      if (count !== undefined) corners.push(`${x} ${yOf(frame, count).toFixed(1)}`);
  }
  return corners.length === 0 ? "" : `M${corners.join("L")}`;
}

/** The price's range as a filled band. */
export function rangePath(frame: Frame, samples: readonly Sample[]): string {
  const upper: string[] = [];
  const lower: string[] = [];
  for (const [x, column] of columns(frame, samples, ({ at }) => at)) {
    upper.push(`${x} ${yOf(frame, Math.max(...column.map(({ high }) => high))).toFixed(1)}`);
    lower.push(`${x} ${yOf(frame, Math.min(...column.map(({ low }) => low))).toFixed(1)}`);
  }
  return upper.length === 0 ? "" : `M${upper.join("L")}L${lower.reverse().join("L")}Z`;
}

/** A dashed line for each price at which an entry was filled. */
export function entryLines(frame: Frame, executions: readonly Execution[]): string {
  const prices = new Set(
    executions.flatMap(({ order }) =>
      order?.role === "entry" && order.price !== undefined ? [order.price] : [],
    ),
  );
  return [...prices]
    .map((price) => yOf(frame, price).toFixed(1))
    .map((y) => `<line class="rung" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>`)
    .join("");
}

/** A dot for every fill; of very many only as many as can be told apart, evenly taken. */
export function fillMarks(frame: Frame, executions: readonly Execution[]): string {
  const every = Math.max(1, Math.ceil(executions.length / MARKS_MOST));
  return executions
    .filter((_, index) => index % every === 0)
    .map(({ fill, how }) => {
      const kind =
        how === "entry" || how === "hedge"
          ? "entry"
          : how === "takeProfit" || how === "ladder"
            ? "gain"
            : "stop";
      return `<circle class="${kind}" cx="${xOf(frame, fill.at).toFixed(1)}" cy="${yOf(frame, fill.price).toFixed(1)}" r="2.2"/>`;
    })
    .join("");
}

/** Round counts of an axis, with how far up each stands from 0 to 1. */
export function ticksOf(
  low: number,
  high: number,
): readonly { readonly at: number; readonly count: number }[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((part) => part * power).find((each) => each >= rough) ?? rough;
  const found: { at: number; count: number }[] = [];
  for (let count = Math.ceil(low / step) * step; count <= high; count += step)
    found.push({ at: (count - low) / (high - low), count });
  return found;
}

const DAY_MS = 86_400_000;

/** Days of the time axis, at most ten; hours where it is shorter than two days. */
export function timeTicks(frame: Frame): readonly { readonly x: number; readonly text: string }[] {
  const span = frame.to - frame.from;
  const isShort = span < 2 * DAY_MS;
  const step = isShort
    ? Math.max(1, Math.ceil(span / 10 / 3_600_000)) * 3_600_000
    : Math.ceil(span / 10 / DAY_MS) * DAY_MS;
  const found: { x: number; text: string }[] = [];
  for (let at = Math.ceil(frame.from / step) * step; at < frame.to; at += step) {
    const x = xOf(frame, at);
    if (x < frame.left + 20 || x > frame.right - 30) continue;
    const iso = new Date(at).toISOString();
    found.push({ x, text: isShort ? iso.slice(5, 16).replace("T", " ") : iso.slice(0, 10) });
  }
  return found;
}
