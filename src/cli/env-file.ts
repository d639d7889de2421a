import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

/** `.env` of a folder as it stands; undefined: there is none. */
export function readEnvText(cwd: string): string | undefined {
  const path = join(cwd, ".env");
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/**
 * Puts variables into `.env`, each on the line that names it or on a new one, and keeps others out of the file. Everything or nothing is
 * written. Throws `StartError` when it can't be.
 */
export function writeEnv(cwd: string, variables: ReadonlyMap<string, string>): void {
  if (variables.size === 0) return;
  const path = join(cwd, ".env");
  const fresh = `${path}.${process.pid}.new`;
  try {
    let text = readEnvText(cwd) ?? "";
    for (const [name, value] of variables) {
      const line = new RegExp(`^(?:export )?${name}=.*$`, "m");
      const written = `${name}=${value}`;
      if (line.test(text)) text = text.replace(line, () => written);
      else text = `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${written}\n`;
    }
    writeFileSync(fresh, text, { mode: 0o600 });
    chmodSync(fresh, 0o600);
    renameSync(fresh, path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new StartError(`.env can't be written (${code}): check the folder and its owner.`);
  }
}
