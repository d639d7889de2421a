import type { Clock } from "../desk/ports.ts";
import type { Log } from "../observe/log.ts";
import { unlessLate } from "./in-time.ts";

/** One part of the desk's end. */
interface Stage {
  /** As the log names it. */
  readonly name: string;
  /** How long it may take, in wall milliseconds. */
  readonly msMax: number;
  readonly work: () => Promise<unknown>;
}

/**
 * Ends parts one after another, each in a time of its own: one that hangs or fails is logged and left behind, so that it can't
 * take the next one's time. Resolves true when all of them ended well.
 */
export async function endInTurn(
  stages: readonly Stage[],
  { clock, log }: { readonly clock: Clock; readonly log: Pick<Log, "warn" | "error"> },
): Promise<boolean> {
  let isClean = true;
  for (const { name, msMax, work } of stages) {
    try {
      if (await within(msMax, clock, work)) continue;
      log.warn(`${name} did not end in ${msMax / 1_000} s and is left behind`);
    } catch (error) {
      log.error(`${name} could not be ended`, { error });
    }
    isClean = false;
  }
  return isClean;
}

/** Whether the work was done in time; rejects when it failed in time. */
const within = (ms: number, clock: Clock, work: () => Promise<unknown>): Promise<boolean> =>
  unlessLate(
    ms,
    clock,
    work().then(() => true),
    () => false,
  );
