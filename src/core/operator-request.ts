import type { InstrumentId } from "./instrument.ts";
import type { MarginCount, MarginWish } from "./margin-action.ts";
import type { EngineId } from "./order.ts";
import type { PersonRole, ProposalAction, RiskState } from "./proposal.ts";
import type { ChatPlatform } from "./roster.ts";
import type { Lots, Millis, Rate, Ticks, Value } from "./units.ts";

/** No new entries in an instrument: a block until somebody allows it, a lock until somebody unlocks it or the wall time is over. */
export interface LockRequest {
  readonly type: "lock";
  readonly instrument: InstrumentId;
  readonly kind: "block" | "lock";
  readonly untilWallAt?: Millis;
}

/** New entries are wanted again, as far as this lock or block is concerned. */
export interface UnlockRequest {
  readonly type: "unlock";
  readonly instrument: InstrumentId;
  readonly kind: "block" | "lock";
}

/** Which book to close, as a person says it; undefined instrument: the only open one. */
export interface CloseRequest {
  readonly instrument: string | undefined;
  readonly positionSide: "long" | "short" | undefined;
  readonly part: Rate;
  /** So much instead of a part; then the instrument is named. */
  readonly lots?: Lots;
  readonly includesForeign: boolean;
}

/** What a limit is to become, as a count of it (`LimitTerm`). `isSure`: whatever risk state follows from it at once. */
export interface LimitWish {
  readonly limit: string;
  readonly value: number;
  readonly isSure: boolean;
}

/** A price of an engine that a person sets; undefined: none. */
export interface PriceWish {
  readonly engine: EngineId;
  readonly which: "stop" | "pause";
  readonly price: Ticks | undefined;
}

/** How much of what loses of a grid is to be hedged. */
export interface HedgeWish {
  readonly engine: EngineId;
  readonly part: Rate;
}

/** What a person may ask of the desk. */
export type OperatorRequest =
  | { readonly type: "pause"; readonly engine?: EngineId }
  | { readonly type: "resume"; readonly engine?: EngineId }
  /** With a proposal's id, what is closed can be taken back for some seconds by its card. */
  | { readonly type: "panic"; readonly proposalId?: string }
  /** An order that rests and is no engine's is taken back. */
  | { readonly type: "cancelOrder"; readonly clientId: string }
  /** No new entries in an instrument: until somebody allows them, or unlocks it, or the wall time is over. */
  | LockRequest
  | UnlockRequest
  /** It was taken back, by its card. No person asks for it otherwise: it comes back from the ledger at boot. */
  | { readonly type: "panicUndone" }
  | { readonly type: "setRiskState"; readonly state: RiskState }
  /** An admin begins anew after a Shutdown: what there is now is the equity's peak. */
  | { readonly type: "resetRisk" }
  | { readonly type: "adopt"; readonly instrument: InstrumentId }
  /** Beyond its stop price an engine closes all and waits; beyond its pause price it enters nothing. Undefined: none. */
  | ({ readonly type: "setPrice" } & PriceWish)
  /** A limit is tightened; loosening takes a card of two people. Left out value: back to what the settings say. */
  | {
      readonly type: "setLimit";
      readonly limit: string;
      readonly value?: number;
      /** Wall time of whoever set it: the ledger tells it to the next start. */
      readonly wallAt: Millis;
      /** They know that the risk state follows at once. */
      readonly isSure?: true;
    }
  /** An engine closed all and waits for a person. No person asks for it: it comes back from the ledger at boot. */
  | { readonly type: "halt"; readonly engine: EngineId; readonly reason: string }
  /** The account is read now. */
  | { readonly type: "reconcile" }
  /** What a halted engine had lost when a person let it go on. It too only comes back from the ledger. */
  | { readonly type: "forgive"; readonly engine: EngineId; readonly before: Value; readonly loss: Value }
  /** Somebody else traded, or changed the account: entries wait until a person resumes. It too only comes back from the ledger. */
  | { readonly type: "foreignSeen" }
  /** The exchange's countdown is set again and again, or no longer: two people disarm it. */
  | { readonly type: "armCountdown" }
  | { readonly type: "disarmCountdown" }
  /** A stop went with it. No person says so: it comes back from the ledger at boot. `at`: market time. */
  | { readonly type: "countdownTookStop"; readonly instrument: InstrumentId; readonly at: Millis }
  /** An admin gives a role; of somebody new it says which account is theirs. `wallAt`: when that account came in. */
  | {
      readonly type: "grant";
      readonly person: string;
      readonly role: PersonRole;
      readonly account?: { readonly platform: ChatPlatform; readonly id: string; readonly wallAt: Millis };
    }
  /** An admin takes a person's role away, or only their account on a platform. */
  | { readonly type: "revoke"; readonly person: string; readonly platform?: ChatPlatform }
  /** A person proved with a one-time code that a further account is theirs. */
  | {
      readonly type: "link";
      readonly person: string;
      readonly account: { readonly platform: ChatPlatform; readonly id: string; readonly wallAt: Millis };
    }
  /** The desk makes the list and its figures in the turn of this request. */
  | ({ readonly type: "proposeHedge"; readonly proposalId: string } & HedgeWish)
  | ({ readonly type: "proposeMargin"; readonly proposalId: string } & MarginWish)
  /** Added margin counts against purses, or no longer. No person says so: it comes back from the ledger at boot. */
  | ({ readonly type: "marginCounted" } & MarginCount)
  | { readonly type: "propose"; readonly proposalId: string; readonly action: ProposalAction };
