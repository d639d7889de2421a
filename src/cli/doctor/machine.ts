import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Mode, Settings } from "../../settings/settings.ts";
import { about, type Finding } from "./finding.ts";

/** What the recordings and the log of a busy day may take. */
const FREE_MIN_BYTES = 1_000_000_000;

/** The Node that runs this: 20.19 or newer. */
export function nodeVersion(version = process.versions.node): Finding {
  const node = about("node");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? node.ok(`Node ${version}.`)
    : node.mend(`Node ${version} is too old: install 20.19 or newer.`);
}

/** Who may read `.env`: nobody but its owner. Modes without keys start all the same; `mode` undefined: nobody knows it yet. */
export function envFile(cwd: string, mode: Mode | undefined): Finding {
  const env = about(".env");
  const path = join(cwd, ".env");
  if (!existsSync(path)) return env.ok("there is none; sim and paper need none.");
  const isOpen = process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  if (!isOpen) return env.ok("only you can read it.");
  const text = ".env can be read by other users of this machine: run chmod 600 .env.";
  return mode === "sim" || mode === "paper" ? env.note(text) : env.mend(text);
}

/** Whether database, recordings and log can be written, and for how long. */
export function dataFolder({ desk, log }: Settings): readonly Finding[] {
  return [
    folderFinding("data folder", desk.dataDir, "desk.dataDir"),
    folderFinding("log", dirname(log.file), "log.file"),
  ];
}

function folderFinding(name: string, folder: string, setting: string): Finding {
  const { ok, note, mend } = about(name);
  const there = nearest(folder);
  try {
    accessSync(there, constants.W_OK);
    if (!statSync(there).isDirectory()) throw new Error("no folder");
  } catch {
    return mend(
      `${folder} can't be written: name another folder as ${setting}, or give this user the right.`,
    );
  }
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const gigabytes = `${(free / 1e9).toFixed(1)} GB free`;
  return free < FREE_MIN_BYTES
    ? note(`${folder} has ${gigabytes}: make room, recordings and logs grow.`)
    : ok(`${folder} can be written, ${gigabytes}.`);
}

/** The folder itself, or the one above it in which it will be made. */
function nearest(folder: string): string {
  let found = folder;
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  return found;
}
