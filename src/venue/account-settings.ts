import type { InstrumentId } from "../core/instrument.ts";
import { type Value, value } from "../core/units.ts";
import type { PositionSide, RejectReason, VenueAnswer } from "./exchange.ts";
import { freeMargin, initialMargin, notionalCap, positionMargin, unrealizedOf } from "./margin.ts";
import { isSideWrong } from "./order-check.ts";
import {
  type Account,
  bookOf,
  booksOf,
  type Holding,
  holdingOf,
  noteIncome,
  type VenueState,
} from "./venue-state.ts";

const no = (reason: RejectReason): { readonly ok: false; readonly reason: RejectReason } => ({
  ok: false,
  reason,
});

/** Sets the leverage of an instrument: within its tiers, and never lower under an isolated position. */
export function setLeverage(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId,
  leverage: number,
): VenueAnswer<number> {
  const holding = account.holdings.get(instrument);
  if (holding === undefined) return no("unknownInstrument");
  const top = holding.market.brackets[0]?.leverageMax ?? 1;
  if (!Number.isInteger(leverage) || leverage < 1 || leverage > top) return no("leverageNotAllowed");
  if (initialMargin(account, holding).worstNotional > notionalCap(holding, leverage)) {
    return no("leverageNotAllowed");
  }
  const before = holding.leverage;
  const isHeld = booksOf(account, holding).some((book) => book.lots !== 0);
  if (leverage < before && isHeld && holding.marginMode === "isolated") {
    return no("leverageReductionRefused");
  }
  holding.leverage = leverage;
  if (leverage < before && freeMargin(account) < 0) {
    holding.leverage = before;
    return no("marginInsufficient");
  }
  venue.outbox.emit({ type: "config", at: venue.at, account: account.id, instrument, leverage });
  return { ok: true, value: leverage };
}

/** Isolated or cross, while nothing is open in the instrument. */
export function setMarginMode(
  account: Account,
  instrument: InstrumentId,
  mode: "isolated" | "cross",
): VenueAnswer<"isolated" | "cross"> {
  const holding = account.holdings.get(instrument);
  if (holding === undefined) return no("unknownInstrument");
  if (holding.marginMode === mode) return no("noChangeNeeded");
  if (isBusy(account, holding)) return no("openOrdersOrPositionsExist");
  holding.marginMode = mode;
  return { ok: true, value: mode };
}

/** One-way or hedge mode, while nothing is open anywhere. */
export function setHedgeMode(venue: VenueState, account: Account, isOn: boolean): VenueAnswer<boolean> {
  if (account.isHedge === isOn) return no("noChangeNeeded");
  for (const holding of account.holdings.values()) {
    if (isBusy(account, holding)) return no("openOrdersOrPositionsExist");
  }
  account.isHedge = isOn;
  venue.outbox.emit({ type: "config", at: venue.at, account: account.id, hedgeMode: isOn });
  return { ok: true, value: isOn };
}

function isBusy(account: Account, holding: Holding): boolean {
  if (booksOf(account, holding).some((book) => book.lots !== 0)) return true;
  const { id } = holding.market.instrument;
  for (const order of account.open.values()) if (order.request.instrument === id) return true;
  for (const order of account.waiting.values()) if (order.request.instrument === id) return true;
  return false;
}

/** Moves money between the cross wallet and an isolated position; what must stay is its initial margin at the mark. */
export function changeIsolatedMargin(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId,
  side: PositionSide,
  amount: Value,
): VenueAnswer<Value> {
  if (!account.holdings.has(instrument)) return no("unknownInstrument");
  if (isSideWrong(account, side)) return no("positionSideMismatch");
  const holding = holdingOf(account, instrument);
  const book = bookOf(holding, side);
  if (holding.marginMode === "cross" || book.lots === 0) return no("marginCannotBeReduced");
  if (amount > 0 && amount > freeMargin(account)) return no("marginInsufficient");
  if (amount < 0) {
    const left = book.isolatedWallet + amount + Math.min(0, unrealizedOf(holding.market, book));
    if (left < positionMargin(holding, book)) return no("marginCannotBeReduced");
  }
  book.isolatedWallet = value(book.isolatedWallet + amount);
  account.crossWallet = value(account.crossWallet - amount);
  book.updatedAt = venue.at;
  tellMoney(venue, account, "marginTransfer", amount, instrument);
  return { ok: true, value: book.isolatedWallet };
}

/** Money from outside, or back out when negative. */
export function deposit(venue: VenueState, account: Account, amount: Value): void {
  account.crossWallet = value(account.crossWallet + amount);
  account.start = value(account.start + amount);
  noteIncome(venue, account, "transfer", amount);
  tellMoney(venue, account, "deposit", amount);
}

function tellMoney(
  venue: VenueState,
  account: Account,
  reason: "marginTransfer" | "deposit",
  balanceChange: Value,
  instrument?: InstrumentId,
): void {
  venue.outbox.emit({
    type: "account",
    at: venue.at,
    account: account.id,
    reason,
    ...(instrument === undefined ? {} : { instrument }),
    balanceChange,
  });
}
