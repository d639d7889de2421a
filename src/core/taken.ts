import type { Lots, Millis, Value } from "./units.ts";

/**
 * Who closed an engine's lots without an order of the engine's own. `exit`: another engine's exit that went too far; `lastStop`:
 * the stop that closes a whole book.
 */
export type TakenBy = "liquidation" | "adl" | "person" | "exit" | "lastStop";

/**
 * All that changed an engine's share of a book otherwise than by its own orders, since the desk's beginning: sums, signed
 * as executions are (a sale has negative lots), and who did the latest of it.
 */
export interface Taken {
  readonly lots: Lots;
  readonly cost: Value;
  readonly fees: Value;
  readonly by: TakenBy | undefined;
  /** The exchange's id of the latest execution, and its market time, where they are known. */
  readonly tradeId: string | undefined;
  readonly at: Millis | undefined;
}
