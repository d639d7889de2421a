import type {
  ApprovedEvent,
  CloseShareEvent,
  RecoverRungEvent,
  RefusedEvent,
  ShareChangedEvent,
} from "./engine-event.ts";
import type { AccountId, InstrumentId } from "./instrument.ts";
import type {
  CandleEvent,
  DepthEvent,
  InstrumentChangedEvent,
  MarkEvent,
  OfMarket,
  Times,
  TopEvent,
  TradeEvent,
} from "./market-event.ts";
import type { OperatorRequest } from "./operator-request.ts";
import type { EngineId, PositionSide } from "./order.ts";
import type { Actor, Decision, Proposal } from "./proposal.ts";
import type { RejectKind } from "./reject-kind.ts";
import type { RiskRestoredEvent, RiskStateChangedEvent } from "./risk-event.ts";
import type { Truth } from "./truth.ts";
import type { Lots, Millis, Rate, Side, Ticks, Value } from "./units.ts";

export type { CloseShareEvent, FixedId, RecoverRungEvent } from "./engine-event.ts";
export type { OperatorRequest } from "./operator-request.ts";

interface OfAccount extends Times {
  readonly account: AccountId;
}

/** The exchange told (or was asked) what an order's state is. `clientId` is empty when it is not known. */
export interface OrderReportEvent extends OfAccount {
  readonly type: "orderReport";
  readonly instrument: InstrumentId;
  readonly source: "order" | "conditional";
  readonly clientId: string;
  readonly venueOrderId: string;
  readonly status: "open" | "partlyFilled" | "filled" | "canceled" | "expired" | "rejected" | "triggered";
  readonly spawnedOrderId?: string;
  readonly reason?: string;
  /** Liquidation and deleveraging are recognised by the client ids that the exchange gives them. */
  readonly origin: "client" | "liquidation" | "adl";
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly price?: Ticks;
  readonly trigger?: Ticks;
  readonly lots: Lots;
  /** Of an order that ended before it was whole: how much was executed all the same; absent where nothing was. */
  readonly executed?: Lots;
  readonly isReduceOnly: boolean;
  /** When the exchange took it on, where it tells: `at` is the time of its last change. */
  readonly createdAt?: Millis;
}
/** An execution on the account, ours or not. */
export interface FillEvent extends OfAccount {
  readonly type: "fill";
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientId: string;
  readonly side: Side;
  readonly price: Ticks;
  readonly lots: Lots;
  readonly fee: Value;
  readonly feeAsset: string;
  readonly realized: Value;
  readonly isMaker: boolean;
  readonly origin: "client" | "liquidation" | "adl";
}
/** The exchange refused a place request: nothing rests. */
export interface PlaceRejectedEvent extends OfAccount {
  readonly type: "placeRejected";
  readonly clientId: string;
  readonly reason: string;
  readonly code: number | undefined;
  readonly kind: RejectKind;
  /** With `rateLimit`: the exchange wants no request at all for this long (wall); absent when it did not say so. */
  readonly waitMs?: Millis;
}
/** A request's answer was lost: the order may or may not exist (I1, I9). */
export interface PlaceUnknownEvent extends OfAccount {
  readonly type: "placeUnknown";
  readonly clientId: string;
  readonly reason: string;
}
/** A query after the request could no longer arrive found nothing. */
export interface OrderAbsentEvent extends OfAccount {
  readonly type: "orderAbsent";
  readonly clientId: string;
  /** Of an order that was asked about by the exchange's own id: one that is not ours. */
  readonly venueOrderId?: string;
}
/** A cancel was refused or its answer lost; the router asks what the order's state is. */
export interface CancelFailedEvent extends OfAccount {
  readonly type: "cancelFailed";
  readonly clientId: string;
  readonly reason: string;
  readonly isGone: boolean;
}
/** The exchange told a book's size (stream: size and entry only). */
export interface PositionEvent extends OfAccount {
  readonly type: "position";
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly lots: Lots;
}
/** The exchange told a book's risk figures, polled by REST. Undefined: it said 0 or nothing. */
export interface ExposureEvent extends OfAccount {
  readonly type: "exposure";
  readonly books: readonly ExposureOfBook[];
}
/** Risk figures of one book as the exchange computes them. */
export interface ExposureOfBook {
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly lots: Lots;
  readonly entry: Ticks | undefined;
  readonly mark: Ticks;
  readonly liquidation: Ticks | undefined;
  readonly marginMode: "isolated" | "cross";
  readonly leverage: number | undefined;
  readonly isolatedWallet: Value;
  readonly maintenanceMargin: Value;
}
/** The wallet of one asset, without unrealised profit. */
export interface BalanceEvent extends OfAccount {
  readonly type: "balance";
  readonly asset: string;
  readonly wallet: Value;
  /** What moved it: only transfers shift the equity peak. */
  readonly cause: "trade" | "funding" | "transfer" | "snapshot" | "other";
}
/** Funding was paid (negative) or received. */
export interface FundingPaidEvent extends OfAccount {
  readonly type: "fundingPaid";
  readonly instrument: InstrumentId;
  readonly amount: Value;
}
/** Leverage, margin mode or position mode, as read back from the exchange. */
export interface AccountConfigEvent extends OfAccount {
  readonly type: "accountConfig";
  readonly instrument?: InstrumentId;
  readonly leverage?: number;
  readonly marginMode?: "isolated" | "cross";
  readonly isHedgeMode?: boolean;
}
/** The exchange refused a leverage or a margin mode, or did not say what it has now: increases wait (I6). */
export interface ConfigRefusedEvent extends OfAccount {
  readonly type: "configRefused";
  readonly instrument: InstrumentId;
  readonly what: "leverage" | "marginMode";
  readonly reason: string;
}
/** The exchange's countdown was set again, or ended, or neither worked: it cancels what rests unless the desk asks in time. */
export interface CountdownEvent extends OfAccount {
  readonly type: "countdown";
  /** Left out: it is the account's. */
  readonly instrument?: InstrumentId;
  /** For how long it was to run from `askedWallAt` on; 0: it was to end. */
  readonly seconds: number;
  readonly askedWallAt: Millis;
  /** Why the exchange did not do it, or did not say so. */
  readonly problem?: string;
}
/** What became of added margin. `unknown`: the exchange did not say. */
export interface MarginAnsweredEvent extends OfAccount {
  readonly type: "marginAnswered";
  /** The proposal that asked for it. */
  readonly id: string;
  readonly status: "added" | "refused" | "unknown";
  /** The risk figures were read after it, and after a lost request could not be accepted any more. */
  readonly isRead: boolean;
  readonly reason?: string;
}
/** A full reading of the account with its history: after boot, after a gap, every few minutes. */
export interface TruthEvent extends OfAccount {
  readonly type: "truth";
  readonly cause: "boot" | "gap" | "periodic" | "asked";
  readonly truth: Truth;
}

