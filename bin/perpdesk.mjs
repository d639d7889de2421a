#!/usr/bin/env node
// The one command: sets up what is missing in a clone, then runs the built command line. Output of the set-up goes to
// stderr, so that --json stays clean. In demo and live mode nothing is ever installed or built.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
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
      // "mode: live", "mode: ${MODE:-live}" or "{mode: live": when in doubt, nothing is installed.
      const line = /(?:^|[{,\s"'])mode["']?\s*:\s*([^\n#,}]*)/m.exec(
        readFileSync(resolve(file), "utf8"),
      )?.[1];
      if (line !== undefined) return /\b(demo|live)\b/.exec(line)?.[1] ?? line.trim();
    } catch {
      // The command line itself says what is wrong with the file.
    }
  }
  return "sim";
}

async function start() {
  const old = oldNode();
  if (old !== undefined) return fail(old);
  if (missing() !== "nothing") {
    if (["demo", "live"].includes(mode())) {
      return fail(
        `${mode()} mode never installs or builds by itself, and ${missing()} is due: run ${SET_UP_COMMAND} first.`,
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
  process.stdout.write("", () => process.exit(typeof code === "number" ? code : 0));
}

await start();
