import { type Candle, TIMEFRAMES, type Timeframe } from "../../core/candle.ts";
import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { type Ticks, ticks } from "../../core/units.ts";
import { dayTime } from "../format.ts";
import { boxOf, lineOf, MARGIN, svgOf, WIDTH, write } from "./canvas.ts";
import type { Level } from "./levels.ts";
import { drawLevels, heightOf, roundCounts, type Scale } from "./scale.ts";
import { PALETTES, type Palette, type Theme } from "./theme.ts";

const HEIGHT = 440;
const TOP = 58;
const BOTTOM = HEIGHT - 30;
const LEFT = MARGIN;
const RIGHT = 246;
/** Candles that can be told apart in this width. */
export const CHART_CANDLES = 60;

/** What a chart is drawn from: the same snapshot as the text under it. */
export interface ChartScene {
  readonly symbol: InstrumentId;
  readonly timeframe: Timeframe;
  readonly candles: readonly Candle[];
  readonly levels: readonly Level[];
  readonly mark: Ticks | undefined;
  readonly instrument: Instrument | undefined;
  /** Market time of the snapshot. */
  readonly at: number;
  readonly theme: Theme;
}

/**
 * What the price did, with the desk's own prices across it: entries, stops, take profits, liquidation. Levels far away from the
 * candles are named at the edge, so that the candles stay readable. Undefined while there is nothing to draw.
 */
export function chartPicture(scene: ChartScene): string | undefined {
  const { symbol, timeframe, mark, instrument, at, theme } = scene;
  const candles = scene.candles.slice(-CHART_CANDLES);
  const palette = PALETTES[theme];
  const now: readonly Level[] = mark === undefined ? [] : [{ at: mark, kind: "mark", what: "mark" }];
  const levels = [...now, ...scene.levels];
  const scale = scaleOf(candles, mark, levels);
  if (scale === undefined) return undefined;
  const width = WIDTH - 2 * MARGIN;
  const unit = instrument === undefined ? "" : `, price in ${instrument.quote}`;
  return svgOf(HEIGHT, palette, [
    write({ x: LEFT, y: 26, size: 17, color: palette.text, text: `${symbol} ${timeframe}`, width }),
    write({ x: LEFT, y: 44, size: 12, color: palette.muted, text: `${dayTime(at)}${unit}`, width }),
    ...drawLevels(
      { scale, left: LEFT, right: RIGHT, end: WIDTH - 4, instrument },
      [...levels, ...axis(scale)],
      palette,
      candlesOf(candles, timeframe, scale, palette),
    ),
    ...timesOf(candles, timeframe, palette),
  ]);
}

/** From the lowest to the highest candle, and as far beyond as levels are near. */
function scaleOf(
  candles: readonly Candle[],
  mark: Ticks | undefined,
  levels: readonly Level[],
): Scale | undefined {
  const inside = [
    ...candles.flatMap(({ high, low }) => [high, low]),
    ...(mark === undefined ? levels.slice(0, candles.length === 0 ? 1 : 0).map(({ at }) => at) : [mark]),
  ];
  const [low, high] = [inside.reduce(least, Infinity), inside.reduce(most, -Infinity)];
  if (low > high) return undefined;
  const reach = Math.max(high - low, Math.abs(high) / 200);
  const near = levels.map((level) => level.at).filter((at) => at >= low - reach && at <= high + reach);
  const [bottom, top] = [near.reduce(least, low), near.reduce(most, high)];
  const room = Math.max(1, (top - bottom) / 40);
  return { low: bottom - room, high: top + room, top: TOP, bottom: BOTTOM };
}

const least = (a: number, b: number): number => Math.min(a, b);
const most = (a: number, b: number): number => Math.max(a, b);

/** Round prices, named where there is room beside the desk's own. */
const axis = ({ low, high }: Scale): readonly Level[] =>
  roundCounts(low, high, 6).map((count) => ({ at: ticks(count), kind: "axis", what: "" }));

/** The middle of each candle; gaps in time are gaps in the picture, as far as there is room. */
function columnsOf(candles: readonly Candle[], timeframe: Timeframe): (at: number) => number {
  const span = TIMEFRAMES[timeframe];
  const last = candles.at(-1)?.openAt ?? 0;
  const first = Math.max(candles[0]?.openAt ?? 0, last - (CHART_CANDLES - 1) * span);
  const count = Math.max(20, (last - first) / span + 1);
  const step = (RIGHT - LEFT - 4) / count;
  return (at) => RIGHT - 4 - ((last - at) / span + 0.5) * step;
}

function candlesOf(
  candles: readonly Candle[],
  timeframe: Timeframe,
  scale: Scale,
  palette: Palette,
): readonly string[] {
  const column = columnsOf(candles, timeframe);
  const half = Math.min(4, Math.max(1, ((RIGHT - LEFT) / Math.max(20, candles.length)) * 0.35));
  return candles
    .filter(({ openAt }) => column(openAt) >= LEFT)
    .flatMap(({ openAt, open, high, low, close }) => {
      const color = close >= open ? palette.rising : palette.falling;
      const x = column(openAt);
      const [top, bottom] = [heightOf(scale, Math.max(open, close)), heightOf(scale, Math.min(open, close))];
      return [
        lineOf([x, heightOf(scale, high), x, heightOf(scale, low)], color),
        boxOf([x - half, top, 2 * half, Math.max(1, bottom - top)], color),
      ];
    });
}

/** The open times of the first, the middle and the last candle. */
function timesOf(candles: readonly Candle[], timeframe: Timeframe, palette: Palette): readonly string[] {
  const column = columnsOf(candles, timeframe);
  const seen = candles.filter(({ openAt }) => column(openAt) >= LEFT);
  const picked = seen.length < 3 ? seen.slice(-1) : [seen[0], seen[Math.floor(seen.length / 2)], seen.at(-1)];
  return picked.flatMap((candle) => {
    if (candle === undefined) return [];
    const text = dayTime(candle.openAt);
    const x = Math.min(RIGHT - 16, Math.max(LEFT + 16, column(candle.openAt)));
    const shown = TIMEFRAMES[timeframe] >= TIMEFRAMES["4h"] ? text.slice(5, 10) : text.slice(11, 16);
    return [
      write({ x, y: BOTTOM + 18, size: 11, color: palette.muted, text: shown, width: 60, anchor: "middle" }),
    ];
  });
}
