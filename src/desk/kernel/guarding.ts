import { type Book, bookCost, explained } from "../../core/book.ts";
import { checkOrder, type GuardState, isReducing, type Verdict } from "../../core/guard.ts";
import { executionCost, type InstrumentId, notional } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import { exposureOf, marginFor, wholeOf, worstNotional } from "../../core/margin.ts";
import { type EngineId, isLive, type OrderFacts, type OrderRecord } from "../../core/order.ts";
import { flat } from "../../core/position.ts";
import {
  lots,
  type Millis,
  mulDiv,
  ONE,
  type Rate,
  rate,
  signOf,
  type Value,
  value,
} from "../../core/units.ts";
import type { Quotes } from "../../market/board.ts";
import { liquidationDistance } from "../../risk/liquidation.ts";
import { backing, formula, type QuoteInput } from "./quote.ts";
import type { KernelState } from "./state.ts";

/** All that the guard must know to check one order, from the kernel's state. */
export function guardState(state: KernelState, facts: OrderFacts): GuardState {
  const instrument = state.instrument(facts.instrument);
  invariant(instrument !== undefined, `instrument ${facts.instrument} was not loaded`);
  const { config, account } = state;
  const { limits } = state.risk;
  const isHedgeMode = account.isHedgeMode ?? false;
  const book = account.book(facts.instrument, facts.positionSide);
  const quotes = state.board.of(facts.instrument);
  const grid = config.grids.find(({ engine }) => engine === facts.engine);
  const isReducer = isReducing(facts, isHedgeMode);
  return {
    instrument,
    book,
    orders: state.orders.listOf(book.instrument, book.positionSide),
    bid: quotes.top?.bid,
    ask: quotes.top?.ask,
    mark: quotes.mark,
    riskState: state.riskState,
    isPaused: state.isPaused(facts.engine),
    blocks: isReducer
      ? []
      : [
          ...state.blocks(),
          ...state.circuit.stopsRefused(facts.instrument),
          ...staleness(quotes, facts.instrument, state.wallAt, config.staleMs),
        ],
    isHedgeMode,
    closeOnly: state.instruments.closeOnly(facts.instrument),
    configRefused: state.accountConfig.doubt(facts.instrument),
    marginMode: account.marginModes.get(facts.instrument),
    bracketMax: isReducer
      ? undefined
      : state.instruments.notionalMax(facts.instrument, account.leverages.get(facts.instrument)),
    leverage: account.leverages.get(facts.instrument),
    leverageMax: Math.min(config.leverageMax, grid?.leverage ?? config.leverageMax),
    purseCap: limits.purse(facts.engine),
    purseElsewhere: isReducer ? undefined : purseElsewhere(state, facts.engine, book),
    positionMax: limits.position(facts.engine),
    equity: isReducer ? undefined : account.equity((id) => state.board.of(id).mark),
    otherGross: isReducer ? value(0) : otherGross(state, book),
    grossLeverageMax: limits.exposure,
    distanceAfter: isReducer ? "none" : distanceAfter(state, facts, book),
    distanceMin: limits.buffer,
  };
}

/** Whether an order may leave now: the guard's word, or that the exchange refused its like again and again. */
export function verdictOn(
  state: KernelState,
  facts: OrderFacts,
): Verdict | { readonly ok: false; readonly reason: "circuit"; readonly detail: string } {
  const stopped = state.circuit.refusal(facts, state.wallAt);
  return stopped === undefined
    ? checkOrder(facts, guardState(state, facts))
    : { ok: false, reason: "circuit", detail: stopped };
}

/**
 * What an instrument's own quotes are too old for, as sentences. Marks come all the time. A quiet symbol's best prices may
 * stand for long: they are stale when its depth goes on and says something else.
 */
function staleness(quotes: Quotes, id: InstrumentId, wallAt: Millis, staleMs: Millis): readonly string[] {
  const { top, topWallAt, markWallAt, depthWallAt, bids, asks } = quotes;
  const isOld = (at: Millis | undefined): boolean => at !== undefined && wallAt - at > staleMs;
  const found: string[] = [];
  if (isOld(markWallAt)) found.push(`the mark price of ${id} is stale`);
  const isMoved =
    depthWallAt !== undefined &&
    !isOld(depthWallAt) &&
    ((bids[0]?.[0] ?? top?.bid) !== top?.bid || (asks[0]?.[0] ?? top?.ask) !== top?.ask);
  if (isOld(topWallAt) && isMoved) found.push(`the best prices of ${id} are stale`);
  return found;
}

