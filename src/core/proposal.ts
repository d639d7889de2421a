import type { HedgeAction } from "./hedge-action.ts";
import type { AccountId, InstrumentId } from "./instrument.ts";
import type { AddMarginAction } from "./margin-action.ts";
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
  /** Why nothing that adds risk is done for them just now, as a sentence: wrong codes, or an account that was linked a moment ago. */
  readonly barred?: string;
}

/** The desk itself, where it and no person asked for something. */
export const DESK: Actor = { person: "desk", role: "admin", platform: "desk" };

/** What a person may do; each role may do what the ones before it may. */
export type PersonRole = "viewer" | "trader" | "risk" | "admin";

/** From the least to the most. */
export const ROLES: readonly PersonRole[] = ["viewer", "trader", "risk", "admin"];

/** True when a person of this role may do what `needed` asks for: each role may do what the ones before it may. */
export const hasRole = (role: PersonRole, needed: PersonRole): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed);

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
  /** So many lots instead of a part. */
  readonly lots?: Lots;
  /** Worth or loss are beyond what one person decides alone. */
  readonly isOverCap?: true;
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

/** Gives somebody the role risk or admin. Two people decide it. */
export interface GrantAction {
  readonly type: "grant";
  readonly person: string;
  readonly role: PersonRole;
  /** What they were when it was asked; "none" without a role. */
  readonly from: PersonRole | "none";
  /** Of somebody new: which account is theirs. */
  readonly account?: { readonly platform: "telegram" | "discord"; readonly id: string };
}

/** Loosens a limit, up to what the settings say. Two people decide it. */
export interface LimitAction {
  readonly type: "limit";
  readonly account: AccountId;
  /** "exposure", "purse:grid-btc". */
  readonly limit: string;
  /** What was in force when it was asked, and what is wanted. */
  readonly from: number;
  readonly to: number;
  /** What the settings said then. */
  readonly settings: number;
  /** The same as people read them. */
  readonly texts: { readonly from: string; readonly to: string; readonly settings: string };
}

/** Closes a list of books: the list and its figures are frozen on the card, and looked at again when somebody decides. */
export interface BasketAction {
  readonly type: "basket";
  readonly account: AccountId;
  /** `flatten`: all that is held, with entries paused and every order taken back. `losers`, `winners`: what loses, or gains. */
  readonly what: "flatten" | "losers" | "winners";
  /** Of losers and winners: by so much of its entry price at least, fees aside. */
  readonly least?: Rate;
  readonly includesForeign: boolean;
  readonly parts: readonly BasketPart[];
  /** Held, but nobody can say what closing it would cost: closed all the same. */
  readonly unquoted: readonly string[];
  /** Which tap the card waits for: of a flatten the first one only pauses. */
  readonly tap: "first" | "last";
  /** Ids that the orders of its parts may carry, one a part. */
  readonly ids: readonly string[];
}

/** One book of a list, with what closing it comes to. Its orders carry the part's own id. */
export interface BasketPart {
  readonly id: string;
  readonly close: CloseAction;
  readonly quote: Quote;
}

/** Everything is paused, and is closed as soon as nobody can take it back any more. */
export interface PanicAction {
  readonly type: "panic";
  readonly account: AccountId;
}

/** Takes back orders that rest on the account and are no engine's: the list is frozen on the card. */
export interface CancelAction {
  readonly type: "cancel";
  readonly account: AccountId;
  readonly orders: readonly CancelOrder[];
  /** What rests as well and stays, with the reason: one line each. */
  readonly left: readonly string[];
}

/** The exchange's countdown ends: nothing cancels by itself any more when the desk falls silent. Two people decide it. */
export interface DisarmAction {
  readonly type: "disarm";
  readonly account: AccountId;
  readonly seconds: number;
}

/** An order as it was when the card was made. */
export interface CancelOrder {
  readonly clientId: string;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly price: Ticks | undefined;
  readonly lots: Lots;
  /** A stop: without it a position may have no protection. */
  readonly isStop: boolean;
}

/** What a price decides about: it is quoted, and quoted again when somebody decides. */
export type PricedAction = CloseAction | RecoverAction;

/** Everything a proposal may do. */
export type ProposalAction =
  | PricedAction
  | ResetRiskAction
  | GrantAction
  | LimitAction
  | HedgeAction
  | BasketAction
  | PanicAction
  | CancelAction
  | DisarmAction
  | AddMarginAction;

/**
 * What a no to a recovery means: where the card offers one way alone, what was declared for it; where it offers several, to
 * wait.
 */
export const refusedWay = ({ ways, fallback }: RecoverAction): RecoverAction["fallback"] =>
  ways.length === 1 && !ways.includes(fallback as RecoveryChoice) ? fallback : "wait";

const NAMES = {
  close: "A close",
  resetRisk: "A reset",
  grant: "A role",
  limit: "A limit",
  hedge: "A hedge",
  basket: "A list",
  panic: "A panic",
  cancel: "A cancel",
  disarm: "A disarming",
  addMargin: "A margin",
} as const;

/** Why a decision does not fit what is asked, as a sentence for whoever made it; undefined: it fits. */
export function misfitOf(action: ProposalAction, decision: Decision): string | undefined {
  if (decision === "reject") return undefined;
  if (action.type !== "recover")
    return decision === "approve"
      ? undefined
      : `${NAMES[action.type]} has no way "${decision}"; approve or reject it. Nothing was done.`;
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

/** Something that waits for a person's decision, with what they are shown. */
export type Proposal =
  | PricedProposal
  | ResetProposal
  | GrantProposal
  | LimitProposal
  | HedgeProposal
  | BasketProposal
  | PanicProposal
  | CancelProposal
  | DisarmProposal
  | MarginProposal;

/** A proposal whose effect is a trade. */
export interface PricedProposal extends ProposalFacts {
  readonly action: PricedAction;
  readonly quote: Quote;
}

/** A proposal that no price of the moment is bound to by a quote. */
export interface Unpriced<A extends ProposalAction> extends ProposalFacts {
  readonly action: A;
  readonly quote?: undefined;
}

/** A proposal to begin the risk state anew: nothing is traded. */
export type ResetProposal = Unpriced<ResetRiskAction>;

/** A proposal to give somebody the role risk or admin: nothing is traded. */
export type GrantProposal = Unpriced<GrantAction>;

/** A proposal to loosen a limit: nothing is traded. */
export type LimitProposal = Unpriced<LimitAction>;

/** A proposal to hedge losing rungs. */
export type HedgeProposal = Unpriced<HedgeAction>;

/** A proposal about several books at once. */
export type BasketProposal = Unpriced<BasketAction>;

/** A panic that may still be taken back. */
export type PanicProposal = Unpriced<PanicAction>;

/** A proposal to take orders back. */
export type CancelProposal = Unpriced<CancelAction>;

/** A proposal to end the exchange's countdown. */
export type DisarmProposal = Unpriced<DisarmAction>;

/** A proposal to add margin to an isolated position. */
export type MarginProposal = Unpriced<AddMarginAction>;

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
  /** Why it was rejected, in the words of whoever did. */
  readonly reason?: string;
  /** Why it was re-quoted, failed or expired, or what came of it: one sentence for a person. */
  readonly outcome?: string;
  /** While it is carried out: how far each part of it is, one line each. */
  readonly progress?: readonly string[];
  readonly executedLots?: Lots;
  readonly executedCost?: Value;
  readonly realized?: Value;
  readonly fees?: Value;
  readonly supersededBy?: string;
  readonly supersedes?: string;
}
