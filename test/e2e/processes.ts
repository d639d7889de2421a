import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesOf, findLeaks, type Place, place } from "./secret-scan.ts";

/** The clone. */
export const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "bin", "perpdesk.mjs");

/** What the real command gets of this process's environment: nothing that could point it at a database or a chat. */
const PASSED = ["PATH", "HOME", "TMPDIR", "SystemRoot", "npm_execpath"] as const;

/** Keys of the venue that must never show up anywhere: every process of every story has them. */
export const MARKERS = {
  PERPDESK_VENUE_KEY: "marker-of-the-venue-key-of-all-stories-2718",
  PERPDESK_VENUE_SECRET: "marker-of-the-venue-secret-of-all-stories-3141",
} as const;

function noLeak(places: readonly Place[]): void {
  const leaks = findLeaks(MARKERS, places);
  if (leaks.length > 0) throw new Error(`secrets leaked: ${JSON.stringify(leaks)}`);
}

/** Where and with what a command runs. */
export interface RunOptions {
  readonly cwd: string;
  /** Added to the little that is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** What node runs; left out: the command line. */
  readonly program?: readonly string[];
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command line in a process of its own. */
export class Perpdesk {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  stdout = "";
  stderr = "";
  isOver = false;

  constructor(args: readonly string[], { cwd, env = {}, program = [BIN] }: RunOptions) {
    const passed = Object.fromEntries(PASSED.map((name) => [name, process.env[name]]));
    this.#child = spawn(process.execPath, [...program, ...args], {
      cwd,
      env: { ...passed, ...MARKERS, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#look();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#look();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => {
        this.isOver = true;
        noLeak([place("stdout", this.stdout), place("stderr", this.stderr)]);
        this.#look();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** The process's id. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Sends a signal; the process may be gone already. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** kill -9, and waits until the system has let go of it. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }

  /** Waits until a text has been printed on stdout or stderr; rejects when it ends or is late before. */
  said(text: string | RegExp, withinMs = 60_000): Promise<void> {
    const isSaid = (): boolean =>
      typeof text === "string"
        ? this.stdout.includes(text) || this.stderr.includes(text)
        : text.test(this.stdout) || text.test(this.stderr);
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (isSaid()) finish();
        else if (this.isOver) finish(new Error(`it ended before it said ${text}: ${this.#tail()}`));
      };
      const timer = setTimeout(
        () => finish(new Error(`it did not say ${text} in ${withinMs} ms: ${this.#tail()}`)),
        withinMs,
      );
      this.#waiting.add(look);
      look();
    });
  }

  #tail(): string {
    return `stdout ${this.stdout.slice(-1_000)}\nstderr ${this.stderr.slice(-2_000)}`;
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** Runs a command to its end; one that hangs is killed. */
export async function perpdesk(
  args: readonly string[],
  options: RunOptions,
  withinMs = 120_000,
): Promise<Ended> {
  const run = new Perpdesk(args, options);
  const timer = setTimeout(() => run.signal("SIGKILL"), withinMs);
  const ended = await run.ended;
  clearTimeout(timer);
  return ended;
}

/** A venue in a process of its own, with the hand of stories on it. */
export async function startVenue(
  args: readonly string[],
  options: RunOptions,
): Promise<{ readonly run: Perpdesk; readonly url: string; readonly port: number }> {
  const run = new Perpdesk(["venue", "--port", "0", "--control", ...args], options);
  await run.said(/^\{"listening".*\n/m);
  const line = run.stdout.split("\n").find((each) => each.startsWith('{"listening"')) ?? "";
  const { listening, port } = JSON.parse(line) as { readonly listening: string; readonly port: number };
  return { run, url: listening, port };
}

/** A folder of its own outside the clone, as a person's working folder; `gone` removes it. */
export function ownFolder(): {
  readonly path: string;
  write(name: string, text: string): string;
  gone(): void;
} {
  const path = mkdtempSync(join(tmpdir(), "perpdesk-story-"));
  return {
    path,
    write: (name, text) => {
      const file = join(path, name);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    gone: () => {
      // Logs, recordings and the store of whatever ran here are looked through before they go.
      const places = existsSync(path) ? filesOf(path) : [];
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
      noLeak(places);
    },
  };
}

/** First parts of all recordings that a desk left in a working folder, oldest first. */
export function recordingsOf(cwd: string, dataDir = "var"): readonly string[] {
  const folder = join(cwd, dataDir, "recordings");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".0001.ndjson"))
    .sort()
    .map((name) => join(folder, name));
}

/** Waits in real time: processes can't be hurried. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks until something is so; rejects with the sentence when it takes too long. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  sentence: string,
  withinMs = 30_000,
  everyMs = 50,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${sentence}: not within ${withinMs} ms`);
    await pause(everyMs);
  }
}
