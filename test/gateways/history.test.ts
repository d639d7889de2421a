import { describe, expect, it } from "vitest";
import { walkHistory } from "../../src/gateways/binance/history.ts";

const DAY = 86_400_000;
const FROM = 1_746_057_600_000;
/** What time the exchange has. */
const NOW = FROM + 30 * DAY;
const ROWS = {
  "GET /fapi/v1/allOrders": { id: "orderId", time: "time" },
  "GET /fapi/v1/allAlgoOrders": { id: "algoId", time: "createTime" },
  "GET /fapi/v1/userTrades": { id: "id", time: "time" },
} as const;

interface Row {
  readonly id: number | string;
  readonly at: number;
  readonly side?: "BUY" | "SELL";
}
interface Asked {
  readonly name: string;
  readonly startTime: number;
  readonly endTime: number;
}

/** An exchange that remembers rows and answers as Binance does: a window of seven days, the oldest thousand. */
function exchange(
  remembered: Partial<Record<keyof typeof ROWS, readonly Row[]>>,
  options: { readonly isNewestFirst?: boolean; readonly page?: number } = {},
) {
  const { isNewestFirst = false, page = 1_000 } = options;
  const asked: Asked[] = [];
  const newest: string[] = [];
  const call = async (name: string, params: object): Promise<unknown> => {
    const { startTime, endTime, limit, symbol } = params as Record<string, number> & { symbol: string };
    expect(symbol).toBe("BTCUSDT");
    expect(limit).toBe(page);
    const { id, time } = ROWS[name as keyof typeof ROWS];
    const shown = (found: readonly Row[]) =>
      found.map((row) => ({ [id]: row.id, [time]: row.at, side: row.side ?? "BUY" }));
    const all = remembered[name as keyof typeof ROWS] ?? [];
    // Without a window the newest rows of the last seven days.
    if (startTime === undefined && endTime === undefined) {
      newest.push(name);
      return shown(all.filter((row) => row.at > NOW - 7 * DAY).slice(-1_000));
    }
    if (startTime === undefined || endTime === undefined) throw new Error("half a window");
    if (endTime - startTime > 7 * DAY) throw new Error("-1127: more than seven days");
    asked.push({ name, startTime, endTime });
    const inside = all.filter((row) => row.at >= startTime && row.at <= endTime);
    return shown(isNewestFirst ? inside.slice(-page) : inside.slice(0, page));
  };
  return { asked, newest, call };
}

const rows = (count: number, at: (index: number) => number): readonly Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1, at: at(index) }));
const ids = (found: readonly Readonly<Record<string, unknown>>[], field: string) =>
  found.map((row) => row[field]);

