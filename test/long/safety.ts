/**
 * Issue S1's safety metrics over simulated days with all faults on: `npm run long -- safety [SEEDS]`, half of them one-way
 * and half in hedge mode, 1,000 unless told otherwise. What is done is kept in var/, so that a run that was interrupted
 * goes on where it was; a full run writes docs/evidence/safety.json.
 */

import { availableParallelism } from "node:os";
import { runCrew } from "../simulation/crew.ts";
import type { Recoveries, SafetyFigures } from "../simulation/safety.ts";
import { HEDGE_FROM, SPEED } from "../simulation/scenario.ts";
import type { SeedFigures } from "../simulation/totals.ts";
import { writeEvidence } from "./evidence.ts";
import { openKept } from "./kept.ts";

const FULL = 1_000;
/** Seeds that the long simulation does not use as well. */
const FROM = 500_000;

const startedAt = Date.now();
const [count = FULL] = process.argv.slice(2).map(Number);
const { done, keep, forget } = openKept<SeedFigures>("safety", ({ seed }) => seed);
const half = Math.ceil(count / 2);
const wanted = [FROM, HEDGE_FROM + FROM].flatMap((from) =>
  Array.from({ length: half }, (_, at) => from + at),
);
await runCrew({
  seeds: wanted.filter((seed) => !done.has(seed)),
  workers: Math.min(2, availableParallelism()),
  done: ({ last: _last, ...figures }) => {
    keep(figures);
    if (figures.violation !== undefined) process.stdout.write(`seed ${figures.seed}: ${figures.violation}\n`);
    if (done.size % 100 === 0) process.stdout.write(`${done.size} seeds\n`);
    return true;
  },
});

const results = wanted.flatMap((seed) => done.get(seed) ?? []);
const found = {
  violations: results.filter(({ violation }) => violation !== undefined).map(({ seed }) => seed),
  oneWay: joined(results.filter(({ seed }) => seed < HEDGE_FROM)),
  hedge: joined(results.filter(({ seed }) => seed >= HEDGE_FROM)),
};
process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
if (count >= FULL) {
  writeEvidence("safety", startedAt, { seeds: results.length, marketSecondsPerSecond: SPEED, ...found });
  forget();
}
process.exitCode = found.violations.length === 0 ? 0 : 1;

/** All seeds as one. Parts of purses in percent, latencies in seconds of market time. */
function joined(seeds: readonly SeedFigures[]) {
  const all = seeds.map(({ safety }) => safety);
  const sum = (of: (one: SafetyFigures) => number): number => all.reduce((total, one) => total + of(one), 0);
  const percent = (part: number): number => Math.round(1_000 * part) / 10;
  const latencies = all.map(({ stopLatencyMaxMs }) => stopLatencyMaxMs).sort((a, b) => a - b);
  const typical = all
    .map(({ purses }) => purses.sum / Math.max(1, purses.minutes))
    .sort((a, b) => a - b)
    .map(percent);
  const at = (sorted: readonly number[], part: number): number | undefined =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return {
    seeds: all.length,
    marketHours: Math.round(seeds.reduce((total, { marketHours }) => total + marketHours, 0)),
    liquidations: sum(({ liquidations }) => liquidations),
    seedsWithLiquidation: all.filter(({ liquidations }) => liquidations > 0).length,
    purseMaxPercent: percent(Math.max(0, ...all.map(({ purseMax }) => purseMax))),
    pursesTypicalPercent: { p50: at(typical, 0.5), p90: at(typical, 0.9) },
    stopFills: sum(({ stopFills }) => stopFills),
    stopLatencySeconds: {
      ofSeedsP50: (at(latencies, 0.5) ?? 0) / 1_000,
      max: (latencies.at(-1) ?? 0) / 1_000,
    },
    stopsLate: sum(({ stopsLate }) => stopsLate),
    stuck: recoveries(all.map((one) => one.all)),
    /** Of engines whose stops are 6 % wide or more, or off. */
    stuckWithWideStops: recoveries(all.map(({ wide }) => wide)),
  };
}

/** What became of stuck positions, also way by way; money in the quote's whole units. */
function recoveries(all: readonly Recoveries[]) {
  const sum = (of: (one: Recoveries) => number): number => all.reduce((total, one) => total + of(one), 0);
  const ways = [...new Set(all.flatMap(({ byHow }) => byHow.map(({ how }) => how)))].sort();
  return {
    stuck: sum(({ stuck }) => stuck),
    ended: sum(({ ended }) => ended),
    recovered: sum(({ recovered }) => recovered),
    ways: ways.map((how) => {
      const of = all.flatMap(({ byHow }) => byHow.filter((one) => one.how === how));
      const total = (figure: (one: (typeof of)[number]) => number): number =>
        of.reduce((whole, one) => whole + figure(one), 0);
      return {
        how,
        count: total((one) => one.count),
        recovered: total((one) => one.recovered),
        netUsd: Math.round(total((one) => one.net) / 1e6) / 100,
        closedAtOnceUsd: Math.round(total((one) => one.closedAtOnce) / 1e6) / 100,
      };
    }),
  };
}
