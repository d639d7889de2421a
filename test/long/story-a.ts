/**
 * Story A at full length: 1,000 rounds of eight racing taps without flood limits, then 100 with every limit as
 * shipped in a Telegram group. `npm run long -- story-a [ROUNDS [ROUNDS WITH LIMITS]]`; a run of full length writes
 * docs/evidence/story-a.json.
 */

import { assertLedger, type RaceResult, race } from "../e2e/close-race.ts";
import { openWorld } from "../e2e/world.ts";
import { writeEvidence } from "./evidence.ts";

const startedAt = Date.now();
const counts = process.argv.slice(2).map(Number);
const [raised = 1_000, shipped = 100] = counts;
const SEED = 20_250_501;

interface Run {
  readonly limits: "raised" | "shipped";
  readonly rounds: number;
  readonly seed: number;
  readonly toldEvery: number;
}

async function run({ limits, rounds, seed, toldEvery }: Run) {
  const world = await openWorld({ limits });
  try {
    const result: RaceResult = await race(world, {
      rounds,
      seed,
      ownEvery: 10,
      told: (done) => {
        if (done % toldEvery === 0) process.stdout.write(`${limits} limits: ${done} of ${rounds} rounds\n`);
      },
    });
    const { ledger, replayed } = await world.close();
    assertLedger(
      result,
      ledger.map(({ kind }) => kind),
    );
    return { limits, ...result, ledgerEntries: ledger.length, replayedTurns: replayed.turns };
  } finally {
    await world.abandon();
  }
}

const runs = [
  await run({ limits: "raised", rounds: raised, seed: SEED, toldEvery: 50 }),
  await run({ limits: "shipped", rounds: shipped, seed: SEED + 1, toldEvery: 5 }),
];
const found = { story: "A: one approved close, one execution", runs };
process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
if (counts.length === 0) writeEvidence("story-a", startedAt, found);
