import type { AccountId, InstrumentId } from "./instrument.ts";
import type { EngineId, PositionSide } from "./order.ts";
import type { RiskState } from "./proposal.ts";
import type { Lots, Rate, Ticks, Value } from "./units.ts";

/** Opens hedges of losing rungs of one grid: the opposite beside each, so that a further move changes nothing. */
export interface HedgeAction {
  readonly type: "hedge";
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  /** The rungs' own book; the hedges are the other one. */
  readonly positionSide: PositionSide;
  readonly engine: EngineId;
  /** Of all that loses, what was asked for; whole rungs come nearest to it from below, and one at least. */
  readonly part: Rate;
  readonly rungs: readonly HedgeRung[];
  readonly figures: HedgeFigures;
  /** Losing rungs that are not hedged, with the reason: one line each. */
  readonly left: readonly string[];
}

/** One rung of the list, as it was when the card was made. */
export interface HedgeRung {
  readonly rung: number;
  readonly lots: Lots;
  readonly entry: Ticks;
  /** How much of its entry price it has lost. */
  readonly loss: Rate;
  readonly isStuck: boolean;
}

/** What hedging all of them comes to. Undefined: not known, never zero. */
export interface HedgeFigures {
  readonly mark: Ticks;
  readonly riskState: RiskState;
  /** What the hedges sell or buy, and the worst price that they take. */
  readonly lots: Lots;
  /** Of all that loses. */
  readonly of: Lots;
  readonly price: Ticks;
  /** Long less short of the instrument on the whole account; negative: short. */
  readonly netBefore: Lots;
  readonly netAfter: Lots;
  /** What the hedges take of the purse, and what is free of it. */
  readonly margin: Value;
  readonly free: Value;
  /** What the hedges receive at the next funding, or negative: pay, at the present rate. */
  readonly funding: Value | undefined;
  /** From the mark price to the liquidation of the rungs' book and of the hedges' book, before and after. */
  readonly ownDistance: Rate | "none" | undefined;
  readonly otherBefore: Rate | "none" | undefined;
  readonly otherAfter: Rate | "none" | undefined;
}
