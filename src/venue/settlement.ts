import { type Instrument, notional } from "../core/instrument.ts";
import {
  type Lots,
  lots,
  mulDiv,
  portion,
  rate,
  signOf,
  type Ticks,
  type Value,
  value,
} from "../core/units.ts";
import type { ClientOrder } from "./client-order.ts";
import type { VenueTrade } from "./exchange.ts";
import { finishConditional, leaveBook, tellOrder } from "./order-end.ts";
import { type BookChange, fillBook, type PositionBook } from "./position-book.ts";
import { bookOf, booksOf, type Holding, holdingOf, noteIncome, type VenueState } from "./venue-state.ts";

/** One side of an execution. */
interface Fill {
  readonly price: Ticks;
  readonly lots: Lots;
  readonly isMaker: boolean;
  readonly tradeId: number;
}

/** Books a fill of a client's order: position, wallet, fee, trade and order life, then tells. */
export function settle(venue: VenueState, order: ClientOrder, fill: Fill): void {
  const { account, request } = order;
  const holding = holdingOf(account, request.instrument);
  const { instrument } = holding.market;
  const book = bookOf(holding, request.positionSide);
  const worth = notional(instrument, fill.price, fill.lots, "nearest");
  const fee = portion(worth, feeRate(instrument, order, fill.isMaker), "up");
  const sizeBefore = Math.abs(book.lots);
  const change = fillBook(book, instrument, lots(signOf(order.side) * fill.lots), worth);
  account.realized = value(account.realized + change.realized);
  account.fees = value(account.fees + fee);
  moveMoney(holding, account, book, change, fee, sizeBefore);
  book.updatedAt = venue.at;
  noteHeld(holding, account);
  note(venue, order, instrument, change.realized, fee, fill.tradeId);
  order.filled = lots(order.filled + fill.lots);
  order.left = lots(order.left - fill.lots);
  order.cost = value(order.cost + worth);
  order.updatedAt = venue.at;
  order.status = order.left === 0 ? "filled" : "partiallyFilled";
  holding.market.isDirty = true;
  const trade: VenueTrade = {
    tradeId: fill.tradeId,
    orderId: order.orderId,
    account: account.id,
    instrument: instrument.id,
    side: order.side,
    positionSide: request.positionSide,
    price: fill.price,
    lots: fill.lots,
    fee,
    realized: change.realized,
    isMaker: fill.isMaker,
    at: venue.at,
  };
  account.trades.push(trade);
  if (order.left === 0) leaveBook(venue, order);
  venue.outbox.emit({
    type: "account",
    at: venue.at,
    account: account.id,
    reason: "order",
    instrument: instrument.id,
    balanceChange: value(0),
  });
  tellOrder(venue, order, order.origin === "client" ? "TRADE" : "CALCULATED", trade);
  if (order.left === 0) finishConditional(venue, order);
}

function feeRate(instrument: Instrument, order: ClientOrder, isMaker: boolean): Instrument["makerFee"] {
  if (order.origin === "liquidation") return instrument.liquidationFee;
  if (order.origin !== "client") return rate(0);
  return isMaker ? instrument.makerFee : instrument.takerFee;
}

/**
 * Cross: profit and fee meet the cross wallet. Isolated: they meet the position's wallet; what opens brings its initial
 * margin from the cross wallet, what closes takes its share of the wallet back there.
 */
function moveMoney(
  holding: Holding,
  account: ClientOrder["account"],
  book: PositionBook,
  change: BookChange,
  fee: Value,
  sizeBefore: number,
): void {
  if (holding.marginMode === "cross") {
    account.crossWallet = value(account.crossWallet + change.realized - fee);
    return;
  }
  let isolated: number = book.isolatedWallet;
  let cross: number = account.crossWallet;
  if (change.closed > 0) {
    const kept = mulDiv(isolated, sizeBefore - change.closed, sizeBefore, "up");
    isolated += change.realized;
    const released = isolated - (change.closed === sizeBefore ? 0 : Math.min(kept, isolated));
    isolated -= released;
    cross += released;
  }
  if (change.opened > 0) {
    const margin = mulDiv(change.openedWorth, 1, holding.leverage, "up");
    const moved = Math.max(0, Math.min(margin, cross));
    isolated += moved;
    cross -= moved;
  }
  if (book.lots === 0) cross -= fee;
  else isolated -= fee;
  book.isolatedWallet = value(isolated);
  account.crossWallet = value(cross);
}

/** Keeps the market's list of accounts that hold something in it. */
function noteHeld(holding: Holding, account: ClientOrder["account"]): void {
  const isHeld = booksOf(account, holding).some((book) => book.lots !== 0);
  if (isHeld) holding.market.held.add(account);
  else holding.market.held.delete(account);
}

function note(
  venue: VenueState,
  order: ClientOrder,
  instrument: Instrument,
  realized: Value,
  fee: Value,
  tradeId: number,
): void {
  const { account } = order;
  if (realized !== 0) noteIncome(venue, account, "realized", realized, instrument.id, tradeId);
  if (fee === 0) return;
  const isForced = order.origin === "liquidation";
  noteIncome(venue, account, isForced ? "liquidationFee" : "fee", value(-fee), instrument.id, tradeId);
  if (isForced) venue.insuranceFund = value(venue.insuranceFund + fee);
}
