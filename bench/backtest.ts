/**
 * A backtest of 43,200 one-minute candles with 25 rungs in CPU time: the real engine, guard, kernel and matching, beside a
 * bare grid with decimal.js and the same bare grid in C. `npm run bench -- backtest`. The C one needs gcc.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBacktest } from "../src/backtest/runner.ts";
import { setupOf, walk } from "../test/backtest/markets.ts";
import { type Cost, costOf, writeCosts } from "./report.ts";
import { type BareResult, naiveGrid } from "./support/naive-grid.ts";

const CANDLES = 43_200;
const candles = walk({ seed: 7, candles: CANDLES, swing: 0.0008, pull: 0.0002 });

/** The bare grid in C, compiled here; undefined where there is no compiler. */
function inC(): { readonly micros: number; readonly result: BareResult } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "perpdesk-bench-"));
  try {
    const [program, list] = [join(folder, "grid"), join(folder, "candles.txt")];
    execFileSync("gcc", ["-O3", "-o", program, join(import.meta.dirname, "support", "grid.c")]);
    const tenths = (price: number): number => Math.round(price * 10);
    writeFileSync(
      list,
      candles.map((c) => [c.open, c.high, c.low, c.close].map(tenths).join(" ")).join("\n"),
    );
    const [micros, fills, cash] = execFileSync(program, [list], { encoding: "utf8" })
      .trim()
      .split(" ")
      .map(Number);
    return {
      micros: micros ?? Number.NaN,
      result: { fills: fills ?? 0, cash: ((cash ?? 0) / 1e8).toFixed(8) },
    };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let turns = 0;
let fills = 0;
const ours = costOf(
  "",
  CANDLES,
  () => {
    const run = runBacktest(setupOf(candles));
    turns = run.turns;
    fills = run.observer.executions.length;
  },
  5,
);
const fed = costOf(
  "every quote fed",
  CANDLES,
  () => runBacktest(setupOf(candles, {}, { feedsAll: true })),
  3,
);
let bare: BareResult | undefined;
const naive = costOf(
  "",
  CANDLES,
  () => {
    bare = naiveGrid(candles);
  },
  3,
);
const c = inC();
if (c !== undefined && (c.result.fills !== bare?.fills || Number(c.result.cash) !== Number(bare.cash)))
  throw new Error(`the two bare grids differ: ${JSON.stringify([c.result, bare])}`);
if (c === undefined) process.stdout.write("gcc is not there: the loop in C is left out.\n");

const seconds = ((ours.micros * CANDLES) / 1e6).toFixed(2);
const rows: Cost[] = [
  ...(c === undefined ? [] : [{ what: "bare grid in C, a candle (gcc -O3)", micros: c.micros / CANDLES }]),
  {
    what: `backtest: engine, guard, kernel, matching (25 rungs, ${fills} fills, ${turns} turns; ${seconds} s for ${CANDLES.toLocaleString("en")})`,
    micros: ours.micros,
  },
  { ...fed, what: "the same with every quote fed to the desk" },
  { what: `the same bare grid with decimal.js (${bare?.fills ?? 0} fills)`, micros: naive.micros },
];
writeCosts("backtest", "A backtest", rows);