/** The desk's own clock: due wakes fire in the turn of any event, this one comes when nothing else does. */
export interface TimerEvent extends Times {
  readonly type: "timer";
  /** Milliseconds of a clock that never jumps: what expires does so when either clock says it. */
  readonly monotonicMs?: number;
}
/** An engine asked to be woken at this market time. */
export interface WakeEvent extends Times {
  readonly type: "wake";
  readonly engine: EngineId;
  readonly tag: string;
}

/** A person did something; roles were checked at the border. */
export interface OperatorEvent extends Times {
  readonly type: "operator";
  readonly actor: Actor;
  readonly request: OperatorRequest;
  /** Replayed from the ledger at boot: already answered. */
  readonly isReplayed: boolean;
}
/** A tap won the race for a proposal; it is checked again in this turn. */
export interface ProposalClaimedEvent extends Times {
  readonly type: "proposalClaimed";
  readonly id: string;
  readonly decision: Decision;
  readonly actor: Actor;
  /** The id under which it is shown again if it must be re-quoted. */
  readonly requoteId: string;
  /** A one-time code proved that it is this person: what one admin alone decides needs it. */
  readonly isProven?: true;
}
/** A proposal from before a restart, as the store kept it. */
export interface ProposalRestoredEvent extends Times {
  readonly type: "proposalRestored";
  readonly proposal: Proposal;
}
/** A proposal's time ran out. */
export interface ProposalExpiredEvent extends Times {
  readonly type: "proposalExpired";
  readonly id: string;
}

