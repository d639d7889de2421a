import type { AccountId, InstrumentId } from "../../core/instrument.ts";
import type { EngineId, PositionSide } from "../../core/order.ts";
import type { RecoveryMode } from "../../core/recovery.ts";
import type { Lots, Millis, Rate, Side, Ticks, Value } from "../../core/units.ts";

/** A grid's parameters in counts; fixed while it runs (seed S1 section 5, X2, X38). */
export interface GridParameters {
  readonly engine: EngineId;
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  /** `buy` profits when the price rises again, `sell` when it falls again. */
  readonly direction: Side;
  /** Of every rung. */
  readonly quantity: Lots;
  readonly takeProfit: Rate;
  readonly step: Rate;
  /** Rungs that may be opening or held at the same time. */
  readonly ordersMax: number;
  /** Market time between two entries. */
  readonly waitMs: Millis;
  readonly positionMax: Lots;
  readonly purse: Value;
  readonly leverage: number;
  /** From a rung's entry price to its stop; undefined: switched off. */
  readonly stopLoss: Rate | undefined;
  /** Given: equal steps from here; else equal percentages. */
  readonly anchor: Ticks | undefined;
  /** Entries keep within these, both included; undefined: no bound (X14). */
  readonly priceMin: Ticks | undefined;
  readonly priceMax: Ticks | undefined;
  /** Market time after which a position that has no way out is stuck (S1-83, X31). */
  readonly stuckAfterMs: Millis;
  readonly recovery: RecoveryMode;
  /** The mark price crossing it closes all and pauses the grid (S1-85); undefined: none. */
  readonly stopPrice: Ticks | undefined;
  /** Beyond it no entry leaves (S1-86); undefined: none. */
  readonly pausePrice: Ticks | undefined;
  /** The purse's own loss limit, unrealised loss included, in steps of the settle asset; undefined: none (X8, X39). */
  readonly lossMax: Value | undefined;
  /** They are those of the other leg of its hedged pairs (`legOf`), not the grid's own. */
  readonly isLeg?: true;
}
