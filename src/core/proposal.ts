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

/** Leaves Shutdown: the risk state is what the conditions say, and the present equity the peak. Two people decide it. */
export interface ResetRiskAction {
  readonly type: "resetRisk";
  readonly account: AccountId;
  /** What led to it, in the words of whoever asks: for the audit. */
  readonly cause: string;
  /** What begins anew, when it was asked. */
  readonly riskState: RiskState;
  readonly equity: Value;
  readonly peak?: Value;
  readonly asset: string;
}

/** What a price decides about: it is quoted, and quoted again when somebody decides. */
export type PricedAction = CloseAction | RecoverAction;

/** Everything a proposal may do. */
export type ProposalAction = PricedAction | ResetRiskAction;

/**
 * What a no to a recovery means: where the card offers one way alone, what was declared for it; where it offers several, to
 * wait.
 */
export const refusedWay = ({ ways, fallback }: RecoverAction): RecoverAction["fallback"] =>
  ways.length === 1 && !ways.includes(fallback as RecoveryChoice) ? fallback : "wait";

/** Why a decision does not fit what is asked, as a sentence for whoever made it; undefined: it fits. */
export function misfitOf(action: ProposalAction, decision: Decision): string | undefined {
  if (decision === "reject") return undefined;
  if (action.type !== "recover")
    return decision === "approve"
      ? undefined
      : `${action.type === "close" ? "A close" : "A reset"} has no way "${decision}"; approve or reject it. Nothing was done.`;
  const ways = [...action.ways, refusedWay(action) === "wait" ? "wait" : "reject"].join(", ");
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

/** Wall time that the only admin lets go by before approving alone what two people should decide. */
export const ALONE_MS = 60_000;

/**
 * Why this person may not approve, as a sentence; undefined: they may. What needs two people is never approved by whoever
 * asked for it, from whatever platform: a person is a name in the settings. Where there is one admin alone (`admins`), a
 * minute stands in for the second one.
 */
export function approvalRefusal(
  { action, askedBy, createdWallAt }: Proposal,
  decision: Decision,
  actor: Actor,
  wallAt: number,
  admins: number,
): string | undefined {
  if (action.type !== "resetRisk" || decision === "reject") return undefined;
  if (actor.role !== "admin") return `Only an admin approves this; you are ${actor.role}. Nothing was done.`;
  if (actor.person !== askedBy.person) return undefined;
  if (admins > 1) return "You asked for it: another admin must approve it. Nothing was done.";
  const left = Math.ceil((createdWallAt + ALONE_MS - wallAt) / 1_000);
  return left <= 0
    ? undefined
    : `There is no second admin: a minute stands in for one. Approve again in ${left} s. Nothing was done.`;
}

/** Something that waits for a person's decision, with what they are shown. */
export type Proposal = PricedProposal | ResetProposal;

/** A proposal whose effect is a trade. */
export interface PricedProposal extends ProposalFacts {
  readonly action: PricedAction;
  readonly quote: Quote;
}

/** A proposal to begin the risk state anew: nothing is traded. */
export interface ResetProposal extends ProposalFacts {
  readonly action: ResetRiskAction;
  readonly quote?: undefined;
}

/** What every proposal has. */
export interface ProposalFacts {
  /** Unique for good, e.g. "c4f2-17"; part of the client ids of its orders. */
  readonly id: string;
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