/** What quotes of a book are computed from; undefined for an instrument that was not loaded. */
export function quoteInput(state: KernelState, book: Book): QuoteInput | undefined {
  const instrument = state.instrument(book.instrument);
  if (instrument === undefined) return undefined;
  const { account, config } = state;
  const exposure = account.exposure(book);
  return {
    instrument,
    brackets: state.brackets(book.instrument),
    book,
    quotes: state.board.of(book.instrument),
    exposure,
    marginMode: exposure?.marginMode ?? account.marginModes.get(book.instrument) ?? "isolated",
    leverage: exposure?.leverage ?? account.leverages.get(book.instrument) ?? config.leverageMax,
    wallet: account.wallet,
    riskState: state.riskState,
    at: state.at,
    wallAt: state.wallAt,
  };
}

/** Gross notional of the account with all open entries, over its equity; undefined while either is not known. */
export function exposureNow(state: KernelState): number | undefined {
  const gross = otherGross(state, undefined);
  const equity = state.account.equity((id) => state.board.of(id).mark);
  return gross === undefined || equity === undefined || equity <= 0 ? undefined : gross / equity;
}

/** The open orders of a book that do not reduce it. */
export function entriesOf(state: KernelState, { instrument, positionSide }: Book): readonly OrderRecord[] {
  const isHedgeMode = state.account.isHedgeMode ?? false;
  return state.orders
    .listOf(instrument, positionSide)
    .filter((order) => isLive(order.state) && !isReducing(order.facts, isHedgeMode));
}

/**
 * Notional of all other books and of positions in instruments that are not traded here, with their open entries: the part of gross leverage that is not this book's. Undefined
 * while the worth of one is not known: a missing mark is not zero (I9).
 */
function otherGross(state: KernelState, except: Book | undefined): Value | undefined {
  let sum = state.account.others
    .filter(({ asset }) => asset === state.config.asset)
    .reduce((total, { notional }) => total + notional, 0);
  for (const book of state.account.books.values()) {
    if (book === except) continue;
    const entries = entriesOf(state, book);
    if (explained(book) === 0 && entries.length === 0) continue;
    const instrument = state.instrument(book.instrument);
    const mark = state.board.of(book.instrument).mark;
    if (instrument === undefined || mark === undefined) return undefined;
    const whole = wholeOf(instrument, book, mark);
    sum += worstNotional(exposureOf(instrument, whole, entries, mark));
  }
  return value(sum);
}

/** What an engine's purse is used for in all books but one, the other leg of a hedged pair; and for margin that people added (X26). */
export function purseElsewhere(state: KernelState, engine: EngineId, except: Book | undefined): Value {
  let sum: number = state.facts.margins.of(engine);
  for (const book of state.account.books.values()) {
    if (book === except) continue;
    const share = book.shares.get(engine);
    const entries = entriesOf(state, book).filter(({ facts }) => facts.engine === engine);
    const instrument = state.instrument(book.instrument);
    if (instrument === undefined || ((share?.lots ?? 0) === 0 && entries.length === 0)) continue;
    const mark = state.board.of(book.instrument).mark ?? instrument.priceMax;
    const worst = worstNotional(exposureOf(instrument, share ?? flat(), entries, mark));
    sum += marginFor(instrument, worst, state.account.leverages.get(book.instrument) ?? 1);
  }
  return value(sum);
}

/** Distance to liquidation if this order filled whole at its price; undefined while a part is unknown. */
export function distanceAfter(state: KernelState, facts: OrderFacts, book: Book): Rate | "none" | undefined {
  const input = quoteInput(state, book);
  const mark = input?.quotes.mark;
  const price = facts.price ?? mark;
  if (input === undefined || mark === undefined || price === undefined) return undefined;
  const size = lots(facts.lots * signOf(facts.side));
  const after = lots(explained(book) + size);
  const cost = value(bookCost(book) + executionCost(input.instrument, price, size, "nearest"));
  const added = mulDiv(Math.abs(notional(input.instrument, price, size, "down")), 1, input.leverage, "down");
  const wallet = backing(input);
  const behind =
    wallet === undefined ? undefined : value(input.marginMode === "cross" ? wallet : wallet + added);
  const liquidation = formula(input, after, cost, behind);
  if (typeof liquidation !== "number") return liquidation;
  return rate(Math.min(ONE, liquidationDistance(mark, liquidation)));
}
