/**
 * 10,000 closes in sequence, each of a fresh small position and with eight taps racing over both platforms, and the bot
 * killed 52 times: with the card open, before the claim, after it, and after the send. Limits of the platforms, of
 * discord.js and of the venue are raised for it; 200 more closes keep them all.
 * `npm run long -- taps [ROUNDS KILLS [ROUNDS WITH LIMITS [MINUTES AT MOST, EACH]]]`; a run of full length writes
 * docs/evidence/taps.json.
 */

import assert from "node:assert/strict";
import { type TapReport, tapStory } from "../e2e/tap-story.ts";
import { writeEvidence } from "./evidence.ts";

const startedAt = Date.now();
const counts = process.argv.slice(2).map(Number);
const [raised = 10_000, kills = 52, shipped = 200, minutesMax = Number.POSITIVE_INFINITY] = counts;
const SEED = 20_261_130;
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

const runs: TapReport[] = [
  await tapStory({ rounds: raised, kills, seed: SEED, limits: "raised", minutesMax, tell }),
];
if (shipped > 0) {
  const few = Math.min(8, shipped);
  runs.push(
    await tapStory({ rounds: shipped, kills: few, seed: SEED + 1, limits: "shipped", minutesMax, tell }),
  );
}
process.stdout.write(`${JSON.stringify(runs, undefined, 2)}\n`);
for (const { limits, doubles, lostDecisions, rounds, executions, tapMs, otherCardMs } of runs) {
  assert.deepEqual([doubles, lostDecisions, executions], [0, [], rounds]);
  assert(tapMs.p99 < 1_000, `taps are acknowledged within a second (${tapMs.p99} ms)`);
  // With the limits kept, a group takes 20 messages a minute: what a card says then waits for its turn.
  if (limits === "raised") assert(otherCardMs.p95 < 3_000, `the other card follows (${otherCardMs.p95} ms)`);
}
if (counts.length === 0) writeEvidence("taps", startedAt, { story: "One tap, one execution", runs });
