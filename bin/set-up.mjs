#!/usr/bin/env node
// Brings a clone into a state in which it can run: packages installed, sources built. Plain Node, no packages.
// Run by itself (node bin/set-up.mjs) it is what demo and live mode ask for before they start.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The clone (or the image's folder) that this file belongs to, wherever it was started from. */
export const ROOT = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));

/** The one command that does what `setUp` does. */
export const SET_UP_COMMAND = `node ${relative(process.cwd(), join(ROOT, "bin", "set-up.mjs")) || "bin/set-up.mjs"}`;

const INSTALL_STAMP = join(ROOT, "node_modules", ".perpdesk-stamp");
const BUILD_STAMP = join(ROOT, "dist", ".stamp");
const SOURCES = ["src", "commands", "tsconfig.json", "tsconfig.build.json", "package-lock.json"];

/** One sentence when this Node is too old to go on, else undefined. */
export function oldNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `perpdesk needs Node 20.19 or newer, this is ${version}: install it from https://nodejs.org or with your version manager.`;
}

/** What is missing: nothing, a build, or an installation (and a build). The image has no sources and misses nothing. */
export function missing() {
  if (!existsSync(join(ROOT, "src"))) return "nothing";
  if (!isInstalled()) return "installation";
  return isBuilt() ? "nothing" : "build";
}

/** Installs and builds what is missing. Says so on stderr; rejects with an `Error` whose message is for a person. */
export async function setUp() {
  if (missing() === "nothing") return;
  await locked(async () => {
    if (missing() === "installation") await install();
    if (missing() === "build") await build();
  });
}

function lockHash() {
  return createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
}

/** Installed from this very lock file; an installation made by hand is recognised and stamped. */
function isInstalled() {
  const hash = lockHash();
  if (readIf(INSTALL_STAMP) === hash) return true;
  const installed = readIf(join(ROOT, "node_modules", ".package-lock.json"));
  if (installed === undefined || !isSameTree(installed)) return false;
  stamp(INSTALL_STAMP, hash);
  return true;
}

/** Whether node_modules holds what the lock file says, with all that is not optional. */
function isSameTree(installedText) {
  const installed = JSON.parse(installedText).packages ?? {};
  const { "": _root, ...wanted } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path];
    if (found === undefined)
      return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Built after the newest change of any source. */
function isBuilt() {
  if (!existsSync(BUILD_STAMP)) return false;
  const built = statSync(BUILD_STAMP).mtimeMs;
  return SOURCES.every((source) => newest(join(ROOT, source)) <= built);
}

/** The latest change under a path; folders count, so that a removed file is noticed. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

async function install() {
  say("installing packages (npm ci), this takes a minute the first time ...");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--no-audit", "--no-fund"];
  const code =
    npm !== undefined && /npm-cli\.c?js$/.test(npm)
      ? await run(process.execPath, [npm, ...args])
      : await run("npm", args, { shell: process.platform === "win32" });
  if (code !== 0) throw new Error(`npm ci ended with code ${code}: see its lines above, then start again.`);
  stamp(INSTALL_STAMP, lockHash());
}

async function build() {
  say("building ...");
  const started = new Date();
  const code = await run(process.execPath, [
    join("node_modules", "typescript", "bin", "tsc"),
    "-p",
    "tsconfig.build.json",
  ]);
  if (code !== 0) throw new Error(`the TypeScript compiler ended with code ${code}: see its lines above.`);
  for (const folder of ["src", "commands"]) removeOrphans(folder);
  stamp(BUILD_STAMP, `${started.toISOString()}\n`);
  // What was changed while it was built counts as newer.
  if (existsSync(BUILD_STAMP)) utimesSync(BUILD_STAMP, started, started);
}

/** Removes what was built from sources that are gone: commands are found by listing a folder. */
function removeOrphans(folder) {
  const built = join(ROOT, "dist", folder);
  if (!existsSync(built)) return;
  for (const entry of readdirSync(built, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const source = join(ROOT, entry.isDirectory() ? path : path.replace(/\.js(\.map)?$/, ".ts"));
    if (!existsSync(source)) rmSync(join(ROOT, "dist", path), { recursive: true, force: true });
    else if (entry.isDirectory()) removeOrphans(path);
  }
}

/** Only one process installs or builds at a time; the lock of a dead one is taken over. */
async function locked(work) {
  // npm ci removes node_modules, so the lock can't be there.
  const lock = join(ROOT, "dist", ".set-up.lock");
  for (;;) {
    try {
      mkdirSync(dirname(lock), { recursive: true });
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST")
        throw new Error(`can't write to ${ROOT} (${error.code}): run ${SET_UP_COMMAND} as its owner.`);
      const holder = Number(readIf(join(lock, "pid")) ?? "0");
      if (holder > 0 ? !isAlive(holder) : age(lock) > 10_000) rmSync(lock, { recursive: true, force: true });
      else await setTimeout(200);
    }
  }
  writeFileSync(join(lock, "pid"), `${process.pid}`);
  try {
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function age(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/**
 * Runs a program in the clone with its output on stderr and resolves with its exit code; a signal's end is 128 + its
 * number. It gets a process group of its own, so that Ctrl-C reaches it and its children once, from here, and is
 * waited for.
 */
export function run(command, args, options = {}) {
  const isGroup = process.platform !== "win32";
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", 2, 2], detached: isGroup, ...options });
  const pass = (signal) => {
    try {
      process.kill(isGroup ? -child.pid : child.pid, signal);
    } catch {
      // It ended by itself.
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.on("error", (error) =>
      reject(new Error(`${command} can't be run (${error.code}): install it and start again.`)),
    );
    child.on("close", (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0));
    });
  });
}

function readIf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** A stamp that can't be written (a read-only folder) costs a check at the next start, nothing else. */
function stamp(path, text) {
  try {
    writeFileSync(path, text);
  } catch {
    return;
  }
}

function say(text) {
  process.stderr.write(`perpdesk: ${text}\n`);
}

/** Ends with one sentence. */
export function fail(text) {
  process.stderr.write(`perpdesk: ${text}\n`);
  process.exitCode = 1;
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))
) {
  const old = oldNode();
  if (old !== undefined) fail(old);
  else
    await setUp().then(
      () => say("installed and built."),
      (error) => fail(error.message),
    );
}
