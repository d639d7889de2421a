import type { AccountId, VenueId } from "../../core/instrument.ts";
import type { RosterRules } from "../../core/roster.ts";
import type { Millis, Rate, Value } from "../../core/units.ts";
import type { GridParameters } from "../../engines/grid/parameters.ts";
import type { InstrumentInfo } from "../ports.ts";

/** All that decides what the kernel does besides the events: the flight recorder's header. Plain data. */
export interface KernelConfig {
  readonly version: string;
  readonly mode: "sim" | "paper" | "demo" | "live";
  /** Three of a-z, 0-9: the prefix of all client order ids. */
  readonly desk: string;
  readonly account: AccountId;
  readonly venue: VenueId;
  /** The asset that margins the account's instruments. */
  readonly asset: string;
  /** Four characters drawn at boot. */
  readonly nonce: string;
  readonly epoch: number;
  readonly bootWallAt: Millis;
  /** No entry leaves before boot plus this (recvWindow and a margin): what was in flight has landed by then. */
  readonly entriesHoldMs: Millis;
  /** Market data older than this (wall) blocks increases. */
  readonly staleMs: Millis;
  readonly speed: number;
  readonly instruments: readonly InstrumentInfo[];
  readonly grids: readonly GridParameters[];
  readonly leverageMax: number;
  readonly grossLeverageMax: number;
  /** Least distance to liquidation after an increase. */
  readonly distanceMin: Rate;
  readonly proposals: ProposalRules;
  readonly people: RosterRules;
  /**
   * What the ledger looked like at boot. `broken`, or `fresh` (nothing of this desk in it) while own orders exist: an
   * operator's pause may have been lost, so reducers only until an admin resumes.
   */
  readonly ledger: "whole" | "fresh" | "broken";
  /**
   * What a start makes of positions and orders that it finds: `adopt` (as without it) goes on with its own and counts
   * the rest as foreign; `flatOnly` sends no increase until the account is empty, and says what is there.
   */
  readonly start?: "flatOnly" | "adopt";
  /** The account is read again this often (wall); every three minutes unless set. A backtest loses no news on the way. */
  readonly truthEveryMs?: Millis;
  /** Whether the trade log has the account's line of every minute: it has unless this says no. A backtest keeps no log. */
  readonly logsEquity?: boolean;
  /**
   * Whether a stop that closes the whole book rests beyond the stops of its engines: for an exchange that refuses a triggered
   * stop while take profits cover the position (I4). Left out: no.
   */
  readonly lastStop?: boolean;
  /** For how long the exchange's countdown runs; left out: it is not used. */
  readonly countdownSeconds?: number;
  /** In sim alone: neither drawdown nor nearness to liquidation changes the risk state. For asking what the ladder is worth. */
  readonly riskLadder?: "off";
}

/** Whether the risk ladder is left out. */
export const isLadderOff = ({ mode, riskLadder }: KernelConfig): boolean =>
  riskLadder === "off" && mode === "sim";

/** When a proposal is still what was shown (I7). */
export interface ProposalRules {
  readonly expiresMs: Millis;
  /** The same for what is asked about stuck rungs: nothing runs away there. */
  readonly recoveryExpiresMs: Millis;
  /** Largest move of the price that would be traded at. */
  readonly drift: Rate;
  readonly dataAgeMaxMs: Millis;
  /** A close of more than so much worth, or with more than so much loss, is not for one person alone; left out: no limit. */
  readonly overCap?: { readonly notional: Value; readonly loss: Value };
  /** For how long a panic can be taken back before anything is closed; left out: not at all. */
  readonly panicUndoMs?: Millis;
}
