import { boxOf, lineOf, MARGIN, svgOf, WIDTH, write } from "./canvas.ts";
import { PALETTES, type Palette, type Theme } from "./theme.ts";

/** A bar with words above it. */
export interface ExposureBar {
  readonly name: string;
  readonly amount: string;
  /** Of what a full bar stands for; undefined: not known. More than 1 is a full bar with a mark at its end. */
  readonly part: number | undefined;
  readonly look: "long" | "short" | "other" | "purse";
}

/** Bars of one kind, the first ones at least, and how many there are in all. */
export interface Bars {
  readonly first: readonly ExposureBar[];
  readonly count: number;
}

/** What an account's exposure is drawn from: the same figures as the text under it. */
export interface ExposureScene {
  readonly title: string;
  readonly subtitle: string;
  /** What a full bar of a position, and of a purse, stands for. */
  readonly positionsScale: string;
  readonly positions: Bars;
  readonly purses: Bars;
  readonly theme: Theme;
}

/** Bars that a phone shows without scrolling. */
export const BARS_MOST = 10;
const ROW = 36;
const HEAD = 26;

/** What is held, a bar for each position, and how far each purse is used. Undefined while there is neither. */
export function exposurePicture(scene: ExposureScene): string | undefined {
  const palette = PALETTES[scene.theme];
  const { positions, purses } = scene;
  if (positions.count === 0 && purses.count === 0) return undefined;
  const width = WIDTH - 2 * MARGIN;
  const parts = [
    write({ x: MARGIN, y: 26, size: 17, color: palette.text, text: scene.title, width }),
    write({ x: MARGIN, y: 44, size: 12, color: palette.muted, text: scene.subtitle, width }),
  ];
  let y = 64;
  const section = (heading: string, { first, count }: Bars, none: string, noun: string): void => {
    parts.push(write({ x: MARGIN, y: y + 8, size: 12, color: palette.muted, text: heading, width }));
    y += HEAD;
    const shown = first.slice(0, BARS_MOST);
    for (const bar of shown) {
      parts.push(...row(bar, y, palette));
      y += ROW;
    }
    const more = count - shown.length;
    const note =
      count === 0 ? none : more > 0 ? `and ${more.toLocaleString("en-US")} more ${noun}` : undefined;
    if (note === undefined) return;
    parts.push(write({ x: MARGIN, y: y + 6, size: 12, color: palette.text, text: note, width }));
    y += HEAD;
  };
  section(`Positions, full bar: ${scene.positionsScale}`, positions, "nothing is held", "positions");
  if (purses.count > 0) section("Purses, full bar: all of the purse is used", purses, "", "purses");
  return svgOf(y + 8, palette, parts);
}

const COLORS = { long: "rising", short: "falling", other: "muted", purse: "held" } as const;

function row({ name, amount, part, look }: ExposureBar, y: number, palette: Palette): readonly string[] {
  const full = WIDTH - 2 * MARGIN;
  const color = palette[COLORS[look]];
  const shown = Math.min(1, Math.max(0, part ?? 0));
  const half = full / 2 - 4;
  return [
    write({ x: MARGIN, y: y + 4, size: 13, color: palette.text, text: name, width: half }),
    write({
      x: WIDTH - MARGIN,
      y: y + 4,
      size: 13,
      color: palette.text,
      text: amount,
      width: half,
      anchor: "end",
    }),
    boxOf([MARGIN, y + 10, full, 12], palette.line),
    boxOf([MARGIN, y + 10, full * shown, 12], color),
    ...(part !== undefined && part > 1
      ? [
          lineOf([WIDTH - MARGIN - 2, y + 7, WIDTH - MARGIN - 2, y + 25], palette.danger, {
            width: 4,
          }),
        ]
      : []),
  ];
}
