import { type Value, value } from "../core/units.ts";
import type { LiquidationCase } from "../risk/liquidation.ts";
import { forceClose, forceCloseIsolated, insure } from "./forced-close.ts";
import {
  crossStanding,
  isFarFromMargin,
  isolatedStanding,
  maintenanceOf,
  type Standing,
  unrealizedOf,
} from "./margin.ts";
import { endOrder } from "./order-end.ts";
import type { PositionBook } from "./position-book.ts";
import type { VenueRules } from "./venue-rules.ts";
import { type Account, booksOf, type Holding, holdingOf, type VenueState } from "./venue-state.ts";

/** Whether the exchange takes over: equity no longer above maintenance margin. */
const isUnder = (standing: Standing): boolean =>
  standing.maintenance > 0 && standing.equity <= standing.maintenance;

/** The facts that decide a book's liquidation price. */
export function liquidationCase(
  rules: VenueRules,
  account: Account,
  holding: Holding,
  book: PositionBook,
): LiquidationCase {
  const { instrument, brackets, mark } = holding.market;
  const closeFee = rules.closeFeeInMaintenance;
  const own = { instrument, brackets, lots: book.lots, cost: book.cost, mark, closeFee };
  if (holding.marginMode === "isolated") return { wallet: book.isolatedWallet, ...own };
  let otherMaintenance = 0;
  let otherUnrealized = 0;
  for (const other of account.holdings.values()) {
    if (other === holding || other.marginMode !== "cross") continue;
    for (const each of booksOf(account, other)) {
      if (each.lots === 0) continue;
      otherMaintenance += maintenanceOf(rules, other.market, each);
      otherUnrealized += unrealizedOf(other.market, each);
    }
  }
  const hedge = booksOf(account, holding).find((each) => each !== book && each.lots !== 0);
  return {
    wallet: account.crossWallet,
    otherMaintenance: value(otherMaintenance),
    otherUnrealized: value(otherUnrealized),
    ...own,
    ...(hedge === undefined ? {} : { hedge: { lots: hedge.lots, cost: hedge.cost } }),
  };
}

/** An isolated position is closed by force; its loss ends at its own wallet, the insurance fund bears the rest. */
function liquidateIsolated(venue: VenueState, account: Account, holding: Holding, book: PositionBook): void {
  cancelOrders(venue, account, holding);
  const paid = forceCloseIsolated(venue, account, holding, book, "liquidation");
  tellLiquidation(venue, account, paid, holding.market.instrument.id);
}

/** Cross positions are closed by force, the hungriest first, until the rest is safe. */
function liquidateCross(venue: VenueState, account: Account): void {
  for (const holding of account.holdings.values()) {
    if (holding.marginMode === "cross") cancelOrders(venue, account, holding);
  }
  let instrument = "";
  while (isUnder(crossStanding(venue.rules, account))) {
    const found = hungriest(venue.rules, account);
    if (found === undefined) break;
    instrument = found.holding.market.instrument.id;
    forceClose(venue, account, found.holding, found.book, "liquidation");
  }
  const paid = value(Math.max(0, -account.crossWallet));
  insure(venue, account, paid, instrument);
  tellLiquidation(venue, account, paid, instrument);
}

function hungriest(
  rules: VenueRules,
  account: Account,
): { readonly holding: Holding; readonly book: PositionBook } | undefined {
  let found: { holding: Holding; book: PositionBook } | undefined;
  let most = -1;
  for (const holding of account.holdings.values()) {
    if (holding.marginMode !== "cross") continue;
    for (const book of booksOf(account, holding)) {
      const needs = book.lots === 0 ? -1 : maintenanceOf(rules, holding.market, book);
      if (needs <= most) continue;
      most = needs;
      found = { holding, book };
    }
  }
  return found;
}

function cancelOrders(venue: VenueState, account: Account, holding: Holding): void {
  for (const order of [...account.open.values()]) {
    if (order.request.instrument === holding.market.instrument.id)
      endOrder(venue, order, "expired", "liquidation");
  }
}

function tellLiquidation(venue: VenueState, account: Account, amount: Value, instrument: string): void {
  venue.outbox.emit({
    type: "account",
    at: venue.at,
    account: account.id,
    reason: "liquidation",
    instrument,
    balanceChange: amount,
  });
}

/** Whether anything of this account in this holding stands under its maintenance margin at the marks of now. */
export function needsLiquidation(venue: VenueState, account: Account, holding: Holding): boolean {
  if (holding.marginMode === "cross") return isUnder(crossStanding(venue.rules, account));
  for (const book of booksOf(account, holding)) {
    if (book.lots === 0 || isFarFromMargin(venue.rules, holding.market, book)) continue;
    if (isUnder(isolatedStanding(venue.rules, holding.market, book))) return true;
  }
  return false;
}

/** Liquidates whatever of this account stands under its maintenance margin in this market's instrument. */
export function liquidate(venue: VenueState, account: Account, instrument: string): void {
  const holding = holdingOf(account, instrument);
  if (holding.marginMode === "cross") {
    if (isUnder(crossStanding(venue.rules, account))) liquidateCross(venue, account);
    return;
  }
  for (const book of booksOf(account, holding)) {
    if (book.lots !== 0 && isUnder(isolatedStanding(venue.rules, holding.market, book))) {
      liquidateIsolated(venue, account, holding, book);
    }
  }
}

/** Tells an account once when a position's maintenance margin comes near its equity, again after it recovered. */
export function callMargins(venue: VenueState, account: Account, holding: Holding): void {
  const isCross = holding.marginMode === "cross";
  const shared = isCross ? crossStanding(venue.rules, account) : undefined;
  for (const book of booksOf(account, holding)) {
    if (book.lots === 0 || (!isCross && isFarFromMargin(venue.rules, holding.market, book))) {
      book.isCalled = false;
      continue;
    }
    const standing = shared ?? isolatedStanding(venue.rules, holding.market, book);
    const isNear = standing.maintenance * 1e8 >= standing.equity * venue.rules.marginCallRatio;
    if (isNear && !book.isCalled) {
      const instrument = holding.market.instrument.id;
      venue.outbox.emit({ type: "marginCall", at: venue.at, account: account.id, instrument });
    }
    book.isCalled = isNear;
  }
}
