import { describe, expect, test } from "vitest";
import { gridPicture } from "../../src/chat/pictures/grid-picture.ts";
import { pngOf } from "../../src/chat/pictures/raster.ts";
import { millis, ticks } from "../../src/core/units.ts";
import type { GridView } from "../../src/desk/snapshot.ts";
import { bitcoin, GRID_VIEW, NOON } from "./desk.ts";

const scene = (grid: Partial<GridView> = {}, title = "grid1: buy BTCUSDT at 14:03:20 UTC") => ({
  title,
  grid: { ...GRID_VIEW, ...grid },
  mark: ticks(972_000),
  instrument: bitcoin,
  theme: "dark" as const,
});
const texts = (svg: string | undefined): string[] =>
  [...(svg ?? "").matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
const labels = (svg: string | undefined): number[] =>
  [...(svg ?? "").matchAll(/<text x="150.0" y="([\d.]+)"/g)]
    .map(([, y = ""]) => Number(y))
    .sort((a, b) => a - b);

describe("the picture of a grid", () => {
  test("shows each rung, its close and stop, and the mark price, as the text does", () => {
    expect(
      texts(gridPicture(scene({ stopPrice: ticks(940_000), pausePrice: ticks(945_000) }))).sort(),
    ).toEqual([
      "94,000.0 stop price",
      "94,500.0 pause price",
      "95,180.9 stop",
      "96,900.0 entry waits",
      "97,123.4 holds 0.010 BTC",
      "97,200.0 mark",
      "98,000.0 take profit",
      "grid1: buy BTCUSDT at 14:03:20 UTC",
    ]);
  });

  test("higher prices stand higher, and no label stands over another, with a hundred rungs too", () => {
    const [, held] = GRID_VIEW.rungs;
    if (held === undefined) throw new Error("no rung holds");
    const rungs = Array.from({ length: 100 }, (_, at) => ({
      ...held,
      index: at,
      entry: ticks(960_000 + at * 50),
      closes: [],
      stop: ticks(940_000 + at * 50),
      ...(at === 50 ? { stuckSince: millis(NOON), stage: "stuck" as const } : {}),
    }));
    const svg = gridPicture(scene({ rungs }));
    const at = labels(svg);
    expect(at.length).toBeGreaterThan(15);
    for (const [index, y] of at.slice(1).entries()) expect(y - (at[index] ?? 0)).toBeGreaterThanOrEqual(14.9);
    expect(texts(svg)).toContain("97,200.0 mark");
    expect(texts(svg)).toContain("96,250.0 holds 0.010 BTC, stuck");
  });

  test("a name is never markup, and without a price there is no picture", () => {
    const svg = gridPicture(scene({}, '<script>"&'));
    expect(texts(svg)[0]).toBe("&lt;script&gt;&quot;&amp;");
    expect(gridPicture({ ...scene({ rungs: [] }), mark: undefined })).toBeUndefined();
  });

  test("becomes a PNG with its own font: text leaves marks where no font of the machine is used", async () => {
    const png = await pngOf(gridPicture(scene()) ?? "");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1_170, 1_200]);
    const svg = (text: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40" font-family="Share Tech Mono"><text x="4" y="30" font-size="24">${text}</text></svg>`;
    const [one, none, other] = await Promise.all(
      ["97,200.0", "", "97,200.1"].map((text) => pngOf(svg(text))),
    );
    expect([none, other].some((each) => each !== undefined && one?.equals(each))).toBe(false);
    await expect(pngOf("no picture")).rejects.toThrow();
  });
});
