/**
 * The simulation at full length: `npm run long -- sim [SEEDS [FROM]]`, 10,000 seeds from 1 unless told otherwise. What is
 * done is kept in var/, so that a run that was interrupted goes on where it was; a full run writes docs/evidence/sim.json.
 */

import { availableParallelism } from "node:os";
import { runCrew } from "../simulation/crew.ts";
import { type SeedFigures, totals, totalsText } from "../simulation/totals.ts";
import { writeEvidence } from "./evidence.ts";
import { openKept } from "./kept.ts";

const [count = 10_000, from = 1] = process.argv.slice(2).map(Number);
const WANTED = { marketHours: 10_000, orders: 1_000_000, ofEachFault: 1_000, eventfulPercent: 95 };

const startedAt = Date.now();
const { done, keep, forget } = openKept<SeedFigures & { readonly ms: number }>("sim", ({ seed }) => seed);
const wanted = Array.from({ length: count }, (_, index) => from + index);
const before = wanted.filter((seed) => done.has(seed)).length;
if (before > 0) process.stdout.write(`${before} seeds were done before, the others follow\n`);

let last = startedAt;
await runCrew({
  seeds: wanted.filter((seed) => !done.has(seed)),
  workers: Math.min(2, availableParallelism()),
  done: ({ last: lines, ...figures }) => {
    const now = Date.now();
    keep({ ...figures, ms: now - last });
    last = now;
    if (figures.violation !== undefined)
      process.stdout.write(`seed ${figures.seed}: ${figures.violation}\n${lines.slice(-20).join("\n")}\n`);
    if (done.size % 100 === 0) process.stdout.write(`${done.size} seeds\n`);
    return true;
  },
});

const results = wanted.flatMap((seed) => done.get(seed) ?? []);
const report = totals(results);
const rarest = Math.min(...Object.values(report.faults));
const isAsWanted =
  report.violations === 0 &&
  report.marketHours >= WANTED.marketHours &&
  report.orders >= WANTED.orders &&
  rarest >= WANTED.ofEachFault &&
  report.eventfulPercent >= WANTED.eventfulPercent;
process.stdout.write(`${totalsText(report)}\nas wanted: ${isAsWanted}\n`);
if (count >= 10_000) {
  const violations = results.flatMap(({ seed, violation }) =>
    violation === undefined ? [] : [{ seed, violation }],
  );
  const secondsOfAll = Math.round(results.reduce((sum, { ms }) => sum + ms, 0) / 1_000);
  const found = { from, secondsOfAll, wanted: WANTED, isAsWanted, ...report, found: violations.slice(0, 20) };
  process.stdout.write(`${writeEvidence("sim", startedAt, found)}\n`);
  forget();
}
process.exitCode = report.violations === 0 ? 0 : 1;
