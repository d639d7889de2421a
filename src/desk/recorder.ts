import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { DeskEvent } from "../core/event.ts";
import type { KernelConfig } from "./kernel/config.ts";
import type { Effect } from "./kernel/effect.ts";

/** The version of the recording's format. */
export const RECORDING_SCHEMA = 4;
/** A state hash is written after this many turns, and at the end. */
export const HASH_EVERY = 1_000;

/** The first line of a recording's first part. */
export interface RecordingHeader {
  readonly schema: number;
  readonly config: KernelConfig;
  /** The settings without secrets. */
  readonly settings: unknown;
}

/** Where and how much is recorded. */
export interface RecorderOptions {
  readonly folder: string;
  /** Name of this run: its parts are NAME.0001.ndjson, NAME.0002.ndjson ... */
  readonly run: string;
  readonly partBytesMax: number;
  /** Runs kept, the newest first; a run is removed whole, since a replay starts at its beginning. */
  readonly runsKept: number;
}

const BUFFER_BYTES = 64 * 1024;

/** Extends the chain of a recording by one line: 12 hex digits that a changed byte breaks. */
export const chain = (previous: string, line: string): string =>
  createHash("sha256").update(previous).update(line).digest("hex").slice(0, 12);

/** The hash of a kernel's canonical state. */
export const stateHash = (canonical: unknown): string =>
  createHash("sha256").update(JSON.stringify(canonical)).digest("hex").slice(0, 32);

/** The flight recorder: one line an event with the effects of its turn, chained, so that a replay finds any change. */
export class Recorder {
  readonly #options: RecorderOptions;
  #file: number;
  #part = 1;
  #bytes = 0;
  #buffer: string[] = [];
  #buffered = 0;
  #chain = "";
  #isClosed = false;

  constructor(options: RecorderOptions, header: RecordingHeader) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
    removeOldRuns(options);
    this.#file = openSync(this.path(1), "wx", 0o600);
    this.#line(JSON.stringify({ header }));
    this.flush();
  }

  /** The file of a part. */
  path(part: number): string {
    return partPath(this.#options.folder, this.#options.run, part);
  }

  /** Notes a turn. Urgent ones are on their way to disk before this returns (their effects have not left yet). */
  turn(event: DeskEvent, effects: readonly Effect[], isUrgent: boolean): void {
    this.#line(JSON.stringify(effects.length === 0 ? { e: event } : { e: event, x: effects }));
    if (isUrgent || this.#buffered > BUFFER_BYTES) this.flush();
  }

  /** Notes the state hash after the last turn. */
  hash(hash: string, turns: number): void {
    this.#line(JSON.stringify({ h: hash, turns }));
  }

  flush(): void {
    if (this.#buffer.length === 0 || this.#isClosed) return;
    const text = this.#buffer.join("");
    this.#buffer = [];
    this.#buffered = 0;
    const bytes = Buffer.from(text);
    // A disk may take less than it is given.
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#bytes += bytes.length;
    if (this.#bytes >= this.#options.partBytesMax) this.#rotate();
  }

  close(): void {
    this.flush();
    if (!this.#isClosed) closeSync(this.#file);
    this.#isClosed = true;
  }

  #rotate(): void {
    closeSync(this.#file);
    this.#part += 1;
    this.#bytes = 0;
    this.#file = openSync(this.path(this.#part), "wx", 0o600);
  }

  #line(body: string): void {
    this.#chain = chain(this.#chain, body);
    const line = `${body.slice(0, -1)},"c":"${this.#chain}"}\n`;
    this.#buffer.push(line);
    this.#buffered += line.length;
  }
}

/** A name for one life's recording. Epochs begin anew in another database or scope: only the nonce is never seen again. */
export const runName = ({ desk, epoch, nonce }: Pick<KernelConfig, "desk" | "epoch" | "nonce">): string =>
  `${desk}-e${String(epoch).padStart(6, "0")}-${nonce}`;

/** The file of one part of a run. */
export const partPath = (folder: string, run: string, part: number): string =>
  join(folder, `${run}.${String(part).padStart(4, "0")}.ndjson`);

function removeOldRuns({ folder, runsKept }: RecorderOptions): void {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder).filter((name) => /\.\d{4}\.ndjson$/.test(name));
  const newest = new Map<string, number>();
  for (const name of files) {
    const run = name.replace(/\.\d{4}\.ndjson$/, "");
    newest.set(run, Math.max(newest.get(run) ?? 0, statSync(join(folder, name)).mtimeMs));
  }
  const old = [...newest].sort(([, a], [, b]) => b - a).slice(Math.max(0, runsKept - 1));
  for (const [run] of old)
    for (const name of files) if (name.replace(/\.\d{4}\.ndjson$/, "") === run) rmSync(join(folder, name));
}
