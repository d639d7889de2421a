import type { AccountId, Instrument, InstrumentId, MarginBracket } from "../core/instrument.ts";
import type { Lots, Millis, Rate, Side, Ticks, Value } from "../core/units.ts";
import type { ExchangeHand, InstrumentStatus } from "./exchange-hand.ts";
import type {
  ConditionalRequest,
  OrderRequest,
  PositionSide,
  RejectReason,
  VenueConditional,
  VenueOrder,
  VenueTrade,
} from "./venue-order.ts";

export type { ExchangeHand, InstrumentStatus } from "./exchange-hand.ts";
export type {
  ConditionalRequest,
  OrderEndReason,
  OrderRequest,
  PositionSide,
  RejectReason,
  SelfTradeMode,
  VenueConditional,
  VenueOrder,
  VenueTrade,
} from "./venue-order.ts";

/** A position with the figures that the exchange shows for it. */
export interface VenuePosition {
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  /** Negative for short. */
  readonly lots: Lots;
  /** Entry cost as core's `executionCost` signs it, in steps of the settle asset: profit is value minus cost. */
  readonly cost: Value;
  readonly mark: Ticks;
  readonly unrealized: Value;
  readonly liquidation: Ticks | undefined;
  /** The same before it was rounded to a tick, in 1e-8 of the quote asset, as Binance shows it. */
  readonly exactLiquidation?: Value | undefined;
  readonly marginMode: "isolated" | "cross";
  readonly leverage: number;
  /** Isolated: wallet set aside for this position without unrealised profit; 0 for cross. */
  readonly isolatedWallet: Value;
  readonly initialMargin: Value;
  readonly maintenanceMargin: Value;
  readonly updatedAt: Millis;
}

/** The account's money in the settle asset, in 1e-8 steps. wallet = start + realised - fees + funding, always. */
export interface VenueBalance {
  readonly asset: string;
  readonly wallet: Value;
  readonly crossWallet: Value;
  readonly unrealized: Value;
  readonly crossUnrealized: Value;
  readonly initialMargin: Value;
  readonly positionInitialMargin: Value;
  readonly orderInitialMargin: Value;
  readonly maintenanceMargin: Value;
  readonly available: Value;
  /** The parts the wallet is made of: they sum to it exactly. */
  readonly start: Value;
  readonly realized: Value;
  readonly fees: Value;
  readonly funding: Value;
}

/** What the exchange tells the world and each account, in the order in which it happened. `at` is market time. */
export type VenueEvent =
  | {
      readonly type: "order";
      readonly at: Millis;
      readonly order: VenueOrder;
      readonly change: OrderChange;
      readonly trade?: VenueTrade;
    }
  | { readonly type: "conditional"; readonly at: Millis; readonly conditional: VenueConditional }
  | {
      readonly type: "account";
      readonly at: Millis;
      readonly account: AccountId;
      readonly reason: "order" | "funding" | "marginTransfer" | "liquidation" | "deposit";
      readonly instrument?: InstrumentId;
      readonly balanceChange: Value;
    }
  | {
      readonly type: "config";
      readonly at: Millis;
      readonly account: AccountId;
      readonly instrument?: InstrumentId;
      readonly leverage?: number;
      readonly hedgeMode?: boolean;
    }
  | {
      readonly type: "instrument";
      readonly at: Millis;
      readonly instrument: InstrumentId;
      readonly what: "filters" | "brackets" | "status";
    }
  | {
      readonly type: "marginCall";
      readonly at: Millis;
      readonly account: AccountId;
      readonly instrument: InstrumentId;
    }
  | {
      readonly type: "top";
      readonly at: Millis;
      readonly instrument: InstrumentId;
      readonly bid: Ticks;
      readonly bidLots: Lots;
      readonly ask: Ticks;
      readonly askLots: Lots;
    }
  | {
      readonly type: "trade";
      readonly at: Millis;
      readonly instrument: InstrumentId;
      readonly price: Ticks;
      readonly lots: Lots;
      readonly takerSide: Side;
      readonly tradeId: number;
    }
  | {
      readonly type: "mark";
      readonly at: Millis;
      readonly instrument: InstrumentId;
      readonly mark: Ticks;
      readonly index: Ticks;
      readonly fundingRate: Rate;
      readonly nextFundingAt: Millis;
    }
  | {
      readonly type: "candle";
      readonly at: Millis;
      readonly instrument: InstrumentId;
      readonly candle: VenueCandle;
      readonly isClosed: boolean;
    }
  | {
      readonly type: "depth";
      readonly at: Millis;
      readonly instrument: InstrumentId;
      readonly firstUpdateId: number;
      readonly lastUpdateId: number;
      readonly previousUpdateId: number;
      readonly bids: readonly DepthLevel[];
      readonly asks: readonly DepthLevel[];
    }
  | { readonly type: "ended"; readonly at: Millis; readonly reason: "marketFileEnd" };

