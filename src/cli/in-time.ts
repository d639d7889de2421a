import type { Clock } from "../desk/ports.ts";
import { StartError } from "./start-error.ts";

/** Streams open within a second or two, and prices come with them; a quiet market may take a while to say something. */
const PATIENCE_MS = 30_000;

/** What to look at when a stream does not open or says nothing. */
export const CHECK_NETWORK = "check that WebSockets may leave this machine";

/** What `work` comes to, or, when that takes longer than `ms`, what `late` gives or throws. */
export async function unlessLate<T, L>(
  ms: number,
  clock: Clock,
  work: Promise<T>,
  late: () => L,
): Promise<T | L> {
  let cancel = (): void => undefined;
  const time = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  try {
    return await Promise.race([work, time.then(late)]);
  } finally {
    cancel();
  }
}

/** Waits half a minute for a stream, which by itself is tried for ever: then a `StartError` says what is missing, and what to do. */
export const inTime = <T>(work: Promise<T>, clock: Clock, missing: () => string): Promise<T> =>
  unlessLate(PATIENCE_MS, clock, work, (): never => {
    throw new StartError(`In ${PATIENCE_MS / 1_000} s ${missing()}.`);
  });
