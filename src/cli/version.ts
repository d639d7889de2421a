import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version in package.json, found from wherever this file runs (source or build). */
export function packageVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 5; up += 1) {
    try {
      const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (found.name === "perpdesk" && found.version !== undefined) return found.version;
    } catch {
      // Not here: look one folder up.
    }
    folder = dirname(folder);
  }
  return "unknown";
}
