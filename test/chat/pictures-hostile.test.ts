import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { chartPicture } from "../../src/chat/pictures/chart-picture.ts";
import { equityPicture } from "../../src/chat/pictures/equity-picture.ts";
import { exposurePicture } from "../../src/chat/pictures/exposure-picture.ts";
import type { Level, LevelKind } from "../../src/chat/pictures/levels.ts";
import { LOOKS } from "../../src/chat/pictures/levels.ts";
import { pngOf } from "../../src/chat/pictures/raster.ts";
import { PALETTES, THEMES } from "../../src/chat/pictures/theme.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { TIMEFRAMES, type Timeframe } from "../../src/core/candle.ts";
import { lots, millis, ticks, value } from "../../src/core/units.ts";
import {
  bitcoin,
  DeskOfOneCard,
  GRID_VIEW,
  ManualClock,
  NO_ALERTS,
  NO_CARDS,
  NO_CODES,
  snapshot,
} from "./desk.ts";

const nasty = fc.oneof(
  fc.constantFrom(
    "</text><script>alert(1)</script>",
    "&lt;&amp;<",
    "]]><![CDATA[",
    '" onload="x',
    "\ud83d\ude80".repeat(50),
    "\ud83d",
    "\u202Eevil\u200b",
    "\u0000\u001b[31mred",
    "**_~~||`[a](http://evil.example)",
    "1000000000000PEPE".repeat(40),
    "",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const theme = fc.constantFrom(...THEMES);
const count = fc.oneof(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: 2 ** 52 }));
const level: fc.Arbitrary<Level> = fc.record({
  at: count.map(ticks),
  kind: fc.constantFrom(...(Object.keys(LOOKS) as LevelKind[])),
  what: nasty,
});
const candle = fc
  .tuple(count, count, count, count, fc.integer({ min: 0, max: 2 ** 42 }))
  .map(([open, high, low, close, at]) => ({
    openAt: millis(at),
    open: ticks(open),
    high: ticks(Math.max(open, high, low, close)),
    low: ticks(Math.min(open, high, low, close)),
    close: ticks(close),
  }));

/** What a picture may never hold: another letter than the font has, a number that is none, markup of a name. */
function check(svg: string | undefined): void {
  if (svg === undefined) return;
  expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|onload="/);
  expect(svg.length).toBeLessThan(400_000);
  const texts = svg.matchAll(
    /<text x="([\d.-]+)" y="[\d.-]+" fill="#\w+" font-size="([\d.]+)" text-anchor="(\w+)">([^<]*)<\/text>/g,
  );
  for (const [, x = "", size = "", anchor = "", text = ""] of texts) {
    const letters = text.replaceAll(/&\w+;/g, "&").length;
    const width = letters * Number(size) * 0.54;
    const left =
      anchor === "end" ? Number(x) - width : anchor === "middle" ? Number(x) - width / 2 : Number(x);
    expect(Number(size), text).toBeGreaterThanOrEqual(11);
    expect(left, text).toBeGreaterThanOrEqual(0);
    expect(left + width, text).toBeLessThanOrEqual(390.5);
  }
}

