import type { InstrumentId } from "../core/instrument.ts";

/** The exchange's countdown that cancels what rests when it does not hear from us in time. Stops may go with it or stay: nobody says. */
export interface Countdown {
  /** What one countdown covers: the orders of an instrument, or all that rest on the account. */
  readonly per: "instrument" | "account";
  /** The shortest that it takes; ours are 15 to 120 seconds. */
  readonly secondsMin: number;
  /**
   * Starts one of so many wall seconds in place of the one that runs; 0 ends it. `instrument` does not matter where it is the
   * account's. Rejects, with why, when the exchange refused or did not answer: whether it was set is not known then.
   */
  set(instrument: InstrumentId, seconds: number): Promise<void>;
}
