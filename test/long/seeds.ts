// The shipped settings on the synthetic market's seeds 1 to 5, a minute each: npm run long -- seeds [SECONDS].
// At least ten closed cycles each. Writes docs/evidence/seeds.json.

import type { Summary } from "../../src/cli/summary.ts";
import { ownFolder, perpdesk } from "../e2e/processes.ts";
import { writeEvidence } from "./evidence.ts";

const CYCLES_MIN = 10;
const [seconds = "60"] = process.argv.slice(2);
const startedAt = Date.now();
const runs: Record<string, unknown>[] = [];
let isGood = true;
for (let seed = 1; seed <= 5; seed += 1) {
  const folder = ownFolder();
  const args = ["start", "--market", `synthetic:${seed}`, "--for", `${seconds}s`, "--json"];
  const { code, stdout, stderr } = await perpdesk(args, { cwd: folder.path }, 300_000);
  if (code !== 0) process.stderr.write(stderr);
  const found = code === 0 ? (JSON.parse(stdout) as Summary) : undefined;
  const replayed =
    found?.recording === undefined || found.recording === null
      ? undefined
      : await perpdesk(["replay", found.recording, "--json"], { cwd: folder.path });
  const isAsWanted =
    found !== undefined &&
    found.cycles >= CYCLES_MIN &&
    found.mismatches === 0 &&
    found.position === found.venuePosition &&
    replayed?.code === 0;
  isGood &&= isAsWanted;
  process.stdout.write(
    `seed ${seed}: ${found?.cycles} cycles, ${found?.fills} fills, as wanted: ${isAsWanted}\n`,
  );
  runs.push({ seed, isAsWanted, code, replays: replayed?.code === 0, ...found, recording: undefined });
  folder.gone();
}
const path = writeEvidence("seeds", startedAt, {
  wanted: `at least ${CYCLES_MIN} cycles each`,
  isGood,
  runs,
});
process.stdout.write(`${path}\n`);
process.exitCode = isGood ? 0 : 1;
