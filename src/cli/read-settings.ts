import { type LoadOptions, loadSettings } from "../settings/load.ts";
import { readSecretSource } from "../settings/secret-source.ts";
import { StartError } from "./start-error.ts";

/** Settings with the secrets of their source, notes and what must be redacted. Rejects with `StartError`: every mistake, a line each. */
export async function readSettings(options: LoadOptions) {
  const source = await readSecretSource(options);
  if (!source.ok) throw new StartError(source.problems.join("\n"));
  const loaded = loadSettings({ ...options, provided: source.provided });
  if (!loaded.ok) throw new StartError(loaded.problems.join("\n"));
  return loaded;
}
