#!/usr/bin/env node
// The one command: sets up what is missing in a clone, then runs the built command line. Output of the set-up goes to
// stderr, so that --json stays clean. In demo and live mode nothing is ever installed or built.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isatty } from "node:tty";
import { pathToFileURL } from "node:url";
import { fail, missing, oldNode, ROOT, SET_UP_COMMAND, setUp } from "./set-up.mjs";

const argv = process.argv.slice(2);

/** The value of an option, as "--name value" or "--name=value"; the last one counts. */
function option(name) {
  return argv
    .map((word, at) => {
      if (word === `--${name}`) return argv[at + 1];
      return word.startsWith(`--${name}=`) ? word.slice(name.length + 3) : undefined;
    })
    .findLast((value) => value !== undefined);
}

/** The mode that was asked for: on the command line, else by the settings file, read here with as little as can be. */
function mode() {
  const asked = option("mode");
  if (asked !== undefined) return asked;
  for (const file of [option("config"), join(ROOT, "config", "default.yaml")]) {
    if (file === undefined) continue;
    try {
      const text = readFileSync(resolve(file), "utf8").replaceAll(/(^|\s)#.*$/gm, "$1");
      const found = [...text.matchAll(MODE)].map(([, written]) => meant(written));
      if (found.length > 0) return found.find((each) => each === "demo" || each === "live") ?? found[0];
    } catch {
      // The command line itself says what is wrong with the file.
    }
  }
  return "sim";
}

/** "mode: live" or "{mode: live}"; what is meant may stand on the next line. */
const MODE = /(?:^|[{,\s"'])mode["']?\s*:\s*([^\n,}]*)/gm;

/** When in doubt, nothing is installed: what is not plainly sim or paper, such as "${MODE}", may be live. */
function meant(written) {
  const rehearsal = /^["']?(sim|paper)["']?$/.exec(written.trim())?.[1];
  return rehearsal ?? /\b(demo|live)\b/.exec(written)?.[1] ?? "live";
}

async function start() {
  const old = oldNode();
  if (old !== undefined) return fail(old);
  if (missing() !== "nothing") {
    const asked = mode();
    if (asked === "demo" || asked === "live") {
      return fail(
        `${asked} mode never installs or builds by itself, and ${missing()} is due: run ${SET_UP_COMMAND} first.`,
      );
    }
    try {
      await setUp();
    } catch (error) {
      return fail(error.message);
    }
  }
  const { main } = await import(pathToFileURL(join(ROOT, "dist", "src", "cli", "perpdesk.js")).href);
  const code = await main(argv);
  // Libraries keep timers of their own for minutes: what is written out is written, then the process ends.
  process.stdout.write("", () => end(typeof code === "number" ? code : 0));
}

/** Node aborts, and may leave its memory with all secrets on disk, when it exits on a terminal that is gone; a kill does not. */
function end(code) {
  const isGone = [process.stdin, process.stdout, process.stderr].some(
    (stream, fd) => stream.isTTY === true && !isatty(fd),
  );
  if (isGone) process.kill(process.pid, "SIGKILL");
  process.exit(code);
}

await start();
