import type { EngineId, OrderRecord } from "../../core/order.ts";

/** What became of an execution, and whose share it changed besides its own engine's. */
export type FillResult =
  | {
      readonly type: "own";
      readonly order: OrderRecord;
      readonly isOverfill: boolean;
      readonly changed: readonly EngineId[];
    }
  | { readonly type: "foreign" | "liquidation" | "duplicate"; readonly changed: readonly EngineId[] };