/** What happened to an order, in Binance's words for the execution type. */
export type OrderChange = "NEW" | "TRADE" | "CANCELED" | "EXPIRED" | "AMENDMENT" | "CALCULATED";

/** One price level of a book; zero lots removes it. */
export interface DepthLevel {
  readonly price: Ticks;
  readonly lots: Lots;
}

/** A candle in ticks and lots; `openAt` in market time. */
export interface VenueCandle {
  readonly openAt: Millis;
  readonly closeAt: Millis;
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
  readonly volume: Lots;
}

/** Either what was done or the closed-list reason why not. */
export type VenueAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RejectReason };

/** A selection from an account's history, oldest first. Times are market time. */
export interface HistoryQuery {
  readonly instrument?: InstrumentId;
  readonly fromId?: number;
  readonly from?: Millis;
  readonly to?: Millis;
  readonly limit?: number;
}

/**
 * The exchange in a box: synchronous, deterministic, no clock and no I/O of its own. The server and the
 * in-process client are skins over it. Every call happens at market time `now()`.
 */
export interface Exchange {
  readonly instruments: readonly Instrument[];
  /** What can happen to the exchange from outside its rules. */
  readonly hand: ExchangeHand;
  /** Ticks that prices of new orders must be a multiple of; 1 unless the exchange changed it. */
  priceStep(instrument: InstrumentId): number;
  /** Lots that quantities of new orders must be a multiple of; 1 unless the exchange changed it. */
  lotStep(instrument: InstrumentId): number;
  status(instrument: InstrumentId): InstrumentStatus;
  /** Market time of an announced end; undefined while there is none. */
  delistsAt(instrument: InstrumentId): Millis | undefined;
  brackets(instrument: InstrumentId): readonly MarginBracket[];
  now(): Millis;
  /** Moves the market to the next step that is due at or before `until`; true while there was one. */
  step(until: Millis): boolean;
  /** Market time of the next step; undefined when the market file ended. */
  nextStepAt(): Millis | undefined;
  /**
   * Events of a call are told after it is complete. `depth: false` spares the work of depth changes, `tape: false` that of
   * public trades and of candles that are still forming.
   */
  listen(
    listener: (event: VenueEvent) => void,
    options?: { readonly depth?: boolean | (() => boolean); readonly tape?: boolean },
  ): () => void;

