import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../e2e/processes.ts";

/** Writes what a long run came to into docs/evidence, with the commit that it ran on. */
export function writeEvidence(
  name: string,
  startedAt: number,
  found: Readonly<Record<string, unknown>>,
): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  let commit = "unknown";
  let isCommitted = false;
  try {
    commit = git("rev-parse", "HEAD");
    isCommitted = git("status", "--porcelain", "--", "src", "commands", "test", "bin", "config") === "";
  } catch {
    // A copy without its history: the figures still stand.
  }
  const path = join(ROOT, "docs", "evidence", `${name}.json`);
  mkdirSync(join(path, ".."), { recursive: true });
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  const told = {
    commit,
    isCommitted,
    at: new Date(startedAt).toISOString(),
    node: process.version,
    seconds,
    ...found,
  };
  writeFileSync(path, `${JSON.stringify(told, undefined, 2)}\n`);
  return path;
}
