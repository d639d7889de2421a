import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "..", "..", "docs", "evidence");

/** Writes what a long run found to docs/evidence/NAME.json, with the commit and the machine it was found on. */
export function writeEvidence(name: string, found: Readonly<Record<string, unknown>>): void {
  const machine = `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.version}`;
  const evidence = { commit: commit(), machine, ...found };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(evidence, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(evidence, null, 2)}\n`);
}

/** The commit that runs; "+changes" when the working tree differs from it. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: FOLDER.replace(/docs.evidence$/, ""), encoding: "utf8" }).trim();
  try {
    const changes = git("status", "--porcelain", "--", "src", "commands", "test") === "" ? "" : "+changes";
    return `${git("rev-parse", "HEAD")}${changes}`;
  } catch {
    return "unknown";
  }
}
