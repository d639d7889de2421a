import type { InstrumentId } from "./instrument.ts";
import type { Times } from "./market-event.ts";
import type { EngineId, OrderFacts, PositionSide } from "./order.ts";
import type { RecoveryChoice } from "./recovery.ts";
import type { Lots } from "./units.ts";

/**
 * The desk asks an engine to give up `lots` of its virtual position (a person's close, panic): take quantity from
 * the take profits first, close reduce-only, cancel stops last. Never recorded: it follows from the turn.
 */
export interface CloseShareEvent extends Times {
  readonly type: "closeShare";
  readonly engine: EngineId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  /** Always positive. */
  readonly lots: Lots;
  /** Set for a proposal: its orders' ids must be the same after a restart. */
  readonly fixed: FixedId | undefined;
  /** Who asked for it, for the trade log: a person's name, or what in the desk did. */
  readonly by?: string;
}
/** A person chose how a rung that stays stuck is to get out. Never recorded: it follows from the turn. */
export interface RecoverRungEvent extends Times {
  readonly type: "recoverRung";
  readonly engine: EngineId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly rung: number;
  readonly how: RecoveryChoice;
  /** Why a hedge that was wanted is not opened, where this is done in its place. */
  readonly instead?: string;
  /** Set for a proposal, as in `CloseShareEvent`. */
  readonly fixed: FixedId | undefined;
  /** Who chose it: a person's name, or `DEADLINE`; nobody chose what stands in for a hedge. */
  readonly by?: string;
}
/** The parts of a client id that a proposal fixes. */
export interface FixedId {
  readonly generation: number;
  readonly epoch: number;
}
/** The guard approved an engine's order: its record exists from here on. Never recorded: it follows from the turn. */
export interface ApprovedEvent extends Times {
  readonly type: "approved";
  readonly engine: EngineId;
  readonly facts: OrderFacts;
}
/** The guard refused an engine's order: nothing was sent. Never recorded: it follows from the turn. */
export interface RefusedEvent extends Times {
  readonly type: "refused";
  readonly engine: EngineId;
  readonly facts: OrderFacts;
  readonly reason: string;
}

/**
 * An engine's virtual position changed without an order of its own: a liquidation, a deleveraging, a person's trade
 * against it, or late news of one. Never recorded: it follows from the turn.
 */
export interface ShareChangedEvent extends Times {
  readonly type: "shareChanged";
  readonly engine: EngineId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
}
