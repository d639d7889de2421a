import type { AccountId, InstrumentId } from "./instrument.ts";
import type { EngineId, OrderFacts, PositionSide } from "./order.ts";
import type { Proposal } from "./proposal.ts";
import type { RecoveryChoice } from "./recovery.ts";
import type { TradeFields } from "./trade-log.ts";
import type { Lots, Millis, Value } from "./units.ts";

/** An order that an engine wants. Its client id comes from the view, so that the engine knows its order by it. */
export interface PlaceIntent {
  readonly type: "place";
  readonly facts: OrderFacts;
  /** For the log and the audit: why, in a few words. */
  readonly reason: string;
}
/** An order that an engine no longer wants. */
export interface CancelIntent {
  readonly type: "cancel";
  readonly clientId: string;
  readonly reason: string;
}
/** Asks the exchange for a leverage; read back before the first increase. */
export interface SetLeverageIntent {
  readonly type: "setLeverage";
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly leverage: number;
}
/** Asks the exchange for isolated or cross margin. */
export interface SetMarginModeIntent {
  readonly type: "setMarginMode";
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly mode: "isolated" | "cross";
}
/** Adds margin to an isolated position; counts against the purse (X26). */
export interface AddMarginIntent {
  readonly type: "addMargin";
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly amount: Value;
}
/** Moves money between wallets of one account. */
export interface TransferIntent {
  readonly type: "transfer";
  readonly account: AccountId;
  readonly asset: string;
  readonly amount: Value;
  readonly to: "spot" | "futures";
}
/** Shows a proposal to people, or what became of it. */
export interface AskIntent {
  readonly type: "ask";
  readonly proposal: Proposal;
}
/** Asks the queue for slow work. */
export interface RequestJobIntent {
  readonly type: "requestJob";
  readonly job: string;
  readonly payload: Readonly<Record<string, string | number | boolean>>;
}
/** Wakes the engine at a market time. */
export interface WakeIntent {
  readonly type: "wake";
  readonly at: Millis;
  readonly tag: string;
}
/**
 * A position is still stuck two hours after it was found so: what now? The desk quotes it and asks people. Asked again every
 * two hours, and withdrawn when the rung holds nothing any more.
 */
export interface AskRecoveryIntent {
  readonly type: "askRecovery";
  readonly engine: EngineId;
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly rung: number;
  readonly lots: Lots;
  readonly stuckSince: Millis;
  readonly ways: readonly RecoveryChoice[];
  /** What happens when nobody decides. */
  readonly fallback: RecoveryChoice | "wait";
  /** What it is about, for people. */
  readonly lines: readonly string[];
}
/** What was asked about has got out by itself. */
export interface WithdrawRecoveryIntent {
  readonly type: "withdrawRecovery";
  readonly engine: EngineId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly rung: number;
}
/** The engine closes all that it holds and waits for a person, through restarts too: its stop price, its loss limit. */
export interface HaltIntent {
  readonly type: "halt";
  readonly reason: string;
}
/** How loud an alert is. `resolved` ends it. */
export type AlertLevel = "info" | "notice" | "high" | "extreme" | "critical" | "resolved";
/** Tells people something. Alerts of one key are one story: edited within a level, a new message when it rises. */
export interface AlertIntent {
  readonly type: "alert";
  readonly key: string;
  readonly level: AlertLevel;
  readonly title: string;
  /** What happened, what it means in money, what can be done: one line each. */
  readonly lines: readonly string[];
  readonly instrument?: InstrumentId;
}
/**
 * One line in the trade log (S1's GRID_TRADE, or GRID_HEALTH, as its action says; docs/numbers.md has the fields). Engine
 * and market time are filled in where they are left out.
 */
export interface LogTradeIntent {
  readonly type: "logTrade";
  readonly fields: TradeFields;
}

/** Everything an engine may want, one closed union. */
export type Intent =
  | PlaceIntent
  | CancelIntent
  | SetLeverageIntent
  | SetMarginModeIntent
  | AddMarginIntent
  | TransferIntent
  | AskIntent
  | RequestJobIntent
  | WakeIntent
  | HaltIntent
  | AskRecoveryIntent
  | WithdrawRecoveryIntent
  | AlertIntent
  | LogTradeIntent;
