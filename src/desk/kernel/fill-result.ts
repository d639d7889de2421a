import type { EngineId, OrderRecord } from "../../core/order.ts";

/** What became of an execution, and whose share it changed besides its own engine's. */
export type FillResult =
  | {
      readonly type: "own";
      readonly order: OrderRecord;
      readonly isOverfill: boolean;
      readonly changed: readonly EngineId[];
    }
  /** The stop that closes a whole book executed: all of its engines lose their part. */
  | { readonly type: "lastStop"; readonly order: OrderRecord; readonly changed: readonly EngineId[] }
  | { readonly type: "foreign" | "liquidation" | "duplicate"; readonly changed: readonly EngineId[] };
