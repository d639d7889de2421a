import { lots, type Value, value } from "../core/units.ts";
import { isOpen } from "./client-order.ts";
import type { VenueOrder } from "./exchange.ts";
import { execute, trade } from "./matching.ts";
import { created } from "./order-entry.ts";
import { edgeOf } from "./order-side.ts";
import type { PositionBook } from "./position-book.ts";
import { closingSide } from "./reduce-only.ts";
import { type Account, type Holding, noteIncome, type VenueState } from "./venue-state.ts";

type Forced = Exclude<VenueOrder["origin"], "client">;

/** The client ids by which a forced order is known, as Binance makes them. */
const CLIENT_ID: Readonly<Record<Forced, (at: number, count: number) => string>> = {
  liquidation: (at, count) => `autoclose-${at}${count}`,
  adl: () => "adl_autoclose",
  settlement: (at, count) => `settlement_autoclose-${at}${count}`,
};

/**
 * Closes lots of a book by force. A liquidation takes what the order book gives, and what is left goes to the insurance fund at
 * the book's far end; deleveraging and the end of an instrument trade at the mark, without a fee.
 */
export function forceClose(
  venue: VenueState,
  account: Account,
  holding: Holding,
  book: PositionBook,
  origin: Forced,
  count = Math.abs(book.lots),
): void {
  const { market } = holding;
  const side = closingSide(book.lots);
  if (side === undefined || count <= 0) return;
  const order = created(
    venue,
    account,
    {
      instrument: market.instrument.id,
      clientId: CLIENT_ID[origin](venue.at, venue.lastOrderId + 1),
      side,
      positionSide: book.side,
      kind: "market",
      timeInForce: "IOC",
      lots: lots(count),
      reduceOnly: book.side === "both",
      selfTrade: "none",
    },
    count,
    undefined,
    origin,
  );
  if (origin === "liquidation") execute(venue, market, order, undefined);
  if (!isOpen(order)) return;
  const price = origin === "liquidation" ? edgeOf(market, side) : market.mark;
  trade(venue, market, { maker: undefined, taker: order, price, lots: order.left, takerSide: side });
}

/**
 * Closes lots of an isolated book by force; when that ends the position, its loss ends at its own wallet and the insurance
 * fund bears the rest. Returns what the fund paid.
 */
export function forceCloseIsolated(
  venue: VenueState,
  account: Account,
  holding: Holding,
  book: PositionBook,
  origin: Forced,
  count = Math.abs(book.lots),
): Value {
  const { realized, fees } = account;
  const wallet = book.isolatedWallet;
  forceClose(venue, account, holding, book, origin, count);
  const left = wallet + (account.realized - realized) - (account.fees - fees);
  const paid = value(book.lots === 0 ? Math.max(0, -left) : 0);
  insure(venue, account, paid, holding.market.instrument.id);
  return paid;
}

/** The insurance fund pays a loss that the wallet behind a position could not bear. */
export function insure(venue: VenueState, account: Account, amount: Value, instrument: string): void {
  if (amount <= 0) return;
  account.realized = value(account.realized + amount);
  account.insured = value(account.insured + amount);
  account.crossWallet = value(account.crossWallet + amount);
  venue.insuranceFund = value(venue.insuranceFund - amount);
  noteIncome(venue, account, "insurance", amount, instrument);
}
