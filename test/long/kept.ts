import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../e2e/processes.ts";

/** What a long run has done so far: a run that was interrupted goes on where it was. */
export interface Kept<T> {
  readonly done: ReadonlyMap<number, T>;
  /** Keeps one more part. */
  readonly keep: (part: T) => void;
  /** All is done and told: the next run begins anew. */
  readonly forget: () => void;
}

/**
 * Opens what a long run has kept in var/: one line of JSON a part, known by the number that `keyOf` gives it. The file's
 * name holds the commit, since another commit's parts tell nothing of this one.
 */
export function openKept<T>(name: string, keyOf: (part: T) => number): Kept<T> {
  const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { cwd: ROOT, encoding: "utf8" });
  const file = join(ROOT, "var", `${name}-${commit.trim()}.ndjson`);
  mkdirSync(join(file, ".."), { recursive: true });
  const done = new Map<number, T>();
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  for (const line of lines) {
    // The last line may have been cut.
    if (!line.endsWith("}")) continue;
    const part = JSON.parse(line) as T;
    done.set(keyOf(part), part);
  }
  return {
    done,
    keep: (part) => {
      done.set(keyOf(part), part);
      appendFileSync(file, `${JSON.stringify(part)}\n`);
    },
    forget: () => rmSync(file, { force: true }),
  };
}
