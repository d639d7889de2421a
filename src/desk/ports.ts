import type { Candle, Timeframe } from "../core/candle.ts";
import type { DeskEvent } from "../core/event.ts";
import type { Instrument, InstrumentId, MarginBracket, VenueId } from "../core/instrument.ts";
import type { AlertIntent } from "../core/intent.ts";
import type { MarginWish } from "../core/margin-action.ts";
import type {
  CloseRequest,
  HedgeWish,
  LimitWish,
  LockRequest,
  PriceWish,
  UnlockRequest,
} from "../core/operator-request.ts";
import type { OrderFacts, PositionSide } from "../core/order.ts";
import type { Actor, Decision, Proposal, RiskState } from "../core/proposal.ts";
import type { GrantRequest, NewAccount, RevokeRequest, RosterView } from "../core/roster.ts";
import type { Step } from "../core/text.ts";
import type { Rate, Value } from "../core/units.ts";
import type { Countdown } from "./countdown-port.ts";
import type { DeskSnapshot, LoggedLine, QueueView, WrittenSetting } from "./snapshot.ts";

export type { CloseRequest } from "../core/operator-request.ts";
export type { LoggedLine, QueueView, WrittenSetting } from "./snapshot.ts";

/** The two clocks of the machine. Tests hand in their own. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never jump. */
  monotonic(): number;
  /** Calls once after `ms`; returns how to take it back. */
  after(ms: number, call: () => void): () => void;
}

/** Public market data of one venue as events. */
export interface MarketFeed {
  /**
   * Instruments with their filters, fees and margin brackets. Where `known` has the steps that an earlier life of this desk
   * counted in, prices and sizes are counted in the coarsest steps that fit those and the exchange's present ones, which
   * `priceStep` and `lotStep` tell then: what was ordered and held before stays countable. Rejects when the venue can't be read.
   */
  instruments(
    ids: readonly InstrumentId[],
    known?: ReadonlyMap<InstrumentId, InstrumentSteps>,
  ): Promise<readonly InstrumentInfo[]>;
  /** Starts the streams; calls `emit` for every message, for gaps and for resyncs. Reconnects by itself. */
  start(ids: readonly InstrumentId[], emit: (event: DeskEvent) => void): Promise<void>;
  /** Reads the instruments again; emits `instrumentChanged` for each that differs from what was known. Rejects when it can't be read. */
  refresh(): Promise<void>;
  /** The last candles of trades, oldest first, at most 200; the last one may be unfinished. Rejects when they can't be read. */
  candles(id: InstrumentId, timeframe: Timeframe, count: number): Promise<readonly Candle[]>;
  /** The exchange's clock minus ours, in milliseconds; rejects when it can't be asked. */
  clockSkew(): Promise<number>;
  stop(): Promise<void>;
}

/** The steps that an instrument's prices and sizes are counted in. */
export interface InstrumentSteps {
  readonly tick: Step;
  readonly lot: Step;
}

/** An instrument together with its margin tiers. */
export interface InstrumentInfo {
  readonly instrument: Instrument;
  readonly brackets: readonly MarginBracket[];
  /** Steps of prices and sizes at the start, in our ticks and lots, where those are finer than the exchange's; 1 without. */
  readonly priceStep?: number;
  readonly lotStep?: number;
}

/** Private news of one account as events. */
export interface AccountFeed {
  start(emit: (event: DeskEvent) => void): Promise<void>;
  /** Reads the account whole (see `Truth`). `from` is market time. Rejects when any part can't be read. */
  truth(instruments: readonly InstrumentId[], historyFrom: number): Promise<TruthReading>;
  /** Positions with their risk figures, as an `exposure` event. */
  exposure(): Promise<DeskEvent>;
  stop(): Promise<void>;
}

/** What `AccountFeed.truth` brings: the account, and the configuration that was read with it. */
export interface TruthReading {
  readonly truth: import("../core/truth.ts").Truth;
  readonly config: readonly DeskEvent[];
}

