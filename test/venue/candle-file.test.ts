import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { millis, rate } from "../../src/core/units.ts";
import { parseCandles, readCandleFile } from "../../src/venue/candle-file.ts";
import { candleMarket } from "../../src/venue/candle-walk.ts";
import type { MarketPoint } from "../../src/venue/market-source.ts";
import { namedMarket } from "../../src/venue/named-market.ts";
import { BTC, exchangeOf, limit, START, yes } from "./scripted-market.ts";

const folder = mkdtempSync(join(tmpdir(), "candles-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = "open_time_ms,open,high,low,close,volume";
const line = (minute: number, rest = "100,110,95,105,3"): string => `${START + minute * 60_000},${rest}`;
const parse = (...lines: string[]) => parseCandles([...lines, ""].join("\n"), "c.csv");
const fault = (...lines: string[]): string => {
  const reading = parse(...lines);
  return reading.ok ? "fine" : `${reading.fault}: ${reading.message}`;
};

describe("a candle file", () => {
  it("is read plain or packed, with further columns and Windows line ends", () => {
    const text = [`${HEADER},trades`, `${line(0)},7`, `${line(1)},8`, ""].join("\r\n");
    for (const [name, bytes] of [
      ["a.csv", text],
      ["a.csv.gz", gzipSync(text)],
    ] as const) {
      writeFileSync(join(folder, name), bytes);
      expect(readCandleFile(join(folder, name))).toEqual({
        ok: true,
        candleMs: 60_000,
        candles: [0, 1].map((minute) => ({
          openAt: START + minute * 60_000,
          open: 100,
          high: 110,
          low: 95,
          close: 105,
          volume: 3,
        })),
      });
    }
  });

  it("tells each mistake in one sentence that names the place", () => {
    expect(fault("time,open", line(0))).toBe(
      `badHeader: candle file c.csv must start with the header ${HEADER}, not "time,open"`,
    );
    expect(fault(HEADER)).toBe("empty: candle file c.csv has a header but no candles");
    expect(fault(HEADER, line(0), line(1, "100,110,95,1o5,3"))).toBe(
      'badNumber: candle file c.csv, line 3: close "1o5" is not a fitting number',
    );
    expect(fault(HEADER, line(0, "100,110,,105,3"))).toBe(
      'badNumber: candle file c.csv, line 2: low "" is not a fitting number',
    );
    expect(fault(HEADER, line(0, "100,110,95,105,-3"))).toContain('volume "-3"');
    expect(fault(HEADER, line(0, "0,110,95,105,3"))).toContain('open "0"');
    expect(fault(HEADER, line(0, "100,94,95,105,3"))).toBe(
      "badRange: candle file c.csv, line 2: high 94 is below low 95",
    );
    expect(fault(HEADER, line(0, "100,110,95,111,3"))).toContain("outside of low 95 to high 110");
    expect(fault(HEADER, line(0), line(1), line(4))).toBe(
      "gap: candle file c.csv, line 4: there is a gap, the candle after 2025-01-01T00:01:00Z is 2025-01-01T00:04:00Z, not 60 s later; fill it or cut the file there",
    );
    expect(fault(HEADER, line(1), line(0))).toBe(
      "backwardTime: candle file c.csv, line 3: time goes back, 2025-01-01T00:00:00Z does not come after 2025-01-01T00:01:00Z",
    );
    expect(fault(HEADER, line(0), line(0))).toContain("backwardTime");
  });

  it("that is not there, or broken, is a sentence too, also through the market's name", () => {
    writeFileSync(join(folder, "torn.csv.gz"), gzipSync(HEADER).subarray(0, 20));
    for (const name of ["none.csv", "torn.csv.gz"]) {
      const path = join(folder, name);
      const reading = readCandleFile(path);
      expect(reading).toMatchObject({ ok: false, fault: "unreadable" });
      expect(namedMarket(path, [BTC])).toEqual({ ok: false, message: reading.ok ? "" : reading.message });
      expect(reading.ok ? "" : reading.message).toContain(`candle file ${path} can't be read: `);
    }
    expect(namedMarket("synthetic:abc", [BTC])).toMatchObject({ ok: false });
    expect(namedMarket("synthetic:7", [BTC])).toMatchObject({ ok: true, instruments: [BTC] });
  });
});

const points = (candle: string, candleMs = 60_000): MarketPoint[] => {
  const reading = parse(HEADER, line(0, candle));
  if (!reading.ok) throw new Error(reading.message);
  const market = candleMarket({ instrument: BTC, candles: reading.candles, candleMs });
  const found: MarketPoint[] = [];
  for (let point = market.next(); point !== undefined; point = market.next()) found.push(point);
  return found;
};

describe("the walk through a candle", () => {
  const path = (candle: string): number[] => points(candle).map((point) => point.price / 10);

  it("goes open, nearer extreme, other extreme, close; the low first when both are as near", () => {
    expect(path("100,103,90,95,1")).toEqual([100, 103, 90, 95]);
    expect(path("100,110,97,105,1")).toEqual([100, 97, 110, 105]);
    expect(path("100,105,95,101,1")).toEqual([100, 95, 105, 101]);
  });

  it("stands on the open time, a third, two thirds and the last millisecond, and trades the whole volume", () => {
    const walked = points("100,105,95,101,1.003");
    expect(walked.map((point) => point.at - START)).toEqual([0, 20_000, 40_000, 59_999]);
    expect(walked.map((point) => point.lots)).toEqual([250, 250, 250, 253]);
    expect(walked.map((point) => point.isLast)).toEqual([false, false, false, true]);
  });

  it("puts prices that are off the tick on the nearest one", () => {
    expect(path("100.04999,100.16,99.94,100.05,1")).toEqual([100, 99.9, 100.2, 100.1]);
  });

  it("gives the exchange exactly the file's candles back, also joined to longer ones, and ends with a word", () => {
    const reading = parse(
      HEADER,
      ...[0, 1, 2, 3, 4, 5].map((minute) => line(minute, `${100 + minute},110,95,105,3`)),
    );
    if (!reading.ok) throw new Error(reading.message);
    const { exchange, told } = exchangeOf(
      candleMarket({ instrument: BTC, ...reading, funding: [{ at: millis(START), rate: rate(5) }] }),
    );
    expect(exchange.mark("BTCUSDT").fundingRate).toBe(5);
    while (exchange.step(millis(START + 3_600_000)));
    const candles = exchange.candles("BTCUSDT", 60_000, {});
    expect(
      candles.map((candle) => [candle.open, candle.high, candle.low, candle.close, candle.volume]),
    ).toEqual([0, 1, 2, 3, 4, 5].map((minute) => [1000 + 10 * minute, 1100, 950, 1050, 3000]));
    expect(exchange.candles("BTCUSDT", 300_000, {})).toMatchObject([
      {
        openAt: START,
        closeAt: START + 299_999,
        open: 1000,
        high: 1100,
        low: 950,
        close: 1050,
        volume: 15_000,
      },
      { openAt: START + 300_000, open: 1050, volume: 3000 },
    ]);
    expect(exchange.candles("BTCUSDT", 30_000, {})).toEqual([]);
    expect(exchange.candles("BTCUSDT", 60_000, { limit: 2 })).toHaveLength(2);
    expect(exchange.candlesWalked("BTCUSDT")).toBe(6);
    expect(told.at(-1)).toMatchObject({ type: "ended", reason: "marketFileEnd" });
    expect([exchange.nextStepAt(), exchange.step(millis(START + 9e9))]).toEqual([undefined, false]);
  });

  it("fills an entry on the way down and a take profit placed at once on the way up in the same candle", () => {
    const reading = parse(HEADER, line(0, "60000,60400,59600,60100,50"));
    if (!reading.ok) throw new Error(reading.message);
    const { exchange } = exchangeOf(candleMarket({ instrument: BTC, ...reading }));
    exchange.listen((event) => {
      if (event.type !== "order" || event.order.clientId !== "entry" || event.order.status !== "filled")
        return;
      yes(exchange.place("a", limit("sell", 60_200, 10, { clientId: "exit", reduceOnly: true })));
    });
    yes(exchange.place("a", limit("buy", 59_800, 10, { clientId: "entry" })));
    while (exchange.step(millis(START + 3_600_000)));
    expect(exchange.trades("a", {}).map((trade) => [trade.side, trade.price, trade.at - START])).toEqual([
      ["buy", 598_000, 20_000],
      ["sell", 602_000, 40_000],
    ]);
  });
});
