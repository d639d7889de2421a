// The desk through seeded disasters: npm run sim -- --seeds N [--from S] [--minutes M] [--workers W] [--keep-going], or
// --seed S for one seed with its whole trace. The regression list is run first. Ends with 1 at the first broken promise,
// with --keep-going after all seeds.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { runCrew, serve, WORKER } from "./crew.ts";
import { REGRESSIONS } from "./regressions.ts";
import { type SeedFigures, totals, totalsText, violationsText } from "./totals.ts";
import { runSeed, type SeedResult } from "./world.ts";

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** A seed that failed, with what a person needs to look at it. */
function tellFailure({ seed, violation, turn, last }: SeedResult): void {
  say(`\nseed ${seed}, turn ${turn}: ${violation}`);
  for (const line of last) say(`  ${line}`);
  say(`Look at all of it with: npm run sim -- --seed ${seed}`);
}

async function one(seed: number): Promise<void> {
  const result = await runSeed(seed, { trace: say });
  const { last: _, ...figures } = result;
  say(JSON.stringify(figures));
  say(
    result.violation === undefined ? "1 seeds, 0 violations" : `\nturn ${result.turn}: ${result.violation}`,
  );
  process.exitCode = result.violation === undefined ? 0 : 1;
}

function* seedsFrom(from: number, count: number): Generator<number> {
  for (const [seed] of REGRESSIONS) yield seed;
  for (let seed = from; seed < from + count; seed += 1) yield seed;
}

async function many(
  count: number,
  from: number,
  minutes: number,
  workers: number,
  goesOn: boolean,
): Promise<void> {
  const startedAt = Date.now();
  const results: SeedFigures[] = [];
  let isGood = true;
  await runCrew({
    seeds: seedsFrom(from, count),
    workers,
    done: (result) => {
      const { last: _, ...figures } = result;
      results.push(figures);
      if (result.violation !== undefined) {
        if (!goesOn) tellFailure(result);
        else say(`seed ${result.seed}, turn ${result.turn}: ${result.violation}`);
        isGood = false;
      }
      const seconds = (Date.now() - startedAt) / 1_000;
      if (results.length % 50 === 0)
        say(`${results.length} seeds in ${Math.round(seconds)} s, last ${result.seed} ${result.hash}`);
      return (isGood || goesOn) && seconds < minutes * 60;
    },
  });
  if (!isGood) say(`\n${violationsText(results)}`);
  say(`\n${totalsText(totals(results))}`);
  process.exitCode = isGood ? 0 : 1;
}

function unusable(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 2;
}

async function start(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      "keep-going": { type: "boolean", default: false },
      seeds: { type: "string", default: "100" },
      from: { type: "string", default: "1" },
      minutes: { type: "string", default: "600" },
      workers: { type: "string", default: String(Math.min(2, availableParallelism())) },
    },
  });
  const number = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN);
  const [seeds, from, minutes, workers] = [values.seeds, values.from, values.minutes, values.workers].map(
    number,
  );
  if ([seeds, from, minutes, workers].some((each) => each === undefined || Number.isNaN(each)))
    return unusable("--seeds, --from, --minutes and --workers want numbers, e.g. --seeds 100");
  if (values.seed === undefined)
    return many(seeds ?? 0, from ?? 1, minutes ?? 0, workers ?? 1, values["keep-going"]);
  if (!/^\d+$/.test(values.seed))
    return unusable(`--seed "${values.seed}" is no whole number, e.g. --seed 7`);
  return one(Number(values.seed));
}

if (process.argv.includes(WORKER)) serve();
else await start();