/** Sends orders. Every answer is one of our events; only a bug is thrown. */
export interface Trading {
  /** `facts` went through the guard. Resolves with `orderReport`, `placeRejected` or `placeUnknown`, and any fills told with it. */
  place(facts: OrderFacts): Promise<readonly DeskEvent[]>;
  /** Resolves with `orderReport` or `cancelFailed`. */
  cancel(facts: OrderFacts, venueOrderId: string | undefined): Promise<readonly DeskEvent[]>;
  /** Asks for one order, by client id unless the exchange's is given: `orderReport` with its fills, `notFound`, or a failed question. */
  query(facts: OrderFacts, venueOrderId?: string): Promise<QueryAnswer>;
  /** What `work` asks for leaves in one write at its end, in its order; left out where each request leaves by itself. */
  together?(work: () => void): void;
  setLeverage(instrument: InstrumentId, leverage: number): Promise<readonly DeskEvent[]>;
  setMarginMode(instrument: InstrumentId, mode: "isolated" | "cross"): Promise<readonly DeskEvent[]>;
  /** Puts so much more behind an isolated position, once. Never rejects for what the exchange says, or does not say. */
  addMargin(instrument: InstrumentId, positionSide: PositionSide, amount: Value): Promise<MarginAnswer>;
  /** How long after its timestamp a request may still be accepted, in wall milliseconds. */
  readonly recvWindowMs: number;
}

/** What became of added margin. `unknown`: it may have been added. */
export type MarginAnswer =
  | { readonly type: "added" }
  | { readonly type: "refused" | "unknown"; readonly reason: string };

/** A query that failed proves nothing (I9). */
export type QueryAnswer =
  | { readonly type: "found"; readonly events: readonly DeskEvent[] }
  | { readonly type: "notFound" }
  | { readonly type: "failed"; readonly reason: string };

/** One exchange account behind its three ports. */
export interface Gateway {
  readonly venue: VenueId;
  readonly market: MarketFeed;
  readonly account: AccountFeed;
  readonly trading: Trading;
  readonly can: Capabilities;
  /** How the exchange is told that we live; left out where it can't be (`can.cancelAfter`). */
  readonly countdown?: Countdown;
  /** What the key may do. Rejects, with why, when the exchange does not say: unreadable is refused in live mode. */
  keyRights(): Promise<KeyRights>;
}

/** What an exchange offers; what it does not is declared here, never faked. */
export interface Capabilities {
  /** Two books for one instrument. */
  readonly hedgeMode: boolean;
  /** Stops that rest at the exchange and outlive our connection. */
  readonly restingStops: boolean;
  /** Stops that trigger on the mark price. */
  readonly markPriceStops: boolean;
  readonly postOnly: boolean;
  /** Isolated margin can be chosen for one instrument alone; otherwise for the whole account or for each order. */
  readonly marginModePer: "instrument" | "order" | "account";
  /** Executions in the history carry our client id; otherwise they are joined by order id. */
  readonly fillsCarryClientId: boolean;
  /** The exchange cancels everything by itself when we fall silent. */
  readonly cancelAfter: boolean;
  /** For how long cancelled orders without a fill stay in the history, market milliseconds. */
  readonly forgetsCanceledAfterMs: number;
}

/** What an API key may do, as the exchange says it (DESIGN.md section 7). */
export interface KeyRights {
  readonly canTrade: boolean;
  readonly canWithdraw: boolean;
  readonly canTransfer: boolean;
  readonly isIpRestricted: boolean;
}

/** What the desk shows people. Implementations never block and never throw into the desk. */
export interface Chat {
  /** One story per key: edited within a level, a new sounding message when it rises. */
  alert(alert: AlertIntent): void;
  /** Shows a proposal, or edits its cards on every platform. `token` is set while it can be decided. */
  card(proposal: Proposal, token: string | undefined): void;
  /** How each platform is doing, for `health`. */
  health(): readonly PlatformHealth[];
}

/** One chat platform's condition. */
export interface PlatformHealth {
  readonly platform: "telegram" | "discord" | "terminal";
  readonly isConnected: boolean;
  readonly lastError: string | undefined;
  readonly messagesSent: number;
}

/** What came of a person's request: a sentence for them. */
export interface Outcome {
  readonly isOk: boolean;
  readonly text: string;
}

