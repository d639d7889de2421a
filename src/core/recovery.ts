import type { Lots, Millis, Ticks } from "./units.ts";

/** How a stuck position is recovered when its loss is within its stop's threshold (seed S1-84, X32). */
export type RecoveryMode = "aggressive" | "ladder" | "hedge" | "none";

/** What a person may choose for a position that stays stuck, beside to wait (seed S1-132 to S1-134). */
export type RecoveryChoice = Exclude<RecoveryMode, "none">;

/** Stands for a person's name where nobody decided in time and the card's own word holds. */
export const DEADLINE = "deadline";

/** How far a rung's recovery has come. `hedging`: its hedge is being opened. `asked`: people were asked, after two hours. */
export type RecoveryStage = "none" | "stuck" | "ladder" | "closing" | "hedging" | "hedged" | "asked";

/** One rung of a grid as people see it: all prices in ticks, all sizes in lots, times in market milliseconds. */
export interface RungView {
  readonly index: number;
  /** The lattice's price. */
  readonly price: Ticks;
  readonly status: "opening" | "holding" | "closing";
  readonly held: Lots;
  /** What its entry was filled at on average; undefined while nothing is held. */
  readonly entry: Ticks | undefined;
  readonly openedAt: Millis | undefined;
  readonly stop: Ticks | undefined;
  /** Closes that rest: the take profit, or the slices of a ladder. */
  readonly closes: readonly { readonly price: Ticks; readonly lots: Lots; readonly isLadder: boolean }[];
  /** The other leg of its hedged pair, in the opposite book; left out: there is none. */
  readonly hedge?: {
    readonly lots: Lots;
    readonly entry: Ticks | undefined;
    readonly stop: Ticks | undefined;
  };
  readonly stage: RecoveryStage;
  readonly stuckSince: Millis | undefined;
  /** Recoveries that were begun in this cycle. */
  readonly attempts: number;
}
