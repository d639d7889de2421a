import { type Book, bookCost, explained } from "../../core/book.ts";
import type { ExposureOfBook } from "../../core/event.ts";
import {
  averagePrice,
  executionCost,
  type Instrument,
  type MarginBracket,
  notional,
} from "../../core/instrument.ts";
import type { Quote, RiskState } from "../../core/proposal.ts";
import {
  type Lots,
  lots,
  type Millis,
  mulDiv,
  ONE,
  portion,
  type Rate,
  rate,
  type Side,
  type Ticks,
  ticks,
  type Value,
  value,
} from "../../core/units.ts";
import type { Quotes } from "../../market/board.ts";
import { liquidationPrice, maintenanceMargin } from "../../risk/liquidation.ts";

/** What a quote is computed from. */
export interface QuoteInput {
  readonly instrument: Instrument;
  readonly brackets: readonly MarginBracket[];
  readonly book: Book;
  readonly quotes: Quotes;
  readonly exposure: ExposureOfBook | undefined;
  readonly marginMode: "isolated" | "cross";
  readonly leverage: number;
  readonly wallet: Value | undefined;
  readonly riskState: RiskState;
  readonly at: Millis;
  readonly wallAt: Millis;
}

/** The average price of trading `size` lots against the shown book; beyond its levels the last price holds. */
function expectedFill(quotes: Quotes, side: Side, size: Lots): Ticks | undefined {
  const best = side === "buy" ? quotes.top?.ask : quotes.top?.bid;
  if (best === undefined) return undefined;
  const levels = side === "buy" ? quotes.asks : quotes.bids;
  let left: number = size;
  let sum = 0;
  let last = best;
  for (const [price, depth] of levels) {
    if (left <= 0) break;
    const part = Math.min(left, depth);
    sum += part * price;
    left -= part;
    last = price;
  }
  if (levels.length === 0) return best;
  sum += left * last;
  return ticks(mulDiv(sum, 1, size, side === "buy" ? "up" : "down"));
}

/**
 * The wallet that stands behind a book: set aside for it when isolated, the account's when cross. The exchange's figure
 * counts as it is while it speaks of the size we hold, and is carried on to what is held since otherwise. Where it told of
 * nothing, cost over leverage stands in, less the most that opening can have cost in fees, which the exchange takes from the
 * same wallet.
 */
export function backing(input: QuoteInput): Value | undefined {
  const { book, instrument, leverage, marginMode, wallet } = input;
  if (marginMode === "cross") return wallet;
  const told = toldBacking(input);
  if (told !== undefined) return told;
  return openedWith(instrument, value(Math.abs(bookCost(book))), leverage);
}

/**
 * What the exchange last told, carried on to what is held since: a part that was closed took its part of it along, a part that
 * was opened brought its own. Margin that was added is in it, and in no formula (X26). Undefined: it told of the other side, or
 * of nothing.
 */
function toldBacking({ exposure, book, instrument, leverage }: QuoteInput): Value | undefined {
  const held = explained(book);
  const { lots: before = 0, isolatedWallet = value(0), entry } = exposure ?? {};
  if (isolatedWallet <= 0) return undefined;
  if (before === held) return isolatedWallet;
  if (before * held <= 0) return undefined;
  if (Math.abs(held) < Math.abs(before))
    return value(mulDiv(isolatedWallet, Math.abs(held), Math.abs(before), "down"));
  if (entry === undefined) return undefined;
  const costBefore = executionCost(instrument, entry, lots(before), "nearest");
  const opened = value(Math.max(0, Math.abs(bookCost(book)) - Math.abs(costBefore)));
  return value(isolatedWallet + openedWith(instrument, opened, leverage));
}

/** What opening something sets aside for it. */
const openedWith = ({ takerFee }: Instrument, cost: Value, leverage: number): Value =>
  value(mulDiv(cost, 1, leverage, "down") - portion(cost, takerFee, "up"));

