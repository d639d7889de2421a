import type { Instrument, InstrumentId } from "../core/instrument.ts";
import type { LimitView } from "../core/limit.ts";
import type { EngineId, OrderKind, OrderState, PositionSide, Role } from "../core/order.ts";
import type { Proposal, RiskState } from "../core/proposal.ts";
import type { RecoveryMode, RungView } from "../core/recovery.ts";
import type { OtherPosition } from "../core/truth.ts";
import type { Lots, Millis, Rate, Side, Ticks, Value } from "../core/units.ts";
import type { GridFigures } from "../engines/grid/metrics.ts";
import type { LiquidationLevel } from "../risk/liquidation.ts";
import type { PlatformHealth } from "./ports.ts";

/** The desk as people see it at one moment; plain data, safe to keep. */
export interface DeskSnapshot {
  readonly version: string;
  readonly mode: "sim" | "paper" | "demo" | "live";
  readonly account: string;
  readonly venue: string;
  /** Market time and wall time of the last event. */
  readonly at: Millis;
  readonly wallAt: Millis;
  readonly startedWallAt: Millis;
  readonly speed: number;
  readonly riskState: RiskState;
  /** What a person asked for; the state is never milder. */
  readonly riskFloor: RiskState;
  /** The highest equity since an admin's reset, moved along with transfers; undefined while it is not known. */
  readonly peak: Value | undefined;
  /** How far the equity is below it; undefined while either is unknown. */
  readonly drawdown: Rate | undefined;
  readonly isPaused: boolean;
  readonly pausedBy: string | undefined;
  /** Why increases are blocked just now, each a sentence; empty when they are not. */
  readonly blocks: readonly string[];
  readonly asset: string;
  readonly wallet: Value | undefined;
  readonly unrealized: Value | undefined;
  readonly equity: Value | undefined;
  readonly instruments: readonly Instrument[];
  readonly books: readonly BookView[];
  readonly funding: readonly FundingView[];
  /** Held on the account in instruments that the desk does not trade. */
  readonly others: readonly OtherPosition[];
  readonly orders: readonly OrderView[];
  readonly engines: readonly EngineView[];
  /** Instruments in which people want no new entries. */
  readonly locks: readonly LockView[];
  /** What people may tighten, with what is in force. */
  readonly limits: readonly LimitView[];
  /** The exchange's countdown; left out: the settings ask for none. */
  readonly countdown?: CountdownView;
  readonly proposals: readonly Proposal[];
  readonly totals: Totals;
  /** Of all that the trade log of this desk and account holds, earlier lives included. */
  readonly metrics: GridFigures;
  readonly health: HealthView;
}

/** An instrument in which people want no new entries: a block until somebody allows it, a lock maybe until a wall time. */
export interface LockView {
  readonly instrument: InstrumentId;
  readonly kind: "block" | "lock";
  readonly by: string;
  readonly untilWallAt: number | undefined;
}

/** The countdown at whose end the exchange cancels entries and take profits: it is set again and again while the desk lives. */
export interface CountdownView {
  readonly seconds: number;
  readonly isArmed: boolean;
  /** Why it is not armed, or was not: who disarmed it, or which stop went with it. */
  readonly why: string | undefined;
  /** Of each instrument, or of the account alone where the exchange counts for all of it. */
  readonly parts: readonly CountdownPart[];
}

/** One countdown that runs, or should. */
export interface CountdownPart {
  /** Undefined: all that rests on the account. */
  readonly instrument: InstrumentId | undefined;
  /** Wall time when it was set last, and when it ends unless it is set again; undefined: none runs as far as we know. */
  readonly setWallAt: number | undefined;
  readonly endsWallAt: number | undefined;
  /** Why it could not be set just now. */
  readonly problem: string | undefined;
}

/** One book (account, instrument, position side). */
export interface BookView {
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  /** The exchange's; negative for short. */
  readonly lots: Lots;
  readonly entry: Ticks | undefined;
  readonly mark: Ticks | undefined;
  readonly bid: Ticks | undefined;
  readonly ask: Ticks | undefined;
  readonly unrealized: Value | undefined;
  readonly realized: Value;
  readonly liquidation: Ticks | undefined;
  readonly distance: Rate | undefined;
  readonly level: LiquidationLevel;
  readonly marginMode: "isolated" | "cross" | undefined;
  readonly leverage: number | undefined;
  readonly marginRatio: Rate | undefined;
  /** What stands behind it, where it is isolated and known. */
  readonly margin: Value | undefined;
  /** Virtual positions of the engines, and what is not ours. */
  readonly shares: readonly { readonly engine: EngineId; readonly lots: Lots }[];
  readonly foreignLots: Lots;
  readonly mismatchLots: Lots;
}

