import type { AccountId, InstrumentId } from "./instrument.ts";
import type { EngineId, PositionSide } from "./order.ts";
import type { RecoveryChoice } from "./recovery.ts";
import type { Lots, Millis, Rate, Side, Ticks, Value } from "./units.ts";

/** A person's decision about a proposal: yes or no, or the way out of several; no to those means to wait. */
export type Decision = "approve" | "reject" | RecoveryChoice;

/** Who did something and where: one person may have a Telegram and a Discord account. */
export interface Actor {
  /** The person's name in the settings, e.g. "alice". */
  readonly person: string;
  readonly role: PersonRole;
  /** `desk`: no person; an engine or the desk itself asked. */
  readonly platform: "telegram" | "discord" | "terminal" | "desk";
}

/** The desk itself, where it and no person asked for something. */
export const DESK: Actor = { person: "desk", role: "admin", platform: "desk" };

/** What a person may do; each role may do what the ones before it may. */
export type PersonRole = "viewer" | "trader" | "risk" | "admin";

/** The effect of an action, computed from the market and the account at one moment. Undefined: not known, never zero. */
export interface Quote {
  readonly quotedAt: Millis;
  readonly quotedWallAt: Millis;
  readonly bid: Ticks;
  readonly ask: Ticks;
  /** The whole book before the action; negative for short. */
  readonly positionLots: Lots;
  readonly entryPrice: Ticks | undefined;
  readonly mark: Ticks;
  readonly marginMode: "isolated" | "cross";
  readonly riskState: RiskState;
  /** What the action trades. */
  readonly side: Side;
  readonly lots: Lots;
  readonly expectedFill: Ticks;
  /** Against the mark; positive is a loss. */
  readonly slippage: Rate;
  readonly fee: Value;
  readonly realized: Value;
  readonly marginRatioBefore: Rate | undefined;
  readonly marginRatioAfter: Rate | undefined;
  readonly liquidationBefore: Ticks | undefined;
  readonly liquidationAfter: Ticks | undefined;
}

/** The desk's risk state: what it still does (seed S0). */
export type RiskState = "monitoring" | "warning" | "emergency" | "shutdown";

/** Closes a part or all of one book. */
export interface CloseAction {
  readonly type: "close";
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  /** 100 % closes all. */
  readonly part: Rate;
  /** The foreign part of the book is named on the card and closed too. */
  readonly includesForeign: boolean;
  readonly foreignLots: Lots;
}

/** Frees the capital of one stuck rung in one of several ways (X32); which one is the decision. */
export interface RecoverAction {
  readonly type: "recover";
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly engine: EngineId;
  readonly rung: number;
  /** What the rung held when it was asked; always positive. */
  readonly lots: Lots;
  /** Market time. */
  readonly stuckSince: Millis;
  readonly ways: readonly RecoveryChoice[];
  /** What is done when nobody decides in time. */
  readonly fallback: RecoveryChoice | "wait";
  /** What was tried so far and what stands in the way: one line each. */
  readonly lines: readonly string[];
}

/** Everything a proposal may do. */
export type ProposalAction = CloseAction | RecoverAction;

/** Why a decision does not fit what is asked, as a sentence for whoever made it; undefined: it fits. */
export function misfitOf(action: ProposalAction, decision: Decision): string | undefined {
  if (decision === "reject") return undefined;
  if (action.type === "close")
    return decision === "approve"
      ? undefined
      : `A close has no way "${decision}"; approve or reject it. Nothing was done.`;
  const ways = [...action.ways, "wait"].join(", ");
  if (decision === "approve")
    return `This card offers several ways: choose one of ${ways}. Nothing was done.`;
  return action.ways.includes(decision)
    ? undefined
    : `"${decision}" is not offered here; choose one of ${ways}. Nothing was done.`;
}

/**
 * Where a proposal is. `claimed`: somebody's decision was stored, the desk checks it; `executing`: orders are out.
 * The others are final; `superseded` was re-quoted under a new id and token.
 */
export type ProposalState =
  | "pending"
  | "claimed"
  | "executing"
  | "done"
  | "failed"
  | "rejected"
  | "expired"
  | "superseded";

/** Something that waits for a person's decision, with what they are shown. */
export interface Proposal {
  /** Unique for good, e.g. "c4f2-17"; part of the client ids of its orders. */
  readonly id: string;
  readonly action: ProposalAction;
  readonly quote: Quote;
  readonly askedBy: Actor;
  readonly createdWallAt: Millis;
  readonly expiresWallAt: Millis;
  readonly state: ProposalState;
  readonly decision?: Decision;
  readonly decidedBy?: Actor;
  readonly decidedWallAt?: Millis;
  /** Why it was re-quoted, failed or expired, or what came of it: one sentence for a person. */
  readonly outcome?: string;
  readonly executedLots?: Lots;
  readonly executedCost?: Value;
  readonly realized?: Value;
  readonly fees?: Value;
  readonly supersededBy?: string;
  readonly supersedes?: string;
}
