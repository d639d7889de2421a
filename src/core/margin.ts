import { type Book, bookCost, explained } from "./book.ts";
import { type Instrument, notional } from "./instrument.ts";
import type { OrderRecord } from "./order.ts";
import { openLots } from "./order.ts";
import { flat, type Position } from "./position.ts";
import { lots, mulDiv, portion, type Ticks, type Value, value } from "./units.ts";

/** What an engine's position and open entries may come to in one instrument, as notionals. */
export interface Exposure {
  /** Entry notional of what is held; negative for short. */
  readonly held: Value;
  readonly buys: Value;
  readonly sells: Value;
}

/** Adds up an engine's (or an account's) exposure in one instrument. `marketPrice` values market orders. */
export function exposureOf(
  instrument: Instrument,
  share: Readonly<Position>,
  entries: Iterable<OrderRecord>,
  marketPrice: Ticks,
): Exposure {
  let buys = 0;
  let sells = 0;
  for (const order of entries) {
    const open = openLots(order);
    if (open === 0) continue;
    const worth = notional(instrument, order.facts.price ?? marketPrice, lots(open), "up");
    if (order.facts.side === "buy") buys += worth;
    else sells += worth;
  }
  const held = Math.abs(share.cost) * Math.sign(share.lots);
  return { held: value(held), buys: value(buys), sells: value(sells) };
}

/**
 * All that a book holds, valued at what it cost or at what it is worth at the mark, whichever is more: a position that ran
 * far is as large as the market says, and one that fell could come back.
 */
export function wholeOf(instrument: Instrument, book: Book, mark: Ticks | undefined): Position {
  const size = explained(book);
  const worth = mark === undefined ? 0 : notional(instrument, mark, lots(Math.abs(size)), "up");
  return { ...flat(), lots: size, cost: value(Math.max(Math.abs(bookCost(book)), worth)) };
}

/** The larger notional that either side of the open entries could make of the position. */
export const worstNotional = (exposure: Exposure): Value =>
  value(Math.max(Math.abs(exposure.held + exposure.buys), Math.abs(exposure.held - exposure.sells)));

/**
 * What a purse uses: initial margin of the worst side at the symbol's leverage, and the taker fee to close it (I6).
 * Rounded up: never less than what the exchange may ask.
 */
export function marginFor(instrument: Instrument, worst: Value, leverage: number): Value {
  return value(mulDiv(worst, 1, leverage, "up") + portion(worst, instrument.takerFee, "up"));
}
