/**
 * 100,000 forged, replayed, foreign, expired and stale taps and commands, from strangers and from people of the desk:
 * none is accepted, each is in the ledger, whose chain is whole. `npm run long -- forged [ATTEMPTS]`; a run of full
 * length writes docs/evidence/forged.json.
 */

import assert from "node:assert/strict";
import { forgedStory } from "../e2e/forged.ts";
import { writeEvidence } from "./evidence.ts";

const startedAt = Date.now();
const [attempts = 100_000] = process.argv.slice(2).map(Number);
const report = await forgedStory({
  attempts,
  seed: 20_261_130,
  tell: (line) => void process.stdout.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
const audited = Object.values(report.audited).reduce((sum, each) => sum + each, 0);
assert.deepEqual([report.accepted, audited], [0, attempts]);
if (process.argv.length === 2)
  writeEvidence("forged", startedAt, { story: "Nothing forged is accepted", ...report });