/** A proposal could not be stored: nobody was shown it, and nobody can decide. */
export interface ProposalUnshownEvent extends Times {
  readonly type: "proposalUnshown";
  readonly id: string;
}

/** A job in the queue ended. Never carries an order, a limit or an approval. */
export interface JobResultEvent extends Times {
  readonly type: "jobResult";
  readonly job: string;
  readonly isOk: boolean;
  readonly report: Readonly<Record<string, string | number | boolean | null>>;
}
/** A model's forecast, made in the shell. */
export interface PredictionEvent extends OfMarket {
  readonly type: "prediction";
  readonly model: string;
  readonly version: string;
  readonly horizonMs: number;
  readonly p: Rate;
  readonly madeAt: Millis;
}

/** A stream broke or went silent: what we know may be old until `resynced`. */
export interface GapEvent extends Times {
  readonly type: "gap";
  readonly stream: "account" | "market";
  readonly account?: AccountId;
  /** Only a reading failed, the stream itself runs: the next reading ends the gap without a `resynced`. */
  readonly isReading?: true;
  readonly reason: string;
}
/** The stream runs again; for accounts a truth follows. */
export interface ResyncedEvent extends Times {
  readonly type: "resynced";
  readonly stream: "account" | "market";
  readonly account?: AccountId;
}
/** An engine came up or went down. */
export interface EngineLifeEvent extends Times {
  readonly type: "engineStarted" | "engineStopped";
  /** "*" is all of them: the process ends cleanly and takes its entries back. */
  readonly engine: EngineId | "*";
  readonly reason: string;
}
/** A person or a policy gave an engine other parameters. */
export interface ParamsChangedEvent extends Times {
  readonly type: "paramsChanged";
  readonly engine: EngineId;
  readonly version: number;
}
/** The machine's clock jumped, or differs from the exchange's by more than a second. */
export interface ClockStepEvent extends Times {
  readonly type: "clockStep";
  readonly stepMs: number;
  readonly against: "monotonic" | "exchange";
}
/** Everything that can happen, one closed union. */
export type DeskEvent =
  | TopEvent
  | TradeEvent
  | MarkEvent
  | CandleEvent
  | DepthEvent
  | InstrumentChangedEvent
  | OrderReportEvent
  | FillEvent
  | PlaceRejectedEvent
  | PlaceUnknownEvent
  | OrderAbsentEvent
  | CancelFailedEvent
  | PositionEvent
  | ExposureEvent
  | BalanceEvent
  | FundingPaidEvent
  | AccountConfigEvent
  | ConfigRefusedEvent
  | CountdownEvent
  | MarginAnsweredEvent
  | TruthEvent
  | TimerEvent
  | WakeEvent
  | OperatorEvent
  | ProposalClaimedEvent
  | ProposalRestoredEvent
  | ProposalExpiredEvent
  | ProposalUnshownEvent
  | JobResultEvent
  | PredictionEvent
  | GapEvent
  | ResyncedEvent
  | EngineLifeEvent
  | ParamsChangedEvent
  | RiskStateChangedEvent
  | RiskRestoredEvent
  | ClockStepEvent
  | ApprovedEvent
  | RefusedEvent
  | CloseShareEvent
  | RecoverRungEvent
  | ShareChangedEvent;