describe("whatever is drawn", () => {
  test("a chart stays inside its width, with letters that can be read, and is a picture", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          symbol: nasty,
          timeframe: fc.constantFrom(...(Object.keys(TIMEFRAMES) as Timeframe[])),
          candles: fc.array(candle, { maxLength: 80 }),
          levels: fc.array(level, { maxLength: 60 }),
          mark: fc.option(count.map(ticks), { nil: undefined }),
          instrument: fc.option(
            nasty.map((quote) => ({ ...bitcoin, quote })),
            { nil: undefined },
          ),
          at: fc.integer({ min: 0, max: 2 ** 42 }),
          theme,
        }),
        async (scene) => {
          const candles = [...scene.candles].sort((a, b) => a.openAt - b.openAt);
          const svg = chartPicture({ ...scene, candles });
          check(svg);
          if (svg !== undefined) expect((await pngOf(svg)).subarray(1, 4).toString()).toBe("PNG");
        },
      ),
      { numRuns: 25, seed: 21 },
    );
  });

  test("so does a course of equity", () => {
    const point = fc.tuple(count, count, count).map(([a, b, peak]) => ({
      low: value(Math.min(a, b)),
      high: value(Math.max(a, b)),
      last: value(a),
      peak: value(peak),
    }));
    fc.assert(
      fc.property(fc.array(point, { maxLength: 720 }), nasty, theme, (found, asset, look) => {
        const points = found.map((each, at) => ({
          ...each,
          at: millis(at * 60_000),
          to: millis(at * 60_000),
        }));
        check(equityPicture({ points, asset, theme: look }));
      }),
      { numRuns: 60, seed: 22 },
    );
  });

  test("and bars of exposure, however many", () => {
    const bar = fc.record({
      name: nasty,
      amount: nasty,
      part: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
      look: fc.constantFrom("long" as const, "short" as const, "purse" as const),
    });
    fc.assert(
      fc.property(
        fc.array(bar, { maxLength: 40 }),
        fc.array(bar, { maxLength: 40 }),
        nasty,
        theme,
        (a, b, text, look) => {
          const scene = {
            title: text,
            subtitle: text,
            positionsScale: text,
            positions: { first: a, count: a.length },
            purses: { first: b, count: b.length },
            theme: look,
          };
          check(exposurePicture(scene));
        },
      ),
      { numRuns: 60, seed: 23 },
    );
  });

  test("ten thousand positions, rungs and orders under hostile names are drawn in a moment, and say how many are left out", async () => {
    const clock = new ManualClock();
    const door = new DeskOfOneCard(clock);
    const plain = snapshot();
    const id = `<b>"&${"LONG".repeat(300)}\ud83d\ude80`;
    const [book] = plain.books;
    const [order] = plain.orders;
    const [engine] = plain.engines;
    const [, rung] = GRID_VIEW.rungs;
    if (book === undefined || order === undefined || engine === undefined || rung === undefined)
      throw new Error("the desk is empty");
    const many = <T>(make: (at: number) => T): T[] => Array.from({ length: 10_000 }, (_, at) => make(at));
    door.view = snapshot({
      instruments: [{ ...bitcoin, id }],
      books: many((at) => ({ ...book, instrument: id, lots: lots(at + 1), entry: ticks(900_000 + at * 17) })),
      orders: many((at) => ({ ...order, instrument: id, role: "foreign", price: ticks(800_000 + at * 31) })),
      engines: many((at) => ({
        ...engine,
        engine: `${id}${at}`,
        instrument: id,
        grid: { ...GRID_VIEW, rungs: [{ ...rung, entry: ticks(950_000 + at) }] },
      })),
    });
    const runner = new CommandRunner({
      registry: commands,
      alerts: NO_ALERTS,
      cards: NO_CARDS,
      people: NO_CODES,
      commandsPerMinute: 600,
      door,
      clock,
      log: () => undefined,
      audit: () => undefined,
    });
    const actor = { person: "a", role: "viewer", platform: "telegram" } as const;
    for (const name of ["chart", "exposure"]) {
      const started = process.cpuUsage();
      const { picture, title } = await runner.run({ name, input: [], actor });
      const png = await pngOf(picture?.svg ?? "");
      // In CPU time: what else the machine does must not count.
      expect(process.cpuUsage(started).user / 1_000).toBeLessThan(3_000);
      expect(title).not.toBe("Not done");
      check(picture?.svg);
      expect([png.readUInt32BE(16), png.readUInt32BE(20) < 3_000]).toEqual([1_170, true]);
      if (name === "exposure") expect(picture?.svg).toContain("and 9,990 more positions");
    }
  });
});

test("every colour stands out from its background: texts by 4.5 to 1", () => {
  const light = (color: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const look of THEMES) {
    const { background, line: _, ...colors } = PALETTES[look];
    for (const [name, color] of Object.entries(colors)) {
      const [a, b] = [light(color), light(background)].sort((one, other) => other - one);
      expect(((a ?? 0) + 0.05) / ((b ?? 0) + 0.05), `${look} ${name}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});