/** Maintenance margin over the equity behind a book; undefined while a part is unknown. */
export function marginRatio(
  input: QuoteInput,
  size: Lots,
  cost: Value,
  wallet: Value | undefined,
): Rate | undefined {
  const { mark } = input.quotes;
  if (size === 0) return rate(0);
  if (mark === undefined || wallet === undefined) return undefined;
  const worth = value(Math.abs(notional(input.instrument, mark, size, "nearest")));
  const equity = wallet + executionCost(input.instrument, mark, size, "nearest") - cost;
  if (equity <= 0) return rate(ONE);
  return rate(Math.min(ONE, mulDiv(maintenanceMargin(input.brackets, worth), ONE, equity, "up")));
}

/** The liquidation price of a book: the exchange's, else our formula's; "none" when no price liquidates it. */
export function liquidationOf(input: QuoteInput): Ticks | "none" | undefined {
  const size = explained(input.book);
  if (size === 0) return "none";
  if (input.exposure?.liquidation !== undefined && input.exposure.lots === size)
    return input.exposure.liquidation;
  return formula(input, size, bookCost(input.book), backing(input));
}

/** Our formula's liquidation price for a size, a cost and a wallet. */
export function formula(
  input: QuoteInput,
  size: Lots,
  cost: Value,
  wallet: Value | undefined,
): Ticks | "none" | undefined {
  if (size === 0) return "none";
  if (wallet === undefined) return undefined;
  const { instrument, brackets } = input;
  return liquidationPrice({ instrument, brackets, lots: size, cost, wallet }) ?? "none";
}

/**
 * The effect of closing `size` lots of a book now; undefined while there are no prices. `entry`: what these very lots were
 * opened at, where they are a rung's; without it the book's average.
 */
export function quoteClose(input: QuoteInput, size: Lots, entry?: Ticks): Quote | undefined {
  const { book, instrument, quotes } = input;
  const { top, mark } = quotes;
  const held = explained(book);
  const side: Side = held > 0 ? "sell" : "buy";
  const fill = expectedFill(quotes, side, size);
  if (top === undefined || mark === undefined || fill === undefined || held === 0) return undefined;
  const cost = bookCost(book);
  const isWhole = size >= Math.abs(held);
  const released = isWhole ? cost : value(mulDiv(cost, size, Math.abs(held), "nearest"));
  const signed = lots(held > 0 ? size : -size);
  const basis = entry === undefined ? released : executionCost(instrument, entry, signed, "up");
  const realized = value(executionCost(instrument, fill, signed, "down") - basis);
  const fee = portion(notional(instrument, fill, size, "up"), instrument.takerFee, "up");
  const wallet = backing(input);
  const after = lots(held - signed);
  const costAfter = value(cost - released);
  const moved = value(executionCost(instrument, fill, signed, "down") - released);
  const walletAfter = afterClose(input, wallet, moved, fee, after, held);
  const before = liquidationOf(input);
  const later = formula(input, after, costAfter, walletAfter);
  const worse = side === "sell" ? mark - fill : fill - mark;
  return {
    quotedAt: input.at,
    quotedWallAt: input.wallAt,
    bid: top.bid,
    ask: top.ask,
    positionLots: held,
    entryPrice: entry ?? averagePrice(instrument, cost, held),
    mark,
    marginMode: input.marginMode,
    riskState: input.riskState,
    side,
    lots: size,
    expectedFill: fill,
    slippage: rate(mulDiv(worse, ONE, mark, "up")),
    fee,
    realized,
    marginRatioBefore: marginRatio(input, held, cost, wallet),
    marginRatioAfter: marginRatio(input, after, costAfter, walletAfter),
    liquidationBefore: typeof before === "number" ? before : undefined,
    liquidationAfter: typeof later === "number" ? later : undefined,
  };
}

/** Isolated margin is released pro rata; a cross wallet takes the result. */
function afterClose(
  input: QuoteInput,
  wallet: Value | undefined,
  realized: Value,
  fee: Value,
  after: Lots,
  held: Lots,
): Value | undefined {
  if (wallet === undefined) return undefined;
  if (input.marginMode === "cross") return value(wallet + realized - fee);
  return value(mulDiv(wallet, Math.abs(after), Math.abs(held), "down"));
}
