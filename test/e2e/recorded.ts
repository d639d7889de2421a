import { existsSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { DeskEvent } from "../../src/core/event.ts";
import type { OrderRecord } from "../../src/core/order.ts";
import type { Kernel } from "../../src/desk/kernel/kernel.ts";
import { partPath, type RecordingHeader } from "../../src/desk/recorder.ts";
import { kernelOf } from "../../src/desk/replay.ts";

/** Every event of a recording that was written so far; a torn last line is left out. */
export function eventsOf(path: string): {
  readonly header: RecordingHeader | undefined;
  readonly events: readonly DeskEvent[];
} {
  const run = basename(path).replace(/\.\d{4}\.ndjson$/, "");
  const events: DeskEvent[] = [];
  let header: RecordingHeader | undefined;
  for (let part = 1; existsSync(partPath(dirname(path), run, part)); part += 1) {
    for (const text of readFileSync(partPath(dirname(path), run, part), "utf8").split("\n")) {
      try {
        const line = JSON.parse(text) as { readonly header?: RecordingHeader; readonly e?: DeskEvent };
        if (line.header !== undefined) header = line.header;
        else if (line.e !== undefined) events.push(line.e);
      } catch {
        // The end of the file, or what a kill left of the last line.
      }
    }
  }
  return { header, events };
}

/** The desk's mind as its recording tells it, also while the desk still runs; undefined before there is a header. */
export function mindOf(path: string): Kernel | undefined {
  const { header, events } = eventsOf(path);
  if (header === undefined) return undefined;
  const kernel = kernelOf(header);
  for (const event of events) kernel.turn(event);
  return kernel;
}

/** A rung as the desk shows it. */
export interface DeskRung {
  readonly held: number;
  readonly entryClientId: string;
  readonly entryPrice: number | undefined;
  readonly orders: readonly OrderRecord[];
}

/** The rungs that a desk's grid shows, by index. */
export function rungsOf(kernel: Kernel, engine = "grid-btc"): ReadonlyMap<number, DeskRung> {
  const shown = kernel.state.engines.get(engine)?.snapshot().state as {
    readonly rungs: readonly (readonly [number, string, readonly (readonly [string, string, number])[]])[];
  };
  return new Map(
    shown.rungs.map(([index, , listed]) => {
      const orders = listed
        .map(([clientId]) => kernel.state.orders.get(clientId))
        .filter((order) => order !== undefined);
      const entries = orders.filter((order) => order.facts.role === "entry" && order.filled > 0);
      const held = orders.reduce(
        (sum, order) => sum + order.filled * (order.facts.role === "entry" ? 1 : -1),
        0,
      );
      const last = entries.at(-1);
      return [
        index,
        { held, entryClientId: last?.facts.clientId ?? "", entryPrice: last?.facts.price, orders },
      ];
    }),
  );
}
