import type { Instrument } from "../../core/instrument.ts";
import type { Ticks } from "../../core/units.ts";
import type { GridView } from "../../desk/snapshot.ts";
import { price, quantity } from "../format.ts";

const WIDTH = 900;
const HEIGHT = 600;
const TOP = 56;
const BOTTOM = HEIGHT - 24;
const LEFT = 24;
const RIGHT = WIDTH - 330;
/** Two labels need this much between them; one that would stand further from its line than that is left out. */
const LABEL_STEP = 19;
const LABEL_SHIFT_MAX = 60;

/** What is drawn at one price. */
interface Mark {
  readonly at: Ticks;
  readonly color: string;
  readonly dash: string;
  readonly width: number;
  readonly text: string;
  /** Its label is never left out. */
  readonly isMain: boolean;
}

/** What a picture of a grid is drawn from: the same snapshot as the text beside it. */
export interface GridScene {
  readonly title: string;
  readonly grid: GridView;
  readonly mark: Ticks | undefined;
  readonly instrument: Instrument | undefined;
}

/**
 * A grid as SVG, the price upwards: rungs that hold and that wait, their closes and stops, the stop and the pause price, and
 * the mark price. Undefined while there is nothing to draw.
 */
export function gridPicture({ title, grid, mark, instrument }: GridScene): string | undefined {
  const marks = marksOf(grid, mark, instrument);
  if (marks.length === 0) return undefined;
  const prices = marks.map(({ at }) => at);
  const low = Math.min(...prices);
  const span = Math.max(1, Math.max(...prices) - low);
  const y = (at: Ticks): number => BOTTOM - 16 - ((at - low) / span) * (BOTTOM - TOP - 32);
  const lines = marks.map(
    (each) =>
      `<line x1="${LEFT}" x2="${RIGHT}" y1="${one(y(each.at))}" y2="${one(y(each.at))}" stroke="${each.color}" stroke-width="${each.width}" stroke-dasharray="${each.dash}"/>`,
  );
  const labels = placed(marks, y).map(
    ({ mark: each, at }) =>
      `<path d="M${RIGHT} ${one(y(each.at))} L${RIGHT + 14} ${one(at)}" stroke="${each.color}" fill="none"/>` +
      `<text x="${RIGHT + 20}" y="${one(at + 5)}" fill="${each.color}">${escaped(each.text)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Share Tech Mono" font-size="15">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#14171c"/>`,
    `<text x="${LEFT}" y="34" fill="#e8eaed" font-size="20">${escaped(title)}</text>`,
    ...lines,
    ...labels,
    "</svg>",
  ].join("\n");
}

function marksOf(
  grid: GridView,
  mark: Ticks | undefined,
  instrument: Instrument | undefined,
): readonly Mark[] {
  const marks: Mark[] = [];
  const add = (at: Ticks | undefined, what: string, look: Omit<Mark, "at" | "text">): void => {
    if (at !== undefined) marks.push({ at, text: `${price(at, instrument)} ${what}`, ...look });
  };
  for (const rung of grid.rungs) {
    const held = rung.held > 0;
    const name = held ? `holds ${quantity(rung.held, instrument)}` : "entry waits";
    const isStuck = rung.stuckSince !== undefined;
    const color = isStuck ? "#e0a030" : held ? "#4c9aff" : "#7a8699";
    add(rung.entry ?? rung.price, `${name}${isStuck ? ", stuck" : ""}`, {
      color,
      dash: held ? "none" : "6 5",
      width: held ? 2 : 1,
      isMain: isStuck,
    });
    add(rung.stop, "stop", { color: "#ff6b6b", dash: "2 4", width: 1, isMain: false });
    for (const close of rung.closes) {
      const what = close.isLadder ? "ladder" : "take profit";
      add(close.price, what, { color: "#3ecf8e", dash: "2 4", width: 1, isMain: false });
    }
  }
  add(grid.stopPrice, "STOP PRICE", { color: "#ff3b30", dash: "none", width: 2, isMain: true });
  add(grid.pausePrice, "PAUSE PRICE", { color: "#e0a030", dash: "none", width: 2, isMain: true });
  add(mark, "MARK", { color: "#ffffff", dash: "none", width: 2, isMain: true });
  return marks;
}

/** Labels from the top down, none over another: the main ones first, the others where there is room. */
function placed(
  marks: readonly Mark[],
  y: (at: Ticks) => number,
): readonly { readonly mark: Mark; readonly at: number }[] {
  const taken: number[] = [];
  const free = (at: number): number | undefined => {
    for (let shift = 0; shift <= LABEL_SHIFT_MAX; shift += 2) {
      for (const spot of [at + shift, at - shift]) {
        const isInside = spot >= TOP && spot <= BOTTOM;
        if (isInside && taken.every((other) => Math.abs(other - spot) >= LABEL_STEP)) return spot;
      }
    }
    return undefined;
  };
  const inOrder = [...marks].sort((a, b) => Number(b.isMain) - Number(a.isMain) || b.at - a.at);
  return inOrder.flatMap((mark) => {
    const at = free(y(mark.at));
    if (at === undefined) return [];
    taken.push(at);
    return [{ mark, at }];
  });
}

const one = (pixels: number): string => pixels.toFixed(1);

/** Names come from settings and chats: nothing in them is markup. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