/** What chat may ask of the desk. Roles are checked before. Never rejects. */
export interface DeskDoor {
  snapshot(): DeskSnapshot;
  /** What the price did, oldest first, at most 200 candles; else a sentence why the exchange does not say. */
  candles(
    instrument: InstrumentId,
    timeframe: Timeframe,
    count: number,
  ): Promise<{ readonly candles: readonly Candle[] } | { readonly problem: string }>;
  /** Of one engine where it is named, else of all. */
  pause(actor: Actor, engine?: string): Promise<Outcome>;
  resume(actor: Actor, engine?: string): Promise<Outcome>;
  /** Pauses at once; all that the engines hold is closed some seconds later, unless the card takes it back. */
  panic(actor: Actor): Promise<Outcome>;
  /** Proposes to close all that is held: the first tap pauses, the second one closes. */
  proposeFlatten(actor: Actor, request: { readonly includesForeign: boolean }): Promise<Outcome>;
  setRiskState(actor: Actor, state: RiskState): Promise<Outcome>;
  /** Proposes to leave a Shutdown, and to make the present equity the peak; an admin asks and says why, another one approves. */
  resetRisk(actor: Actor, cause: string): Promise<Outcome>;
  /** Counts what nobody can explain in one instrument's position as foreign, after one more reading of the account. */
  adopt(actor: Actor, instrument: string): Promise<Outcome>;
  /** Makes a proposal card on every platform. `part` of 100 % (`ONE`) closes all of the book. */
  proposeClose(actor: Actor, request: CloseRequest): Promise<Outcome>;
  /** Proposes to close all positions that lose, or gain, at least so much of their entry price; another person approves. */
  proposeList(
    actor: Actor,
    request: { readonly what: "losers" | "winners"; readonly least: Rate },
  ): Promise<Outcome>;
  /** Takes an order back that rests and is no engine's: at once, or, a stop, by a card. */
  cancel(actor: Actor, clientId: string): Promise<Outcome>;
  /** Proposes to take back all such orders, of one instrument where it is named. */
  proposeCancelAll(actor: Actor, instrument: string | undefined): Promise<Outcome>;
  /** No new entries in an instrument; a lock may end by itself at a wall time. */
  lock(actor: Actor, request: Omit<LockRequest, "type">): Promise<Outcome>;
  unlock(actor: Actor, request: Omit<UnlockRequest, "type">): Promise<Outcome>;
  /** The exchange cancels entries and take profits by itself again when the desk falls silent. */
  armCountdown(actor: Actor): Promise<Outcome>;
  /** Proposes that it does not: two people decide. */
  proposeDisarm(actor: Actor): Promise<Outcome>;
  /** Asks how a stuck rung is to be recovered, on every platform. */
  proposeRecovery(actor: Actor, rung: { readonly engine: string; readonly rung: number }): Promise<Outcome>;
  /** Proposes to hedge a part of what loses of a grid. */
  proposeHedge(actor: Actor, request: HedgeWish): Promise<Outcome>;
  proposeMargin(actor: Actor, request: MarginWish): Promise<Outcome>;
  /** Beyond its stop price an engine closes all and waits, beyond its pause price it enters nothing; undefined: no such price. */
  setPrice(actor: Actor, request: PriceWish): Promise<Outcome>;
  /** Moves a limit: tighter at once, looser by a card of two people. */
  setLimit(actor: Actor, wish: LimitWish): Promise<Outcome>;
  /** Reads the account now and answers when it is read; the snapshot afterwards shows what does not add up. */
  reconcile(actor: Actor): Promise<Outcome>;
  /** The last lines of the audit ledger, newest first, and where it ends. */
  audit(
    count: number,
    of?: LedgerFilter,
  ): Promise<{ readonly entries: readonly LedgerEntry[]; readonly head: LedgerHead }>;
  /** The machine that the desk runs on. */
  readonly machine: MachineDoor;
  /** A tap; the first decision wins, others are told so. `prove` is asked for a one-time code where one admin decides what takes two. */
  decide(token: string, decision: Decision, actor: Actor, prove?: Prove): Promise<Outcome>;
  /** Why somebody rejected the card of this name; once, by them alone, only for a while. Undefined: only whether it would be taken. */
  giveReason(id: string, reason: string | undefined, actor: Actor): Promise<Outcome>;
  /** Who may do what now. */
  roster(): RosterView;
  /** Gives somebody a role: at once, or by a card of two people where it is risk or admin. `account`: of somebody new. */
  grant(actor: Actor, request: GrantRequest): Promise<Outcome>;
  /** Takes a person's role, or only one account of theirs, away at once. */
  revoke(actor: Actor, request: RevokeRequest): Promise<Outcome>;
  /** One more account of the person who acts; a one-time code has proved it. */
  link(actor: Actor, account: NewAccount): Promise<Outcome>;
}

