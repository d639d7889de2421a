import type { AccountId, Instrument, InstrumentId, MarginBracket } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import { type Millis, type Rate, type Ticks, type Value, value } from "../core/units.ts";
import type { Archive } from "./archive.ts";
import type { CandleHistory } from "./candle-history.ts";
import type { ClientConditional, ClientOrder } from "./client-order.ts";
import type { Deadlines } from "./deadlines.ts";
import type { DepthLevel, InstrumentStatus, PositionSide, VenueIncome, VenueTrade } from "./exchange.ts";
import type { Outbox } from "./outbox.ts";
import type { PositionBook } from "./position-book.ts";
import type { SeededDepth } from "./seeded-depth.ts";
import type { VenueRules } from "./venue-rules.ts";

/** An account's choices and positions in one instrument. */
export interface Holding {
  readonly market: Market;
  leverage: number;
  marginMode: "isolated" | "cross";
  readonly both: PositionBook;
  readonly long: PositionBook;
  readonly short: PositionBook;
}

/** One client of the exchange. wallet = crossWallet + isolated wallets = start + realised - fees + funding. */
export interface Account {
  readonly id: AccountId;
  isHedge: boolean;
  crossWallet: Value;
  start: Value;
  realized: Value;
  fees: Value;
  funding: Value;
  /** The part of `realized` that the insurance fund paid because a loss was larger than the wallet behind it. */
  insured: Value;
  readonly holdings: Map<InstrumentId, Holding>;
  readonly open: Map<number, ClientOrder>;
  readonly waiting: Map<number, ClientConditional>;
  readonly orders: Archive<ClientOrder>;
  readonly conditionals: Archive<ClientConditional>;
  readonly trades: VenueTrade[];
  readonly income: VenueIncome[];
  /** How many more of its stops are refused, by the exchange's hand. */
  readonly stopRefusals: { placed: number; triggered: number };
}

/** One instrument's market: clients' resting orders, the seeded depth around them, and the marks. */
export interface Market {
  readonly instrument: Instrument;
  brackets: readonly MarginBracket[];
  /** New prices and quantities are multiples of these counts of ticks and lots. */
  priceStep: number;
  lotStep: number;
  status: InstrumentStatus;
  /** When it ends, once that was announced. */
  delistsAt: Millis | undefined;
  readonly depth: SeededDepth;
  /** Clients' resting orders, the best and oldest last. */
  readonly bids: ClientOrder[];
  readonly asks: ClientOrder[];
  readonly waiting: ClientConditional[];
  readonly candles: CandleHistory;
  readonly fundings: { readonly at: Millis; readonly rate: Rate; readonly mark: Ticks }[];
  price: Ticks;
  mark: Ticks;
  isRising: boolean;
  fundingRate: Rate;
  nextFundingAt: Millis;
  /** Something that the outside sees of the book may have changed since it was last published. */
  isDirty: boolean;
  published: { bid: number; bidLots: number; ask: number; askLots: number };
  shownDepth: { readonly bids: readonly DepthLevel[]; readonly asks: readonly DepthLevel[] } | undefined;
  updateId: number;
  /** Holdings with a position in this instrument, in the order in which they were opened. */
  readonly held: Set<Account>;
}

/** Everything that the exchange knows. Only the files of this room touch it. */
export interface VenueState {
  rules: VenueRules;
  readonly deadlines: Deadlines;
  readonly markets: Map<InstrumentId, Market>;
  readonly accounts: Map<AccountId, Account>;
  readonly outbox: Outbox;
  at: Millis;
  lastOrderId: number;
  lastTradeId: number;
  lastIncomeId: number;
  /** Orders are ranked by when they came to rest at their price. */
  lastRank: number;
  /** Liquidation fees taken less losses covered. */
  insuranceFund: Value;
}

/** The account's holding in an instrument. */
export function holdingOf(account: Account, instrument: InstrumentId): Holding {
  const holding = account.holdings.get(instrument);
  invariant(holding !== undefined, `account ${account.id} has a holding for ${instrument}`);
  return holding;
}

/** The book that a position side names. */
export const bookOf = (holding: Holding, side: PositionSide): PositionBook => holding[side];

/** The books an account uses: one in one-way mode, two in hedge mode. */
export const booksOf = (account: Account, holding: Holding): readonly PositionBook[] =>
  account.isHedge ? [holding.long, holding.short] : [holding.both];

/** What the account is worth without unrealised profit. */
export function walletOf(account: Account): Value {
  let sum: number = account.crossWallet;
  for (const holding of account.holdings.values()) {
    sum += holding.both.isolatedWallet + holding.long.isolatedWallet + holding.short.isolatedWallet;
  }
  return value(sum);
}

/** Writes a line into the account's income history. */
export function noteIncome(
  venue: VenueState,
  account: Account,
  type: VenueIncome["type"],
  amount: Value,
  instrument?: InstrumentId,
  tradeId?: number,
): void {
  venue.lastIncomeId += 1;
  account.income.push({
    id: venue.lastIncomeId,
    at: venue.at,
    type,
    ...(instrument === undefined ? {} : { instrument }),
    amount,
    ...(tradeId === undefined ? {} : { tradeId }),
  });
}
