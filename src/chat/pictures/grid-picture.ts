import type { Instrument } from "../../core/instrument.ts";
import type { Ticks } from "../../core/units.ts";
import type { GridView } from "../../desk/snapshot.ts";
import { MARGIN, svgOf, WIDTH, write } from "./canvas.ts";
import { gridLevels, type Level } from "./levels.ts";
import { drawLevels } from "./scale.ts";
import { PALETTES, type Theme } from "./theme.ts";

const HEIGHT = 400;
const LINES_END = 140;

/** What a picture of a grid is drawn from: the same snapshot as the text beside it. */
export interface GridScene {
  readonly title: string;
  readonly grid: GridView;
  readonly mark: Ticks | undefined;
  readonly instrument: Instrument | undefined;
  readonly theme: Theme;
}

/**
 * A grid as SVG, the price upwards: rungs that hold and that wait, their closes, stops and hedges, the stop and the pause price, and
 * the mark price. Undefined while there is nothing to draw.
 */
export function gridPicture({ title, grid, mark, instrument, theme }: GridScene): string | undefined {
  const palette = PALETTES[theme];
  const now: readonly Level[] = mark === undefined ? [] : [{ at: mark, kind: "mark", what: "mark" }];
  const levels = [...gridLevels(grid, instrument), ...now];
  if (levels.length === 0) return undefined;
  const prices = levels.map(({ at }) => at).sort((a, b) => a - b);
  const scale = { low: prices[0] ?? 0, high: prices.at(-1) ?? 0, top: 56, bottom: HEIGHT - 18 };
  return svgOf(HEIGHT, palette, [
    write({ x: MARGIN, y: 28, size: 16, color: palette.text, text: title, width: WIDTH - 2 * MARGIN }),
    ...drawLevels(
      { scale, left: MARGIN, right: LINES_END, end: WIDTH - MARGIN, instrument },
      levels,
      palette,
    ),
  ]);
}
