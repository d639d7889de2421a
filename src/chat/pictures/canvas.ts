import { oneLine } from "../layout.ts";
import type { Palette } from "./theme.ts";

/** Pictures are drawn as wide as a phone shows them, so that a size in here is a size there. */
export const WIDTH = 390;
/** Free space at both sides. */
export const MARGIN = 10;
/** Texts smaller than this can't be read on a phone. */
const SIZE_LEAST = 11;
/** Phones have about three dots where a picture has one unit. */
const DOTS = 3;
/** The width of every letter of the font, as a part of its size. */
const LETTER = 0.54;
const FONT = "Share Tech Mono";

/** A whole picture. */
export const svgOf = (height: number, { background }: Palette, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH * DOTS}" height="${height * DOTS}" viewBox="0 0 ${WIDTH} ${height}" font-family="${FONT}">`,
    `<rect width="${WIDTH}" height="${height}" fill="${background}"/>`,
    ...parts,
    "</svg>",
  ].join("\n");

/** A text and where it stands; what does not fit into `width` is cut, and says so with "…". */
export interface Writing {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly color: string;
  readonly text: string;
  readonly width: number;
  readonly anchor?: "start" | "middle" | "end";
}

/** A text as SVG: smaller where it would be too wide, then cut. */
export function write({ x, y, size, color, text, width, anchor = "start" }: Writing): string {
  const letters = [...drawable(text)];
  const wanted = width / (letters.length * LETTER);
  const fitting = Math.max(SIZE_LEAST, Math.min(size, Math.floor(wanted * 2) / 2));
  const most = Math.max(1, Math.floor(width / (fitting * LETTER)));
  const shown = letters.length > most ? [...letters.slice(0, most - 1), "…"] : letters;
  return `<text x="${dot(x)}" y="${dot(y)}" fill="${color}" font-size="${fitting}" text-anchor="${anchor}">${escaped(shown.join(""))}</text>`;
}

/** A straight line as SVG. */
export const lineOf = (
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  color: string,
  { width = 1, dash = "" }: { readonly width?: number; readonly dash?: string } = {},
): string =>
  `<line x1="${dot(x1)}" y1="${dot(y1)}" x2="${dot(x2)}" y2="${dot(y2)}" stroke="${color}" stroke-width="${width}"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>`;

/** A filled rectangle as SVG. */
export const boxOf = (
  [x, y, width, height]: readonly [number, number, number, number],
  color: string,
  opacity = 1,
): string =>
  `<rect x="${dot(x)}" y="${dot(y)}" width="${dot(Math.max(0, width))}" height="${dot(Math.max(0, height))}" fill="${color}"${opacity === 1 ? "" : ` fill-opacity="${opacity}"`}/>`;

/** A number of units with a tenth. */
export const dot = (units: number): string => units.toFixed(1);

/** The font has Latin letters: what it can't draw is a "?", so that nobody takes a gap for nothing. */
const drawable = (text: string): string =>
  oneLine(text).replaceAll(/[^ -~\u00a0-\u00ff\u2013\u2014…]/gu, "?");

/** Names come from settings, exchanges and chats: nothing in them is markup. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
