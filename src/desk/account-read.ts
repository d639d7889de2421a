import type { KernelState } from "./kernel/state.ts";
import type { Clock, Outcome } from "./ports.ts";

/** How long a person waits for a reading of the account, and how often it is looked for. */
const READING_MS = 20_000;
const POLL_MS = 200;

/** Waits until a reading of the account is in that was asked for just now; says so when it takes too long. */
export async function accountRead(state: KernelState, clock: Clock): Promise<Outcome> {
  const from = state.wallAt;
  const end = clock.monotonic() + READING_MS;
  while (state.isReadingTruth || state.truthAskedWallAt < from) {
    if (clock.monotonic() > end)
      return { isOk: false, text: "The account could not be read in 20 s; the desk goes on trying." };
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
  return { isOk: true, text: "The account has been read." };
}
