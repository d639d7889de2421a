import { notional, profit } from "../core/instrument.ts";
import { lots, mulDiv, ONE, type Ticks, type Value, value } from "../core/units.ts";
import { maintenanceMargin } from "../risk/liquidation.ts";
import { type ClientOrder, isReducer } from "./client-order.ts";
import type { OrderRequest } from "./exchange.ts";
import type { PositionBook } from "./position-book.ts";
import type { VenueRules } from "./venue-rules.ts";
import { type Account, booksOf, type Holding, type Market } from "./venue-state.ts";

/** What a book is worth at the mark, without sign. */
const worthOf = (market: Market, book: PositionBook): Value =>
  book.lots === 0 ? value(0) : notional(market.instrument, market.mark, lots(Math.abs(book.lots)), "nearest");

/** A book's unrealised profit at the mark. */
export const unrealizedOf = (market: Market, book: PositionBook): Value =>
  profit(market.instrument, book.cost, book.lots, market.mark);

/** A book's maintenance margin at the mark. */
export const maintenanceOf = (rules: VenueRules, market: Market, book: PositionBook): Value =>
  maintenanceMargin(market.brackets, worthOf(market, book), rules.closeFeeInMaintenance);

/** What stands behind a position and what it needs: liquidated when equity is not above maintenance. */
export interface Standing {
  readonly equity: number;
  readonly maintenance: number;
}

/** An isolated book's standing. */
export const isolatedStanding = (rules: VenueRules, market: Market, book: PositionBook): Standing => ({
  equity: book.isolatedWallet + unrealizedOf(market, book),
  maintenance: maintenanceOf(rules, market, book),
});

/**
 * Whether an isolated book is so far from its maintenance margin that no tier can make it called or liquidated: a bound in
 * plain numbers for what would be asked on every step of the path. False proves nothing.
 */
export function isFarFromMargin(
  rules: VenueRules,
  { instrument, brackets, mark }: Market,
  book: PositionBook,
): boolean {
  const last = brackets[brackets.length - 1];
  if (instrument.kind !== "linear" || last === undefined) return false;
  const worth = mark * instrument.unit * book.lots;
  const most = (Math.abs(worth) * (last.maintenance + rules.closeFeeInMaintenance)) / ONE;
  return (book.isolatedWallet + worth - book.cost) * rules.marginCallRatio > (most + 2) * ONE;
}

/** The standing of everything that shares the account's cross wallet. */
export function crossStanding(rules: VenueRules, account: Account): Standing {
  let equity: number = account.crossWallet;
  let maintenance = 0;
  for (const holding of account.holdings.values()) {
    if (holding.marginMode !== "cross") continue;
    for (const book of booksOf(account, holding)) {
      if (book.lots === 0) continue;
      equity += unrealizedOf(holding.market, book);
      maintenance += maintenanceOf(rules, holding.market, book);
    }
  }
  return { equity, maintenance };
}

/** An order that does not rest yet, at the worst price it may get. */
interface Hypothetical {
  readonly request: OrderRequest;
  readonly lots: number;
  readonly price: Ticks;
  /** The resting order whose place it takes. */
  readonly instead?: ClientOrder | undefined;
}

/** What one book claims: its position and, beyond that, the worse side of its resting orders, as notionals. */
interface Claim {
  readonly position: number;
  readonly worst: number;
}

function claimOf(
  account: Account,
  holding: Holding,
  book: PositionBook,
  extra: Hypothetical | undefined,
): Claim {
  const { market } = holding;
  const position = worthOf(market, book);
  let buys = 0;
  let sells = 0;
  const add = (request: OrderRequest, price: Ticks, size: number): void => {
    if (request.positionSide !== book.side || isReducer(request)) return;
    // A sell below the bid is worth what the bid pays.
    const at = request.side === "sell" ? (Math.max(price, market.depth.bid) as Ticks) : price;
    const worth = notional(market.instrument, at, lots(size), "up");
    if (request.side === "buy") buys += worth;
    else sells += worth;
  };
  for (const order of account.open.values()) {
    if (order.request.instrument !== market.instrument.id || order === extra?.instead) continue;
    add(order.request, order.price, order.left);
  }
  if (extra !== undefined) add(extra.request, extra.price, extra.lots);
  const signed = Math.sign(book.lots) * position;
  return { position, worst: Math.max(position, Math.abs(signed + buys), Math.abs(signed - sells)) };
}

/** Initial margin of one instrument: of its positions, and on top of that of its open orders. */
interface Initial {
  readonly position: Value;
  readonly orders: Value;
  /** The largest notional that the position could grow to, per book the worse side. */
  readonly worstNotional: number;
}

/** Binance's rule: a book holds margin for the worse of "all buys fill" and "all sells fill". */
export function initialMargin(account: Account, holding: Holding, extra?: Hypothetical): Initial {
  let position = 0;
  let total = 0;
  let worstNotional = 0;
  for (const book of booksOf(account, holding)) {
    const claim = claimOf(account, holding, book, extra);
    position += mulDiv(claim.position, 1, holding.leverage, "up");
    total += mulDiv(claim.worst, 1, holding.leverage, "up");
    worstNotional = Math.max(worstNotional, claim.worst);
  }
  return { position: value(position), orders: value(total - position), worstNotional };
}

/** The initial margin of one book's position. */
export const positionMargin = (holding: Holding, book: PositionBook): Value =>
  value(mulDiv(worthOf(holding.market, book), 1, holding.leverage, "up"));

/** What is free for new orders; below zero when the account is short. */
export function freeMargin(account: Account): number {
  let free: number = account.crossWallet;
  for (const holding of account.holdings.values()) {
    const initial = initialMargin(account, holding);
    free -= initial.orders;
    if (holding.marginMode !== "cross") continue;
    free -= initial.position;
    for (const book of booksOf(account, holding)) free += unrealizedOf(holding.market, book);
  }
  return free;
}

/** Whether a new order finds its margin, and a tier that allows its size. */
export function marginVerdict(
  account: Account,
  holding: Holding,
  extra: Hypothetical,
): "ok" | "marginInsufficient" | "leverageNotAllowed" {
  const before = initialMargin(account, holding);
  const after = initialMargin(account, holding, extra);
  if (after.worstNotional > before.worstNotional && after.worstNotional > notionalCap(holding)) {
    return "leverageNotAllowed";
  }
  const more = after.orders - before.orders;
  return more <= 0 || freeMargin(account) - more >= 0 ? "ok" : "marginInsufficient";
}

/** The largest position that a leverage allows. */
export function notionalCap(holding: Holding, leverage = holding.leverage): Value {
  let cap = value(0);
  for (const bracket of holding.market.brackets) if (bracket.leverageMax >= leverage) cap = bracket.cap;
  return cap;
}