/** The funding of one instrument. */
export interface FundingView {
  readonly instrument: InstrumentId;
  /** What is paid at `nextAt` on the position's worth; above 0 longs pay shorts. Undefined: not told yet. */
  readonly rate: Rate | undefined;
  /** Market time; undefined: not told yet. */
  readonly nextAt: Millis | undefined;
  /** Received, or negative: paid, since the start of this process. */
  readonly paid: Value;
}

/** One live order. */
export interface OrderView {
  readonly clientId: string;
  readonly instrument: InstrumentId;
  readonly engine: EngineId;
  readonly role: Role | "foreign";
  readonly rung: number;
  readonly side: Side;
  readonly kind: OrderKind;
  readonly price: Ticks | undefined;
  readonly lots: Lots;
  readonly filled: Lots;
  readonly state: OrderState;
  readonly since: Millis;
}

/** One engine and its purse. */
export interface EngineView {
  readonly engine: EngineId;
  readonly instrument: InstrumentId;
  readonly isRunning: boolean;
  readonly summary: string;
  readonly rungsHeld: number;
  readonly rungsOpening: number;
  readonly purseCap: Value;
  readonly purseUsed: Value;
  /** Of it, margin that people added to positions. */
  readonly purseAdded: Value;
  readonly cycles: number;
  readonly realized: Value;
  /** Why no entry of it leaves: who paused it, or what; undefined: nobody did. */
  readonly pausedBy: string | undefined;
  /** Why else no entry of it leaves just now, a sentence without its end; undefined: one may. */
  readonly entriesWait: string | undefined;
  /** Undefined for an engine that is no grid. */
  readonly grid: GridView | undefined;
}

/** What a grid is set to, and its rungs. */
export interface GridView {
  readonly direction: Side;
  readonly positionSide: PositionSide;
  /** Between two rungs, as a part of the price. */
  readonly step: Rate;
  /** Of every rung. */
  readonly quantity: Lots;
  readonly takeProfit: Rate;
  readonly stopLoss: Rate | undefined;
  readonly ordersMax: number;
  /** Most that it may hold and have in open entries, by its settings. */
  readonly positionMax: Lots;
  readonly priceMin: Ticks | undefined;
  readonly priceMax: Ticks | undefined;
  /** The prices that count now: what a person set, else what is configured. */
  readonly stopPrice: Ticks | undefined;
  readonly pausePrice: Ticks | undefined;
  readonly recovery: RecoveryMode;
  /** Entries of this grid that ended or filled, as far back as the account was read, and how many of them filled. */
  readonly entriesEnded: number;
  readonly entriesFilled: number;
  /** Rungs that are not idle, lowest first. */
  readonly rungs: readonly RungView[];
}

/** Counted since the start of this process. */
export interface Totals {
  readonly turns: number;
  readonly fills: number;
  readonly cycles: number;
  readonly stops: number;
  readonly realized: Value;
  readonly fees: Value;
  /** Charged in other assets; not in any profit. */
  readonly otherFees: readonly { readonly asset: string; readonly fee: Value }[];
  readonly funding: Value;
  readonly mismatches: number;
  readonly ordersSent: number;
  readonly ordersAcked: number;
  /** By the exchange. */
  readonly ordersRefused: number;
  /** By the guard, before they left; an order that is wanted again is counted again. */
  readonly ordersHeldBack: number;
  readonly ordersUnknown: number;
}

/** How the desk itself is doing. */
export interface HealthView {
  readonly isHealthy: boolean;
  /** Wall milliseconds since the last market and account news; undefined: none yet. */
  readonly marketAgeMs: number | undefined;
  readonly accountAgeMs: number | undefined;
  readonly clockSkewMs: number | undefined;
  readonly eventLoopDelayMs: number | undefined;
  readonly memoryMb: number | undefined;
  readonly queue: string;
  readonly queueLagMs: number | undefined;
  readonly lastCheckWallAt: Millis | undefined;
  readonly problems: readonly string[];
  readonly platforms: readonly PlatformHealth[];
  /** Decision to acknowledgement of the last 1,000 orders, wall milliseconds. */
  readonly placementP50Ms: number | undefined;
  readonly placementP999Ms: number | undefined;
}

/** One line of the desk's own log. */
export interface LoggedLine {
  readonly wallAt: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/** One setting: where it stands, e.g. `engines[0].take_profit`, and what was written. */
export interface WrittenSetting {
  readonly path: string;
  readonly text: string;
}

/** One job queue: how many jobs wait, are at work, and ended how, of those that are remembered. */
export interface QueueView {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
  /** Wall time of its next run; undefined: none is planned. */
  readonly nextWallAt: number | undefined;
  /** Why its last failed job failed. */
  readonly lastFailure: string | undefined;
}