/** Asks for proof that it is this person; the card's name is what it is for. */
export type Prove = (card: string) => Promise<Outcome>;

/** What people may see of the process: its log, its settings, its jobs. */
export interface MachineDoor {
  /** The last lines of the desk's own log, the newest first. */
  logLines(count: number): readonly LoggedLine[];
  /** The settings as they were written, in their order; secrets stand there as the names of their variables. */
  settings(): readonly WrittenSetting[];
  /** The job queues; undefined while they don't answer. */
  queues(): Promise<readonly QueueView[] | undefined>;
}

/** A line of the audit ledger. */
export interface LedgerEntry {
  /** From 1, without holes. */
  readonly sequence: number;
  readonly wallAt: number;
  readonly kind: string;
  readonly actor: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** Append-only, hash-chained; a resolved append is on disk. */
export interface Ledger {
  append(kind: string, actor: string, body: Readonly<Record<string, unknown>>): Promise<LedgerEntry>;
  read(kinds?: readonly string[]): Promise<readonly LedgerEntry[]>;
  /** The last entries, newest first, `count` at most; only those of the kind and of the actor that are named. */
  last(count: number, of?: LedgerFilter): Promise<readonly LedgerEntry[]>;
  /** Number and hash of the last entry: posted elsewhere, the hash proves all that stood here then. 0 and zeros: no entry yet. */
  head(): Promise<LedgerHead>;
  /**
   * Undefined when the chain is whole, else the first entry that is not, and why. `posted`: a hash that was posted elsewhere, or at
   * least its first 16 digits: an entry of the chain has to end with it.
   */
  verify(posted?: string): Promise<{ readonly sequence: number; readonly reason: string } | undefined>;
}

/** Which entries are meant; what is left out does not matter. */
export interface LedgerFilter {
  readonly kind?: string;
  /** A person on whatever platform, or what else acts ("desk"). */
  readonly actor?: string;
}

/** Where a ledger ends. */
export interface LedgerHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Proposals with the hash of their token. Claiming is one conditional update. */
export interface ProposalStore {
  save(proposal: Proposal, tokenHash: string | undefined): Promise<void>;
  byTokenHash(tokenHash: string): Promise<Proposal | undefined>;
  byId(id: string): Promise<Proposal | undefined>;
  /** pending -> claimed; false when somebody was faster, it expired (by `nowWall`) or it is gone. */
  claim(id: string, decision: Decision, actor: Actor, nowWall: number): Promise<boolean>;
  /** Adds the reason of a rejection; false when it has one, or was not rejected. A later `save` leaves it as it is. */
  addReason(id: string, reason: string): Promise<boolean>;
  /** Pending, claimed and executing ones: for boot. */
  unfinished(): Promise<readonly Proposal[]>;
}

/** Chat messages that must be edited later: which message on which platform shows which card or alert. */
export interface MessageStore {
  save(message: StoredMessage): Promise<void>;
  find(topic: string): Promise<readonly StoredMessage[]>;
  remove(topic: string): Promise<void>;
}

/** One message on one platform. */
export interface StoredMessage {
  /** "proposal:ID" or "alert:KEY"; "pace" for when a group was written to, `message` numbering the last times. */
  readonly topic: string;
  readonly platform: "telegram" | "discord";
  readonly chat: string;
  readonly message: string;
  readonly sentWallAt: number;
}

/** Everything that is kept on disk besides logs and recordings. */
export interface Store {
  readonly ledger: Ledger;
  readonly proposals: ProposalStore;
  readonly messages: MessageStore;
  /** Takes the lead of a scope (`scopeOf`): a new epoch above every one before. */
  nextEpoch(scope: string, atLeast: number): Promise<number>;
  /** The latest epoch of a scope: a younger one than ours means that another process leads. 0: none yet. */
  currentEpoch(scope: string): Promise<number>;
  close(): Promise<void>;
}
