import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readCandles } from "../../src/backtest/candles.ts";
import { fundedMarket, readFundingFile } from "../../src/backtest/funding-file.ts";
import { runBacktest } from "../../src/backtest/runner.ts";
import { millis, rate } from "../../src/core/units.ts";
import { candleMarket } from "../../src/venue/candle-walk.ts";
import { BTC, START, setupOf, walk } from "./markets.ts";

const folder = mkdtempSync(join(tmpdir(), "perpdesk-candles-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HOUR = 3_600_000;
const write = (name: string, text: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const rows = walk({ seed: 1, candles: 120 });
const csv = (list: typeof rows): string =>
  `open_time_ms,open,high,low,close,volume\n${list.map((c) => [c.openAt, c.open, c.high, c.low, c.close, c.volume].join(",")).join("\n")}\n`;
const CHOICE = { known: ["BTCUSDT", "ETHUSDT"], otherwise: "BTCUSDT" };

describe("candle files", () => {
  const first = write("BTCUSDT-a.csv", csv(rows.slice(0, 60)));
  const second = write("BTCUSDT-b.csv.gz", gzipSync(csv(rows.slice(60))));
  const ether = write("ETHUSDT.csv", csv(rows));

  test("of one symbol follow each other, plain or gzip; others stand beside them", () => {
    const read = readCandles([first, second, ether], CHOICE);
    expect(read.ok && [...read.rows].map(([id, { candles }]) => [id, candles.length])).toEqual([
      ["BTCUSDT", 120],
      ["ETHUSDT", 120],
    ]);
  });

  test("are cut at both ends, the second left out", () => {
    const read = readCandles([first, second], { ...CHOICE, from: START + 600_000, to: START + 900_000 });
    expect(
      read.ok && read.rows.get("BTCUSDT")?.candles.map(({ openAt }) => (openAt - START) / 60_000),
    ).toEqual([10, 11, 12, 13, 14]);
  });

  test.each([
    [
      "in the wrong order",
      [second, first],
      /begins at 2025-01-01T00:00:00Z, not at 2025-01-01T02:00:00Z, where .*b\.csv\.gz ends/,
    ],
    [
      "of a time that they don't have",
      [first],
      /no candle of BTCUSDT lies within --from and --to: the files go from/,
    ],
    ["that are not there", [join(folder, "none.csv")], /can't be read: it does not exist, check the path/],
  ] as const)("%s are refused in one sentence", (what, paths, words) => {
    const read = readCandles(paths, what.includes("time") ? { ...CHOICE, from: START + 99 * HOUR } : CHOICE);
    expect(read).toMatchObject({ ok: false, message: expect.stringMatching(words) });
  });
});

describe("funding", () => {
  const file = (lines: string): string => write("funding.csv", `time_ms,rate\n${lines}`);
  const line = (hour: number, part: string): string => `${START + hour * HOUR + 3},${part}\n`;

  test("lines lie on the interval that all of them share", () => {
    const read = readFundingFile(file(line(8, "0.0001") + line(12, "-0.00025") + line(20, "1e-4")));
    expect(read).toMatchObject({ ok: true, intervalMs: 4 * HOUR });
    expect(read.ok && read.lines.map(({ at, rate: part }) => [(at - START) / HOUR, part])).toEqual([
      [8, 10_000],
      [12, -25_000],
      [20, 10_000],
    ]);
  });

  test.each([
    ["time,rate\n", /must start with the header time_ms,rate, not "time,rate"/],
    ["time_ms,rate\n", /has a header but no rates/],
    [`time_ms,rate\n${line(8, "much")}`, /line 2: rate "much" is no rate like 0.0001/],
    [`time_ms,rate\n${line(8, "0")}${line(4, "0")}`, /line 3: time goes back, sort the file by time_ms/],
    ["time_ms,rate\nnoon,0.1\n", /line 2: time_ms "noon" is no time/],
  ])("a wrong file is refused in one sentence: %#", (text, words) => {
    const read = readFundingFile(write("wrong.csv", text));
    expect(read).toMatchObject({ ok: false, message: expect.stringMatching(words) });
  });

  test("each rate is paid once at its own time, nothing in between, and the standing rate outside", () => {
    const lines = [
      { at: millis(START + 4 * HOUR), rate: rate(30_000) },
      { at: millis(START + 12 * HOUR), rate: rate(-20_000) },
    ];
    const market = candleMarket({ instrument: BTC.instrument, candles: rows, candleMs: 60_000 });
    const funded = fundedMarket(market, lines);
    const at = (hour: number) => funded.fundingRate?.("BTCUSDT", millis(START + hour * HOUR));
    expect([4, 8, 12].map(at)).toEqual([30_000, 0, -20_000]);
    expect([0, 2, 16, 20].map(at)).toEqual([undefined, 0, undefined, 0]);
  });

  test("is what the wallet has of it: a rate ten times as high costs ten times as much", () => {
    const candles = walk({ seed: 3, candles: 600 });
    const paid = (part: number): number => {
      const lines = [{ at: millis(START + 8 * HOUR), rate: rate(part) }];
      const market = fundedMarket(
        candleMarket({ instrument: BTC.instrument, candles, candleMs: 60_000 }),
        lines,
      );
      return runBacktest(setupOf(candles, {}, { market })).balance.funding;
    };
    const once = paid(10_000);
    expect(once).toBeLessThan(0);
    expect(Math.abs(paid(100_000) - 10 * once)).toBeLessThanOrEqual(10);
    expect(paid(-10_000)).toBeGreaterThan(0);
  });
});
