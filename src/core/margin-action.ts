import type { AccountId, InstrumentId } from "./instrument.ts";
import type { EngineId, PositionSide } from "./order.ts";
import type { RiskState } from "./proposal.ts";
import type { Lots, Ticks, Value } from "./units.ts";

/** Puts more money behind an isolated position, so that its liquidation is farther away (S3-190). */
export interface AddMarginAction {
  readonly type: "addMargin";
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  /** Always positive, in the account's asset. */
  readonly amount: Value;
  readonly figures: MarginFigures;
}

/** What adding it comes to. Undefined: not known, never zero. */
export interface MarginFigures {
  /** The whole book; negative for short. */
  readonly lots: Lots;
  readonly mark: Ticks;
  readonly riskState: RiskState;
  readonly asset: string;
  /** What stands behind the position before it. */
  readonly behind: Value;
  /** The same as the exchange tells it of just this size; undefined: `behind` is worked out. */
  readonly told: Value | undefined;
  /** What the account has left that stands behind nothing. */
  readonly free: Value | undefined;
  readonly liquidationBefore: Ticks | "none" | undefined;
  readonly liquidationAfter: Ticks | "none" | undefined;
  /** The engines that hold the position: what each has used of its purse, and what the margin takes of it besides (X26). */
  readonly purses: readonly PurseOfMargin[];
}

/** What the outcome begins with when nobody knows whether it was added. */
export const NOT_KNOWN = "Whether it was added is not known";

/** One engine's part of added margin. */
export interface PurseOfMargin {
  readonly engine: EngineId;
  readonly part: Value;
  readonly used: Value;
  readonly cap: Value;
}

/** Which position gets how much more margin, as a person says it; undefined side: the only one that is held. */
export interface MarginWish {
  readonly instrument: InstrumentId;
  readonly positionSide: "long" | "short" | undefined;
  readonly amount: Value;
}

/** Margin that counts against purses from now on; negative: no longer. */
export interface MarginCount {
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly parts: readonly (readonly [engine: EngineId, amount: Value])[];
}
