/**
 * 10,000 closes in sequence, each of a fresh small position and with eight taps racing over both platforms, and the bot
 * killed 80 times: with the card open, before the claim, after it, and after the send. Limits of the platforms, of
 * discord.js and of the venue are raised for it; 200 more closes keep them all. In parts of 500, each with a desk of its
 * own: what is done is kept in var/, so that a run that was interrupted goes on where it was.
 * `npm run long -- taps [ROUNDS [ROUNDS WITH LIMITS]]`; full lengths write docs/evidence/taps.json and taps-limits-kept.json,
 * each its own, so that the two may be run apart (either with 0 rounds of the other).
 */

import assert from "node:assert/strict";
import { percentiles, type TapPlan, type TapReport, tapStory } from "../e2e/tap-story.ts";
import { writeEvidence } from "./evidence.ts";
import { openKept } from "./kept.ts";

const FULL = { raised: 10_000, shipped: 200 };
const PART = 500;
const KILLS_IN_PART = { raised: 4, shipped: 8 };
const SEED = 20_261_130;

const startedAt = Date.now();
const [raised = FULL.raised, shipped = FULL.shipped] = process.argv.slice(2).map(Number);
const { done, keep, forget } = openKept<TapReport>("taps", ({ seed }) => seed);

const plans = (["raised", "shipped"] as const).flatMap((limits, at) => {
  const rounds = limits === "raised" ? raised : shipped;
  const seed = SEED + 1_000 * at;
  return Array.from({ length: Math.ceil(rounds / PART) }, (_, part): Omit<TapPlan, "tell"> => {
    const size = Math.min(PART, rounds - part * PART);
    return { rounds: size, kills: Math.min(size, KILLS_IN_PART[limits]), seed: seed + part, limits };
  });
});
for (const plan of plans) {
  if (done.get(plan.seed)?.rounds === plan.rounds) continue;
  const tell = (line: string): void => void process.stdout.write(`seed ${plan.seed}, ${line}\n`);
  keep(await tapStory({ ...plan, tell }));
}

const reports = plans.flatMap(({ seed }) => done.get(seed) ?? []);
const runs = (["raised", "shipped"] as const).flatMap((limits) => {
  const parts = reports.filter((each) => each.limits === limits);
  return parts.length === 0 ? [] : [{ limits, parts: parts.length, ...joined(parts) }];
});
process.stdout.write(`${JSON.stringify(runs, undefined, 2)}\n`);
for (const { limits, doubles, lostDecisions, rounds, executions, tapMs, otherCardMs } of runs) {
  assert.deepEqual([doubles, lostDecisions, executions], [0, [], rounds]);
  assert(tapMs.p99 < 1_000, `taps are acknowledged within a second (${tapMs.p99} ms)`);
  // With the limits kept, a group takes 20 messages a minute: what a card says then waits for its turn.
  if (limits === "raised") assert(otherCardMs.p95 < 3_000, `the other card follows (${otherCardMs.p95} ms)`);
}
for (const run of runs) {
  if (run.rounds < FULL[run.limits]) continue;
  const name = run.limits === "raised" ? "taps" : "taps-limits-kept";
  writeEvidence(name, startedAt, { story: "One tap, one execution", ...run });
}
if (raised >= FULL.raised && shipped >= FULL.shipped) forget();

/** All parts as one run. */
function joined(parts: readonly TapReport[]) {
  const sum = (of: (part: TapReport) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const sums = <K extends string>(of: (part: TapReport) => Readonly<Record<K, number>>) => {
    const total: Partial<Record<K, number>> = {};
    for (const part of parts)
      for (const [key, count] of Object.entries(of(part)) as [K, number][])
        total[key] = (total[key] ?? 0) + count;
    return total;
  };
  return {
    rounds: sum(({ rounds }) => rounds),
    proposals: sum(({ proposals }) => proposals),
    taps: sum(({ taps }) => taps),
    tapsWon: sum(({ tapsWon }) => tapsWon),
    tapsTooLate: sum(({ tapsTooLate }) => tapsTooLate),
    kills: sums(({ kills }) => kills),
    executions: sum(({ executions }) => executions),
    doubles: sum(({ doubles }) => doubles),
    afterKill: sums(({ afterKill }) => afterKill),
    tapMs: percentiles(parts.flatMap(({ tapMs }) => tapMs)),
    otherCardMs: percentiles(parts.flatMap(({ otherCardMs }) => otherCardMs)),
    restartMsMax: Math.max(...parts.map(({ restartMsMax }) => restartMsMax)),
    ledgerEntries: sum(({ ledgerEntries }) => ledgerEntries),
    turnsReplayed: sum(({ turnsReplayed }) => turnsReplayed),
    lostDecisions: parts.flatMap(({ lostDecisions }) => lostDecisions),
    secondsOfAll: sum(({ seconds }) => seconds),
  };
}
