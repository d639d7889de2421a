import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { main } from "../../src/cli/perpdesk.ts";
import { walk } from "../backtest/markets.ts";

const folder = mkdtempSync(join(tmpdir(), "perpdesk-backtest-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const at = (name: string): string => join(folder, name);
const candles = walk({ seed: 2, candles: 2_000 });
writeFileSync(
  at("BTCUSDT-1m.csv"),
  `open_time_ms,open,high,low,close,volume\n${candles.map((c) => [c.openAt, c.open, c.high, c.low, c.close, c.volume].join(",")).join("\n")}\n`,
);

async function run(...args: readonly string[]) {
  const said = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.out += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.err += text;
    return true;
  });
  const code = await main(["backtest", ...args]);
  vi.restoreAllMocks();
  return { code, ...said };
}

const GOOD = ["--engine", "grid-btc", "--candles", at("BTCUSDT-1m.csv")];

const KEYS =
  "engine config symbol from to candles seed startEquity endEquity netPnl fees funding trades winRate profitFactor averageTradePercent sharpe sortino maxDrawdownPercent marginUseMax stops stuck recovered liquidations fills buyAndHoldPercent stateHash seconds";

describe("perpdesk backtest", () => {
  test("prints one document with exactly the keys that are promised", async () => {
    const { code, out } = await run(...GOOD, "--json");
    expect(code).toBe(0);
    const told = JSON.parse(out);
    expect(Object.keys(told)).toEqual(KEYS.split(" "));
    expect(told).toMatchObject({
      engine: "grid-btc",
      symbol: "BTCUSDT",
      from: "2025-01-01T00:00:00Z",
      to: "2025-01-02T09:19:59.999Z",
      candles: 2_000,
      seed: 1,
      startEquity: 10_000,
      liquidations: 0,
    });
    expect(told.endEquity - told.startEquity).toBeCloseTo(told.netPnl, 8);
    expect(told.trades).toBeGreaterThan(50);
    expect(told.funding).not.toBe(0);
  });

  test("says the same to a person, and writes trades, equity and a page that needs nothing from elsewhere", async () => {
    const files = ["--trades", at("t.csv"), "--equity", at("e.csv"), "--html", at("p.html")];
    const { code, out } = await run(...GOOD, ...files);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^grid-btc on BTCUSDT, 2025-01-01T00:00:00Z to .*: 2000 candles in [\d.]+ s\.\nNet [+-]/,
    );
    const trades = readFileSync(at("t.csv"), "utf8").trim().split("\n");
    expect(trades[0]).toBe(
      "engine,symbol,rung,side,opened,closed,size,entry,exit,pnl,fees,net,closed_by,stuck_since",
    );
    expect(trades[1]?.split(",")).toHaveLength(14);
    expect(Number(/(\d+) trades/.exec(out)?.[1])).toBe(trades.length - 1);
    expect(readFileSync(at("e.csv"), "utf8").trim().split("\n")).toHaveLength(2_001);
    const page = readFileSync(at("p.html"), "utf8");
    expect(page).toMatch(/<svg[\s\S]*<path class="equity" d="M[\d .L-]+"/);
    expect(page.match(/<circle class="entry"/g)?.length).toBeGreaterThan(50);
    expect(page).not.toMatch(/<script|https?:|src=|@import|NaN|Infinity|undefined/);
  });

  test.each([
    [[], 2, /needs --engine NAME/],
    [["--engine", "grid-btc"], 2, /needs --candles FILE/],
    [[...GOOD, "--from", "yesterday"], 2, /--from "yesterday" is no time; write e\.g\. 2023-07-18/],
    [[...GOOD, "--seed=-1"], 2, /--seed "-1" is no whole number/],
    [[...GOOD, "--seed", "x"], 2, /--seed "x" is no whole number/],
    [
      ["--engine", "other", "--candles", "x.csv"],
      1,
      /no engine "other", they have grid-btc: name one of them/,
    ],
    [["--engine", "grid-btc", "--candles", at("none.csv")], 1, /none\.csv can't be read: it does not exist/],
    [[...GOOD, "--from", "2030-01-01"], 1, /no candle of BTCUSDT lies within --from and --to/],
    [[...GOOD, "--funding", at("BTCUSDT-1m.csv")], 1, /must start with the header time_ms,rate/],
    [
      [...GOOD, "--html", at("no/folder.html")],
      1,
      /--html .* can't be written \(ENOENT\): name another file/,
    ],
  ] as const)("refuses %j in one sentence", async (args, code, words) => {
    const said = await run(...args);
    expect(said.code).toBe(code);
    expect(said.err).toMatch(words);
    expect(said.err.trim().split("\n")).toHaveLength(1);
    expect(said.out).toBe("");
  });
});
