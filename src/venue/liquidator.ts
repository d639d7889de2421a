import { lots, type Millis, type Ticks, type Value, value } from "../core/units.ts";
import { type LiquidationCase, liquidationPrice } from "../risk/liquidation.ts";
import { isOpen } from "./client-order.ts";
import { crossStanding, isolatedStanding, maintenanceOf, type Standing, unrealizedOf } from "./margin.ts";
import { execute, trade } from "./matching.ts";
import { endOrder } from "./order-end.ts";
import { created } from "./order-entry.ts";
import type { PositionBook } from "./position-book.ts";
import { closingSide } from "./reduce-only.ts";
import {
  type Account,
  booksOf,
  type Holding,
  holdingOf,
  noteIncome,
  type VenueState,
} from "./venue-state.ts";

/** Whether the exchange takes over: equity no longer above maintenance margin. */
export const isUnder = (standing: Standing): boolean =>
  standing.maintenance > 0 && standing.equity <= standing.maintenance;

/** The facts that decide a book's liquidation price. */
function liquidationCase(account: Account, holding: Holding, book: PositionBook): LiquidationCase {
  const { instrument, brackets } = holding.market;
  const own = { instrument, brackets, lots: book.lots, cost: book.cost };
  if (holding.marginMode === "isolated") return { ...own, wallet: book.isolatedWallet };
  let otherMaintenance = 0;
  let otherUnrealized = 0;
  for (const other of account.holdings.values()) {
    if (other === holding || other.marginMode !== "cross") continue;
    for (const each of booksOf(account, other)) {
      if (each.lots === 0) continue;
      otherMaintenance += maintenanceOf(other.market, each);
      otherUnrealized += unrealizedOf(other.market, each);
    }
  }
  const hedge = booksOf(account, holding).find((each) => each !== book && each.lots !== 0);
  return {
    ...own,
    wallet: account.crossWallet,
    otherMaintenance: value(otherMaintenance),
    otherUnrealized: value(otherUnrealized),
    ...(hedge === undefined ? {} : { hedge: { lots: hedge.lots, cost: hedge.cost } }),
  };
}

/** A book's liquidation price, or undefined when none is above zero. */
export const liquidationOf = (account: Account, holding: Holding, book: PositionBook): Ticks | undefined =>
  liquidationPrice(liquidationCase(account, holding, book));

/** An isolated position is closed by force; its loss ends at its own wallet, the insurance fund bears the rest. */
function liquidateIsolated(venue: VenueState, account: Account, holding: Holding, book: PositionBook): void {
  cancelOrders(venue, account, holding);
  const wallet = book.isolatedWallet;
  const realized = account.realized;
  const fees = account.fees;
  close(venue, account, holding, book);
  const left = wallet + (account.realized - realized) - (account.fees - fees);
  cover(venue, account, value(Math.max(0, -left)), holding.market.instrument.id);
}

/** Cross positions are closed by force, the hungriest first, until the rest is safe. */
function liquidateCross(venue: VenueState, account: Account): void {
  for (const holding of account.holdings.values()) {
    if (holding.marginMode === "cross") cancelOrders(venue, account, holding);
  }
  let instrument = "";
  while (isUnder(crossStanding(account))) {
    const found = hungriest(account);
    if (found === undefined) break;
    instrument = found.holding.market.instrument.id;
    close(venue, account, found.holding, found.book);
  }
  cover(venue, account, value(Math.max(0, -account.crossWallet)), instrument);
}

function hungriest(account: Account): { readonly holding: Holding; readonly book: PositionBook } | undefined {
  let found: { holding: Holding; book: PositionBook } | undefined;
  let most = -1;
  for (const holding of account.holdings.values()) {
    if (holding.marginMode !== "cross") continue;
    for (const book of booksOf(account, holding)) {
      const needs = book.lots === 0 ? -1 : maintenanceOf(holding.market, book);
      if (needs <= most) continue;
      most = needs;
      found = { holding, book };
    }
  }
  return found;
}

function cancelOrders(venue: VenueState, account: Account, holding: Holding): void {
  for (const order of [...account.open.values()]) {
    if (order.request.instrument === holding.market.instrument.id) endOrder(venue, order, "canceled");
  }
}

/** The forced order takes what the book gives; what is left goes to the insurance fund at the book's far end. */
function close(venue: VenueState, account: Account, holding: Holding, book: PositionBook): void {
  const { market } = holding;
  const side = closingSide(book.lots);
  if (side === undefined) return;
  const order = created(
    venue,
    account,
    {
      instrument: market.instrument.id,
      clientId: forcedClientId(venue.at, venue.lastOrderId),
      side,
      positionSide: book.side,
      kind: "market",
      timeInForce: "IOC",
      lots: lots(Math.abs(book.lots)),
      reduceOnly: book.side === "both",
    },
    Math.abs(book.lots),
    undefined,
    "liquidation",
  );
  execute(venue, market, order, undefined);
  if (!isOpen(order)) return;
  const { depth } = market;
  const end = side === "sell" ? Math.max(1, depth.bid - depth.levels) : depth.ask + depth.levels;
  trade(venue, market, {
    maker: undefined,
    taker: order,
    price: end as Ticks,
    lots: order.left,
    takerSide: side,
  });
}

const forcedClientId = (at: Millis, lastOrderId: number): string => `autoclose-${at}${lastOrderId + 1}`;

/** The insurance fund pays a loss that the wallet behind a position could not bear. */
function cover(venue: VenueState, account: Account, amount: Value, instrument: string): void {
  if (amount > 0) {
    account.realized = value(account.realized + amount);
    account.insured = value(account.insured + amount);
    account.crossWallet = value(account.crossWallet + amount);
    venue.insuranceFund = value(venue.insuranceFund - amount);
    noteIncome(venue, account, "insurance", amount, instrument);
  }
  venue.outbox.emit({
    type: "account",
    at: venue.at,
    account: account.id,
    reason: "liquidation",
    instrument,
    balanceChange: amount,
  });
}

/** Liquidates whatever of this account stands under its maintenance margin in this market's instrument. */
export function liquidate(venue: VenueState, account: Account, instrument: string): void {
  const holding = holdingOf(account, instrument);
  if (holding.marginMode === "cross") {
    if (isUnder(crossStanding(account))) liquidateCross(venue, account);
    return;
  }
  for (const book of booksOf(account, holding)) {
    if (book.lots !== 0 && isUnder(isolatedStanding(holding.market, book))) {
      liquidateIsolated(venue, account, holding, book);
    }
  }
}

/** Tells an account once when a position's maintenance margin comes near its equity, again after it recovered. */
export function callMargins(venue: VenueState, account: Account, holding: Holding): void {
  const isCross = holding.marginMode === "cross";
  const shared = isCross ? crossStanding(account) : undefined;
  for (const book of booksOf(account, holding)) {
    if (book.lots === 0) {
      book.isCalled = false;
      continue;
    }
    const standing = shared ?? isolatedStanding(holding.market, book);
    const isNear = standing.maintenance * 1e8 >= standing.equity * venue.rules.marginCallRatio;
    if (isNear && !book.isCalled) {
      const instrument = holding.market.instrument.id;
      venue.outbox.emit({ type: "marginCall", at: venue.at, account: account.id, instrument });
    }
    book.isCalled = isNear;
  }
}
