#!/usr/bin/env node
// Runs the project's own checks, after setting up what is missing:
//   check      types, lint, unused code, fast tests     scenarios  a desk against a served venue
//   stories    whole-program tests                      (nothing)  all three
//   long NAME  test/long/NAME.ts                        bench [NAME]  bench/NAME.ts
//   sim        the desk through seeded disasters: --seeds N, --seed N (test/simulation/run.ts)
// The last line is "N passed, N failed": tests, and 1 failed for each other check that fails.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fail, oldNode, ROOT, run, setUp } from "./set-up.mjs";

const [part = "all", name, ...rest] = process.argv.slice(2);
const tally = { passed: 0, failed: 0, skipped: 0, broken: [], failures: [] };
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => (isInterrupted = true));

const tool = (program) => join(ROOT, "node_modules", ".bin", program);
const own = (command, args) =>
  run(command, args, { stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });

/** One check that only passes or fails. */
async function check(title, program, args) {
  if (isInterrupted) return;
  process.stdout.write(`\n== ${title}\n`);
  if ((await own(tool(program), args)) === 0) return;
  tally.failed += 1;
  tally.broken.push(title);
}

/** A failed test in a few lines: its file and name, and the first line of what was wrong; of a property its seed as well. */
const failuresOf = (report) =>
  (report?.testResults ?? []).flatMap(({ name: file, assertionResults, message }) => {
    const failed = assertionResults.filter(({ status }) => status === "failed");
    const said = failed.map(({ fullName, failureMessages }) => [fullName, failureMessages[0]]);
    // A file that can't be loaded has a message and no test.
    if (said.length === 0 && assertionResults.length === 0 && message)
      said.push(["can't be loaded", message]);
    return said.map(([what, why]) => `failed: ${relative(ROOT, file)}: ${what}\n  ${firstOf(why ?? "")}`);
  });

/** The first line of an error; a failed property tells on the next two how to have it again. */
const firstOf = (why) =>
  why
    .split("\n")
    .slice(0, /^\S*Error: Property failed/.test(why) ? 3 : 1)
    .map((line) => line.slice(0, 2_000))
    .join(" ");

/** Tests, counted one by one from vitest's own report. */
async function tests(title, project, filters) {
  if (isInterrupted) return;
  process.stdout.write(`\n== ${title}\n`);
  const folder = mkdtempSync(join(tmpdir(), "perpdesk-tests-"));
  const report = join(folder, "report.json");
  const args = [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const code = await own(tool("vitest"), [...args, ...filters]);
  const counted = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  rmSync(folder, { recursive: true, force: true });
  tally.passed += counted?.numPassedTests ?? 0;
  tally.failed += counted?.numFailedTests ?? 0;
  tally.skipped += (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
  if (code === 0) return;
  tally.broken.push(title);
  tally.failures.push(...failuresOf(counted));
  // A file that can't be loaded, an unhandled error or no test at all fails without a failed test.
  if ((counted?.numFailedTests ?? 0) === 0) tally.failed += 1;
}

/** A program of ours, straight from its source. */
async function script(path, args) {
  if (isInterrupted) return;
  process.stdout.write(`\n== ${path}\n`);
  const ok = (await own(process.execPath, ["--import", "tsx", path, ...args])) === 0;
  tally[ok ? "passed" : "failed"] += 1;
  if (!ok) tally.broken.push(path);
}

/** The names that can be asked for in a folder of scripts. */
const names = (folder) =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder))
        .flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : []))
        .sort()
    : [];

async function checks() {
  await check("types", "tsc", ["--noEmit"]);
  await check("lint", "biome", ["ci", "."]);
  await check("unused code", "knip", []);
  await tests("fast tests", "fast", []);
}

/** Which files are wanted; none named: all. */
const filters = () => (name === undefined ? [] : [name, ...rest]);

const PARTS = {
  check: checks,
  scenarios: () => tests("scenarios", "scenarios", filters()),
  stories: () => tests("stories", "stories", filters()),
  all: async () => {
    await checks();
    await tests("scenarios", "scenarios", []);
    await tests("stories", "stories", []);
  },
  long: () => script(`test/long/${name}.ts`, rest),
  sim: () => script("test/simulation/run.ts", name === undefined ? [] : [name, ...rest]),
  bench: async () => {
    for (const one of name === undefined ? names("bench") : [name]) await script(`bench/${one}.ts`, rest);
  },
};

/** One sentence when what was asked for does not exist. */
function unusable() {
  if (!Object.hasOwn(PARTS, part))
    return `"${part}" is no part of the tests: write check, scenarios, stories, long NAME, bench [NAME], sim or nothing.`;
  const folder = { long: "test/long", bench: "bench" }[part];
  if (folder === undefined || (part === "bench" && name === undefined)) return undefined;
  const known = names(folder);
  return known.includes(name)
    ? undefined
    : `${folder} has no "${name ?? ""}": write one of ${known.join(", ") || "(none yet)"}.`;
}

async function start() {
  const problem = oldNode() ?? unusable();
  if (problem !== undefined) {
    fail(problem);
    process.exitCode = 2;
    return;
  }
  try {
    await setUp();
  } catch (error) {
    // A build that fails is told by the types below; without packages there is nothing to run.
    if (!existsSync(tool("vitest"))) return fail(error.message);
    tally.failed += 1;
    tally.broken.push("build");
  }
  await PARTS[part]();
  if (tally.failures.length > 0) process.stdout.write(`\n${tally.failures.join("\n")}\n`);
  if (tally.broken.length > 0) process.stdout.write(`\nfailed: ${tally.broken.join(", ")}\n`);
  if (tally.skipped > 0) process.stdout.write(`\nskipped: ${tally.skipped}\n`);
  process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`);
  if (tally.failed > 0 || isInterrupted) process.exitCode = isInterrupted ? 130 : 1;
}

await start();
