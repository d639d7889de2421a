import type { Clock } from "../desk/ports.ts";
import { StartError } from "./start-error.ts";

/** Streams open within a second or two, and prices come with them; a quiet market may take a while to say something. */
const PATIENCE_MS = 30_000;

/** What to look at when a stream does not open or says nothing. */
export const CHECK_NETWORK = "check that WebSockets may leave this machine";

/** Waits half a minute for a stream, which by itself is tried for ever: then a `StartError` says what is missing, and what to do. */
export async function inTime<T>(work: Promise<T>, clock: Clock, missing: () => string): Promise<T> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(PATIENCE_MS, () =>
      reject(new StartError(`In ${PATIENCE_MS / 1_000} s ${missing()}.`)),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