describe("an account's history is walked whole", () => {
  it("over windows of seven days, without a hole between them", async () => {
    const monthly = rows(31, (index) => FROM + index * DAY);
    const { call, asked } = exchange({
      "GET /fapi/v1/allOrders": monthly,
      "GET /fapi/v1/allAlgoOrders": monthly,
      "GET /fapi/v1/userTrades": monthly,
    });
    const walked = await walkHistory(call, "fapi", "BTCUSDT", FROM, FROM + 30 * DAY);
    const all = monthly.map(({ id }) => id);
    expect(ids(walked.orders, "orderId")).toEqual(all);
    expect(ids(walked.conditionals, "algoId")).toEqual(all);
    expect(ids(walked.trades, "id")).toEqual(all);
    const windows = asked.filter(({ name }) => name === "GET /fapi/v1/userTrades");
    expect(windows).toHaveLength(5);
    for (const [at, window] of windows.slice(1).entries())
      expect(window.startTime).toBe((windows[at]?.endTime ?? 0) + 1);
    expect(windows.at(-1)?.endTime).toBeGreaterThanOrEqual(FROM + 30 * DAY);
  });

  it("page by page, where a window holds more than a thousand rows, each row once and in order", async () => {
    const many = rows(2_500, (index) => FROM + Math.floor(index / 3) * 1_000);
    const { call } = exchange({ "GET /fapi/v1/userTrades": many });
    const walked = await walkHistory(call, "fapi", "BTCUSDT", FROM, FROM + DAY);
    expect(ids(walked.trades, "id")).toEqual(many.map(({ id }) => id));
  });

  it.each([false, true])(
    "whichever end of a window a full page is of (the newest rows: %s)",
    async (isNewestFirst) => {
      const many = rows(5_300, (index) => FROM + Math.floor(index / 7) * 90_000);
      const { call, asked } = exchange({ "GET /fapi/v1/userTrades": many }, { isNewestFirst });
      const walked = await walkHistory(call, "fapi", "BTCUSDT", FROM, FROM + DAY);
      expect(ids(walked.trades, "id")).toEqual(many.map(({ id }) => id));
      expect(asked.length).toBeLessThan(20);
    },
  );

  it("in pages of a hundred orders on COIN-M, which takes no larger ones", async () => {
    const limits = new Map<string, number>();
    const call = async (name: string, params: object): Promise<unknown> => {
      limits.set(name, (params as { readonly limit: number }).limit);
      return [];
    };
    await walkHistory(call, "dapi", "BTCUSD_PERP", FROM, FROM + DAY);
    expect([...limits]).toEqual([
      ["GET /dapi/v1/allOrders", 100],
      ["GET /dapi/v1/allAlgoOrders", 1_000],
      ["GET /dapi/v1/userTrades", 1_000],
    ]);
  });

  it("with both executions of two orders of the account that met: they share one id", async () => {
    const met = [
      { id: 7, at: FROM, side: "BUY" },
      { id: 8, at: FROM, side: "BUY" },
      { id: 8, at: FROM, side: "SELL" },
      { id: 9, at: FROM + 1, side: "SELL" },
    ] as const;
    const { call } = exchange({ "GET /fapi/v1/userTrades": met });
    const walked = await walkHistory(call, "fapi", "BTCUSDT", FROM, FROM + DAY);
    expect(walked.trades.map((row) => [row["id"], row["side"]])).toEqual([
      [7, "BUY"],
      [8, "BUY"],
      [8, "SELL"],
      [9, "SELL"],
    ]);
  });

  it("with ids of nineteen digits, which no number can hold, each once and in their order", async () => {
    const id = "8389765612825190229";
    const told = [
      { id: "8389765612825190230", at: FROM },
      { id, at: FROM },
      { id, at: FROM },
      { id: 999, at: FROM },
    ];
    const { call } = exchange({ "GET /fapi/v1/allOrders": told });
    const walked = await walkHistory(call, "fapi", "BTCUSDT", FROM, FROM + DAY);
    expect(ids(walked.orders, "orderId")).toEqual([999, id, "8389765612825190230"]);
  });

  it("and ends, even where a thousand rows share one millisecond", async () => {
    const crowd = [...rows(1_000, () => FROM), { id: 5_000, at: FROM + 1 }];
    const { call, asked } = exchange({ "GET /fapi/v1/userTrades": crowd });
    const walked = await walkHistory(call, "fapi", "BTCUSDT", FROM, FROM + 1_000);
    expect(walked.trades).toHaveLength(1_001);
    expect(asked.length).toBeLessThan(10);
  });

  it("up to its newest row while no market has said what time it is: a delisted one never will", async () => {
    const daily = rows(31, (index) => FROM + index * DAY);
    const { call, asked, newest } = exchange({ "GET /fapi/v1/allOrders": daily });
    const walked = await walkHistory(call, "fapi", "BTCUSDT", FROM, 0);
    expect(ids(walked.orders, "orderId")).toEqual(daily.map(({ id }) => id));
    expect([newest.length, asked.length]).toEqual([3, 15]);
    const unknown = exchange({ "GET /fapi/v1/allOrders": daily });
    const last = await walkHistory(unknown.call, "fapi", "BTCUSDT", 0, 0);
    expect(ids(last.orders, "orderId")).toEqual([25, 26, 27, 28, 29, 30, 31]);
    expect([unknown.newest.length, unknown.asked]).toEqual([3, []]);
  });

  it("asks at least once where nothing is known but its beginning", async () => {
    const { call, asked } = exchange({});
    await walkHistory(call, "fapi", "BTCUSDT", FROM, 0);
    expect(asked).toHaveLength(3);
  });

  it("fails whole when one page can't be read", async () => {
    let pages = 0;
    const { call } = exchange({ "GET /fapi/v1/userTrades": rows(1_500, (index) => FROM + index) });
    const failing = (name: string, params: object): Promise<unknown> => {
      pages += name === "GET /fapi/v1/userTrades" ? 1 : 0;
      return pages === 2 ? Promise.reject(new Error("reset")) : call(name, params);
    };
    await expect(walkHistory(failing, "fapi", "BTCUSDT", FROM, FROM + DAY)).rejects.toThrow("reset");
    await expect(walkHistory(async () => ({}), "fapi", "BTCUSDT", FROM, FROM)).rejects.toThrow("is no list");
    const nameless = async (): Promise<unknown> => [{ time: FROM }];
    await expect(walkHistory(nameless, "fapi", "BTCUSDT", FROM, FROM)).rejects.toThrow(
      'field "orderId" is missing',
    );
  });
});
