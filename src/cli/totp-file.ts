import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

/** Where the secrets of people's authenticators are: beside the database, for its owner alone. */
export const totpFile = (dataDir: string): string => join(dataDir, "totp.json");

/**
 * The secrets by person; none where there is no file. Throws `StartError` with one sentence when it can't be read, is not what it
 * should be, or others may read it: then it is no secret any more.
 */
export function readTotpSecrets(file: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0)
      throw new StartError(`${file} can be read by other users: run chmod 600 ${file}.`);
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    if (code === "ENOENT") return new Map();
    throw new StartError(`${file} can't be read (${code}): check its owner.`);
  }
  try {
    const kept = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>);
    if (kept.every((entry): entry is [string, string] => /^[A-Z2-7]{16,}$/.test(String(entry[1]))))
      return new Map(kept);
  } catch {
    // Told below, without its content.
  }
  throw new StartError(
    `${file} is damaged: remove it, and set every authenticator up again with perpdesk totp NAME.`,
  );
}

/** Writes them all, or nothing: a crash leaves the file as it was. Throws `StartError` when it can't be written. */
export function writeTotpSecrets(file: string, secrets: ReadonlyMap<string, string>): void {
  const fresh = `${file}.${process.pid}.new`;
  try {
    const handle = openSync(fresh, "w", 0o600);
    try {
      writeSync(handle, `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new StartError(`${file} can't be written (${code}): check the folder and its owner.`);
  }
}
