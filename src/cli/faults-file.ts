import { readFileSync } from "node:fs";
import { parseYaml } from "../settings/yaml-source.ts";
import { FaultPlan } from "../venue/faults/plan.ts";
import { readPlan } from "../venue/faults/reading.ts";
import { seededFaults } from "../venue/faults/seeded-faults.ts";
import { UsageError } from "./arguments.ts";
import { StartError } from "./start-error.ts";

const PREFIX = "seed:";
/** A seeded plan lasts a day of wall time; after that it is calm. */
const SEEDED_SECONDS = 86_400;

/**
 * The faults that `--faults` names: a YAML file, or `seed:N` for a day of mishaps that a whole number draws. A bad seed is
 * a `UsageError`; a file that can't be read, or whose plan is wrong, a `StartError` with one sentence for each mistake.
 */
export function faultPlan(named: string): FaultPlan {
  if (named.startsWith(PREFIX)) {
    const text = named.slice(PREFIX.length);
    const seed = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed))
      throw new UsageError(`--faults "${named}": the seed must be a whole number, e.g. seed:1.`);
    return new FaultPlan({ seed, faults: seededFaults(seed, { calmFrom: SEEDED_SECONDS }) });
  }
  const source = parseYaml(named, textOf(named));
  if (!source.ok) throw new StartError(source.problems.join("\n"));
  const reading = readPlan(source.source.tree);
  if (!reading.ok) throw new StartError(reading.problems.map((problem) => `${named}: ${problem}`).join("\n"));
  return new FaultPlan(reading);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const mend =
      code === "ENOENT" ? "there is no such file; write its path, or seed:N" : `the system says ${code}`;
    throw new StartError(`--faults "${file}": ${mend}.`);
  }
}