  place(account: AccountId, request: OrderRequest): VenueAnswer<VenueOrder>;
  placeConditional(account: AccountId, request: ConditionalRequest): VenueAnswer<VenueConditional>;
  cancel(
    account: AccountId,
    instrument: InstrumentId,
    by: { orderId: number } | { clientId: string },
  ): VenueAnswer<VenueOrder>;
  /**
   * Changes price or quantity of a resting limit order; it loses its place in the queue and is told as AMENDMENT. A quantity
   * that is already filled, or a post-only price that would take, cancels it (the answer shows that); a refusal leaves it as it was.
   */
  amend(
    account: AccountId,
    instrument: InstrumentId,
    by: { orderId: number } | { clientId: string },
    change: { readonly price?: Ticks; readonly lots?: Lots },
  ): VenueAnswer<VenueOrder>;
  /** Cancels resting orders, of all instruments when none is named; conditional ones stay. Returns what was cancelled. */
  cancelAll(account: AccountId, instrument?: InstrumentId): readonly VenueOrder[];
  cancelConditional(
    account: AccountId,
    by: { conditionalId: number } | { clientId: string },
  ): VenueAnswer<VenueConditional>;
  cancelAllConditionals(account: AccountId, instrument?: InstrumentId): readonly VenueConditional[];
  /**
   * Cancels everything at market time `at` unless set again before; undefined stops the countdown. Without an instrument it is the
   * account's (Bybit, OKX), beside those of its instruments. Conditional orders stay if `conditionalsSurviveCountdown` says so.
   */
  countdownCancelAll(
    account: AccountId,
    instrument: InstrumentId | undefined,
    at: Millis | undefined,
  ): VenueAnswer<Millis | undefined>;
  setLeverage(account: AccountId, instrument: InstrumentId, leverage: number): VenueAnswer<number>;
  setMarginMode(
    account: AccountId,
    instrument: InstrumentId,
    mode: "isolated" | "cross",
  ): VenueAnswer<"isolated" | "cross">;
  setHedgeMode(account: AccountId, isOn: boolean): VenueAnswer<boolean>;
  changeIsolatedMargin(
    account: AccountId,
    instrument: InstrumentId,
    positionSide: PositionSide,
    amount: Value,
  ): VenueAnswer<Value>;
  deposit(account: AccountId, amount: Value): void;

  isHedgeMode(account: AccountId): boolean;
  leverage(account: AccountId, instrument: InstrumentId): number;
  marginMode(account: AccountId, instrument: InstrumentId): "isolated" | "cross";
  positions(account: AccountId): readonly VenuePosition[];
  balance(account: AccountId): VenueBalance;
  /** Also closed ones while they are remembered: unfilled cancelled ones for three days of market time, filled ones for good. */
  order(
    account: AccountId,
    instrument: InstrumentId,
    by: { orderId: number } | { clientId: string },
  ): VenueOrder | undefined;
  openOrders(account: AccountId, instrument?: InstrumentId): readonly VenueOrder[];
  orderHistory(account: AccountId, query: HistoryQuery): readonly VenueOrder[];
  conditional(
    account: AccountId,
    by: { conditionalId: number } | { clientId: string },
  ): VenueConditional | undefined;
  openConditionals(account: AccountId, instrument?: InstrumentId): readonly VenueConditional[];
  conditionalHistory(account: AccountId, query: HistoryQuery): readonly VenueConditional[];
  trades(account: AccountId, query: HistoryQuery): readonly VenueTrade[];
  income(account: AccountId, query: HistoryQuery): readonly VenueIncome[];
  candles(instrument: InstrumentId, intervalMs: number, query: HistoryQuery): readonly VenueCandle[];
  fundingHistory(
    instrument: InstrumentId,
    query: HistoryQuery,
  ): readonly { readonly at: Millis; readonly rate: Rate; readonly mark: Ticks }[];
  depth(
    instrument: InstrumentId,
    levels: number,
  ): {
    readonly lastUpdateId: number;
    readonly bids: readonly DepthLevel[];
    readonly asks: readonly DepthLevel[];
  };
  mark(instrument: InstrumentId): {
    readonly mark: Ticks;
    readonly index: Ticks;
    readonly fundingRate: Rate;
    readonly nextFundingAt: Millis;
  };
  /** Broken promises of the exchange's own books, in words; empty when all is well. For tests and checkers. */
  validate(): readonly string[];
  /** How many market candles were walked so far, per instrument. */
  candlesWalked(instrument: InstrumentId): number;
}

/** One line of the account's income history. */
export interface VenueIncome {
  readonly id: number;
  readonly at: Millis;
  readonly type: "realized" | "fee" | "funding" | "transfer" | "liquidationFee" | "insurance";
  readonly instrument?: InstrumentId;
  readonly amount: Value;
  readonly tradeId?: number;
}
