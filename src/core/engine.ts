import type { DeskEvent, FixedId } from "./event.ts";
import type { AccountId, Instrument, InstrumentId, MarginBracket } from "./instrument.ts";
import type { Intent } from "./intent.ts";
import type { CloseCause, EngineId, OrderRecord, PositionSide, Role } from "./order.ts";
import type { Position } from "./position.ts";
import type { RiskState } from "./proposal.ts";
import type { Quiet } from "./quiet.ts";
import type { RungView } from "./recovery.ts";
import type { Taken } from "./taken.ts";
import type { Lots, Millis, Ticks, Value } from "./units.ts";

/** What an engine must be fed. */
export interface EngineNeeds {
  readonly instruments: readonly InstrumentId[];
  readonly feeds: readonly ("top" | "trades" | "depth" | "mark" | "funding" | "prediction")[];
  readonly timeframesMs: readonly number[];
  readonly warmupBars: number;
}

/** What an engine may see of the desk. Reading is free of effects, except that `newId` counts up. */
export interface EngineView {
  readonly at: Millis;
  readonly wallAt: Millis;
  readonly riskState: RiskState;
  /** Entries are paused by a person: resting ones are taken back. */
  readonly isPaused: boolean;
  /** It closed all by itself (stop price, loss limit) and waits for a person: it holds nothing. */
  readonly isHalted: boolean;
  /** What the holding that began with `before` had lost when a person let the halted engine go on. */
  readonly forgivenLoss: { readonly before: Value; readonly loss: Value } | undefined;
  /** False while a person paused the desk, at boot until the second consistent reading, in gaps, and so on. */
  readonly mayIncrease: boolean;
  /** False for a moment after a start: an exit that seems to be missing, or to be too much, may only be a list cut short. */
  readonly isConfirmed: boolean;
  /** As `isConfirmed`, but not false for long: no list may keep a position without its stop (I3). */
  readonly mayProtect: boolean;
  instrument(id: InstrumentId): Instrument;
  brackets(id: InstrumentId): readonly MarginBracket[];
  /** Sizes are whole multiples of so many lots just now, and at least `least`: less can't be traded (dust). */
  sizes(id: InstrumentId): { readonly step: number; readonly least: Lots };
  top(
    id: InstrumentId,
  ): { readonly bid: Ticks; readonly bidLots: Lots; readonly ask: Ticks; readonly askLots: Lots } | undefined;
  mark(id: InstrumentId): Ticks | undefined;
  /** A price that a person set while the engine runs, undefined inside: none; undefined itself: as configured. */
  priceSet(which: "stop" | "pause"): { readonly price: Ticks | undefined } | undefined;
  order(clientId: string): OrderRecord | undefined;
  position(instrument: InstrumentId, positionSide: PositionSide): Readonly<Position>;
  /** What changed that position otherwise than by orders of this engine. */
  taken(instrument: InstrumentId, positionSide: PositionSide): Taken;
  /** A client order id of this engine, never used before. `cause` is a close's. */
  newId(role: Role, rung: number, slice: number, cause?: CloseCause): string;
  /** The client order id of a proposal's close of one rung, slice by slice: the same whenever it is asked for. */
  fixedId(rung: number, slice: number, fixed: FixedId, cause: CloseCause): string;
}

/**
 * A trading engine: a synchronous, deterministic state machine. Events in, intents out; no clock, chance, I/O or
 * async (DESIGN.md section 1). Throwing means a bug and stops this engine alone.
 */
export interface Engine {
  readonly id: EngineId;
  readonly account: AccountId;
  readonly needs: EngineNeeds;
  handle(event: DeskEvent, view: EngineView): readonly Intent[];
  /** Rebuilds all state from the engine's own orders, found on the exchange (after boot and after gaps). */
  adopt(orders: readonly OrderRecord[], view: EngineView): readonly Intent[];
  /** Plain data for the state hash, the dashboard and people. */
  snapshot(): EngineSnapshot;
  /** Its rungs as people see them, lowest first; worked out when somebody asks, never in a turn. */
  rungs(view: EngineView): readonly RungView[];
  /**
   * Asked after a quote of which it wanted nothing: which further ones, and which wakes meanwhile, it would want nothing of
   * either, and would not even remember. Undefined, or no such method: it must hear them all.
   */
  quiet?(view: EngineView): Quiet | undefined;
  /** Goes with `quiet`: when it would ask to be woken next, were it woken at a market time and wanted nothing. */
  wakeAfter?(tag: string, at: Millis): Millis;
}

/** The part of an engine's state that every engine has. */
export interface EngineSnapshot {
  readonly summary: string;
  readonly rungsHeld: number;
  readonly rungsOpening: number;
  readonly cycles: number;
  readonly stops: number;
  readonly realized: Value;
  /** Whatever else decides what it does next; canonical JSON of it goes into the state hash. */
  readonly state: unknown;
}
