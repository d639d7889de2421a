import type { Log, LogFields } from "./log.ts";

/** Writes a repeated complaint once in a while instead of a thousand times a minute. */
export interface Repeats {
  /** Same key, same complaint. The first goes out at once; later ones are counted and told with the next that does. */
  report(key: string, level: "warn" | "error", message: string, fields?: LogFields): void;
}

/** Keys that are remembered; beyond them the oldest is forgotten. */
const KEYS_MAX = 500;

/** Each key at most once every `everyMs`, by a clock that never jumps. */
export function limitRepeats(
  log: Pick<Log, "warn" | "error">,
  everyMs: number,
  monotonic: () => number,
): Repeats {
  const told = new Map<string, { at: number; held: number }>();
  return {
    report(key, level, message, fields = {}) {
      const now = monotonic();
      const last = told.get(key);
      if (last !== undefined && now - last.at < everyMs) {
        last.held += 1;
        return;
      }
      told.delete(key);
      const oldest = told.size >= KEYS_MAX ? told.keys().next().value : undefined;
      if (oldest !== undefined) told.delete(oldest);
      told.set(key, { at: now, held: 0 });
      const held = last?.held ?? 0;
      log[level](message, held === 0 ? fields : { ...fields, repeatedSince: held });
    },
  };
}
