import type { InstrumentId } from "./instrument.ts";
import type { Times } from "./market-event.ts";
import type { EngineId, OrderFacts, PositionSide } from "./order.ts";

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
