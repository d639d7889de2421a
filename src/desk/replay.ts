import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { DeskEvent } from "../core/event.ts";
import { Grid } from "../engines/grid/grid.ts";
import { Kernel } from "./kernel/kernel.ts";
import { chain, partPath, RECORDING_SCHEMA, type RecordingHeader, stateHash } from "./recorder.ts";

/** What a replay found. `problem` names the first turn that differs, in one sentence. */
export interface ReplayResult {
  readonly isSame: boolean;
  readonly problem: string | undefined;
  readonly turns: number;
  readonly hashesChecked: number;
  /** The last line was cut off, as a kill does: it was left out. */
  readonly isTorn: boolean;
  readonly stateHash: string;
}

interface Line {
  readonly header?: RecordingHeader;
  readonly e?: DeskEvent;
  readonly x?: readonly unknown[];
  readonly h?: string;
  readonly turns?: number;
  readonly c?: string;
}

/**
 * Runs a recording through a fresh kernel and compares the chain, the effects of every turn and every state hash.
 * `path` is a run's first part, or a folder, whose newest run is taken. Rejects when there is no recording.
 */
export async function replay(path: string): Promise<ReplayResult> {
  const first = firstPart(path);
  const run = basename(first).replace(/\.\d{4}\.ndjson$/, "");
  let kernel: Kernel | undefined;
  let previous = "";
  let turns = 0;
  let hashesChecked = 0;
  let torn: string | undefined;
  const end = (problem: string | undefined): ReplayResult => ({
    isSame: problem === undefined,
    problem,
    turns,
    hashesChecked,
    isTorn: torn !== undefined,
    stateHash: kernel === undefined ? "" : stateHash(kernel.state.canonical()),
  });
  for await (const text of lines(dirname(first), run)) {
    if (torn !== undefined) return end(`turn ${turns + 1}: the line is not valid JSON`);
    const line = parse(text);
    if (line === undefined) {
      torn = text;
      continue;
    }
    const cut = text.lastIndexOf(',"c":"');
    const body = `${text.slice(0, cut)}}`;
    previous = chain(previous, body);
    if (previous !== line.c) return end(`turn ${turns + 1}: the line was changed after it was written`);
    if (line.header !== undefined) {
      if (line.header.schema !== RECORDING_SCHEMA)
        return end(`schema ${line.header.schema} is not ${RECORDING_SCHEMA}`);
      kernel = kernelOf(line.header);
      continue;
    }
    if (kernel === undefined) return end("the recording does not start with a header");
    if (line.h !== undefined) {
      const hash = stateHash(kernel.state.canonical());
      if (hash !== line.h) return end(`turn ${turns}: the state hash is ${hash}, recorded was ${line.h}`);
      hashesChecked += 1;
      continue;
    }
    if (line.e === undefined) return end(`turn ${turns + 1}: the line holds no event`);
    turns += 1;
    const { effects } = kernel.turn(line.e);
    if (JSON.stringify(effects) !== JSON.stringify(line.x ?? [])) {
      return end(`turn ${turns}: the effects of "${line.e.type}" differ from the recorded ones`);
    }
  }
  return end(kernel === undefined ? "the recording is empty" : undefined);
}

/** The kernel that a header describes: the same engines from the same parameters. */
export function kernelOf(header: RecordingHeader): Kernel {
  const { config } = header;
  return new Kernel(
    config,
    config.grids.map((parameters) => new Grid(parameters)),
  );
}

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

async function* lines(folder: string, run: string): AsyncGenerator<string> {
  for (let part = 1; existsSync(partPath(folder, run, part)); part += 1) {
    yield* createInterface({
      input: createReadStream(partPath(folder, run, part)),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
  }
}

function firstPart(path: string): string {
  if (path.endsWith(".ndjson")) {
    if (!existsSync(path))
      throw new Error(`recording "${path}" does not exist; give a *.0001.ndjson file or its folder`);
    return path.replace(/\.\d{4}\.ndjson$/, ".0001.ndjson");
  }
  const runs = existsSync(path)
    ? readdirSync(path)
        .filter((name) => name.endsWith(".0001.ndjson"))
        .map((name) => ({ name, at: statSync(join(path, name)).mtimeMs }))
        .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
    : [];
  const newest = runs.at(-1)?.name;
  if (newest === undefined)
    throw new Error(`"${path}" holds no recording; give a *.0001.ndjson file or its folder`);
  return join(path, newest);
}
