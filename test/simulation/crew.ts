import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runSeed, type SeedResult } from "./world.ts";

/** What a crew is asked. */
export interface CrewOptions {
  /** Seeds in the order in which they are begun. */
  readonly seeds: Iterable<number>;
  /** Processes side by side. */
  readonly workers: number;
  /** Hears of each seed when it is done; false: begin no more. */
  readonly done: (result: SeedResult) => boolean;
}

const RUN = fileURLToPath(new URL("run.ts", import.meta.url));
/** Young objects are many and short-lived: room for them saves an eighth of the time. */
const ARGS = ["--max-semi-space-size=64", "--import", "tsx"];
/** The argument that makes `run.ts` a worker of a crew. */
export const WORKER = "--worker";

/** Runs seeds in processes side by side. Rejects when a process dies without having said what of. */
export async function runCrew({ seeds, workers, done }: CrewOptions): Promise<void> {
  const queue = seeds[Symbol.iterator]();
  let isOver = false;
  const next = (): number | undefined => {
    const taken = isOver ? undefined : queue.next();
    return taken === undefined || taken.done === true ? undefined : taken.value;
  };
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const first = next();
      if (first === undefined) return;
      await work(first, (result) => {
        if (!done(result)) isOver = true;
        return next();
      });
    }),
  );
}

/** One process: gets a seed, answers with its result, gets the next one. */
function work(first: number, answer: (result: SeedResult) => number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(RUN, [WORKER], { execArgv: ARGS });
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
    child.on("message", (result) => {
      const seed = answer(result as SeedResult);
      if (seed === undefined) child.disconnect();
      else child.send(seed);
    });
    child.send(first);
  });
}

/** The other end: runs each seed that comes until the connection ends. */
export function serve(): void {
  process.on("message", (seed) => {
    runSeed(Number(seed)).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        process.stderr.write(`seed ${seed}: ${String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
