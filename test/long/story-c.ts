// Story C at full length: npm run long -- story-c [KILLS] [SEED]. Writes docs/evidence/story-c.json.

import { killStory } from "../e2e/kills.ts";
import { writeEvidence } from "./evidence.ts";

const [kills = "50", seed = "7"] = process.argv.slice(2);
const startedAt = Date.now();
const marketSeed = 1;
const speed = 60;
const report = await killStory({
  kills: Number(kills),
  seed: Number(seed),
  marketSeed,
  speed,
  tell: (line) => process.stdout.write(`${line}\n`),
});
const path = writeEvidence("story-c", startedAt, {
  story: "C: bot and venue as two processes, kill -9 of the bot, restarted each time",
  seed: Number(seed),
  marketSeed,
  speed,
  ...report,
  // The folder was of this run alone.
  last: { ...report.last, recording: undefined },
});
const isGood =
  report.violations.length === 0 &&
  report.mismatches === 0 &&
  report.rungsCarriedOn + report.rungsClosedMeanwhile === report.rungsAtKills &&
  report.rungsCarriedOn > 0;
process.stdout.write(`${JSON.stringify({ ...report, last: undefined })}\n${path}\n`);
process.exitCode = isGood ? 0 : 1;
