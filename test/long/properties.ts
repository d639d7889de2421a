/**
 * The grid's properties at full length: `npm run long -- properties [SEQUENCES]`, 100,000 random sequences of events unless
 * told otherwise. What is done is kept in var/, so that a run that was interrupted goes on where it was; a full run writes
 * docs/evidence/properties.json.
 */

import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { HAPPENINGS, runSequence } from "../properties/sequence.ts";
import { writeEvidence } from "./evidence.ts";
import { openKept } from "./kept.ts";

const CHUNK = 500;

/** What so many sequences came to, from `first` on. */
interface Chunk {
  readonly first: number;
  readonly ms: number;
  readonly turns: number;
  readonly crashes: number;
  readonly reprotected: number;
  /** In how many sequences each happened. */
  readonly happened: Readonly<Record<string, number>>;
  readonly violations: readonly { readonly seed: number; readonly violation: string }[];
}

function runChunk(first: number): Chunk {
  const startedAt = performance.now();
  let [turns, crashes, reprotected] = [0, 0, 0];
  const happened: Record<string, number> = {};
  const violations: { readonly seed: number; readonly violation: string }[] = [];
  for (let seed = first; seed < first + CHUNK; seed += 1) {
    const told = runSequence(seed);
    turns += told.turns;
    crashes += told.crashes;
    reprotected += told.reprotected;
    for (const one of told.happened) happened[one] = (happened[one] ?? 0) + 1;
    if (told.violation !== undefined) violations.push({ seed, violation: told.violation });
  }
  return { first, ms: performance.now() - startedAt, turns, crashes, reprotected, happened, violations };
}

/** One process: gets the first seed of a chunk, answers with what it came to. */
function work(next: () => number | undefined, done: (chunk: Chunk) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ["--worker"], { execArgv: ["--import", "tsx"] });
    const go = (): void => {
      const first = next();
      if (first === undefined) child.disconnect();
      else child.send(first);
    };
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
    child.on("message", (chunk) => {
      done(chunk as Chunk);
      go();
    });
    go();
  });
}

async function start(sequences: number): Promise<void> {
  const startedAt = Date.now();
  const { done, keep, forget } = openKept<Chunk>("properties", ({ first }) => first);
  const wanted = Array.from({ length: Math.ceil(sequences / CHUNK) }, (_, at) => 1 + at * CHUNK);
  const left = wanted.filter((first) => !done.has(first));
  if (left.length < wanted.length)
    process.stdout.write(`${(wanted.length - left.length) * CHUNK} sequences were done before\n`);
  const tell = (chunk: Chunk): void => {
    keep(chunk);
    for (const { seed, violation } of chunk.violations)
      process.stdout.write(`sequence ${seed}: ${violation}\n`);
    if (done.size % 10 === 0) process.stdout.write(`${done.size * CHUNK} sequences\n`);
  };
  const workers = Math.min(2, availableParallelism());
  await Promise.all(Array.from({ length: workers }, () => work(() => left.shift(), tell)));

  const chunks = wanted.flatMap((first) => done.get(first) ?? []);
  const sum = (of: (chunk: Chunk) => number): number => chunks.reduce((total, chunk) => total + of(chunk), 0);
  const violations = chunks.flatMap((chunk) => chunk.violations);
  const found = {
    sequences: chunks.length * CHUNK,
    secondsOfAll: Math.round(sum(({ ms }) => ms) / 1_000),
    turns: sum(({ turns }) => turns),
    restartsCompared: sum(({ crashes }) => crashes),
    restartsThatProtectedAgain: sum(({ reprotected }) => reprotected),
    sequencesWith: Object.fromEntries(
      HAPPENINGS.map((one) => [one, sum(({ happened }) => happened[one] ?? 0)]),
    ),
    violations: violations.length,
    found: violations.slice(0, 20),
  };
  process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
  if (sequences >= 100_000) {
    process.stdout.write(`${writeEvidence("properties", startedAt, found)}\n`);
    forget();
  }
  process.exitCode = violations.length === 0 ? 0 : 1;
}

if (process.argv.includes("--worker"))
  process.on("message", (first) => process.send?.(runChunk(Number(first))));
else await start(Number(process.argv[2] ?? 100_000));
