import type { Instrument } from "../core/instrument.ts";
import { type Lots, lots, type Millis, millis, mulDiv, type Value, value } from "../core/units.ts";
import type { PositionSide } from "./exchange.ts";

/** One position: sums, not averages. `bought` and `sold` exist for the audit. */
export interface PositionBook {
  readonly side: PositionSide;
  lots: Lots;
  /** Entry cost as `executionCost` signs it: like `lots`, against them for inverse; steps of the settle asset. */
  cost: Value;
  isolatedWallet: Value;
  updatedAt: Millis;
  isCalled: boolean;
  bought: Value;
  sold: Value;
  realized: Value;
}

/** A flat book. */
export const emptyBook = (side: PositionSide): PositionBook => ({
  side,
  lots: lots(0),
  cost: value(0),
  isolatedWallet: value(0),
  updatedAt: millis(0),
  isCalled: false,
  bought: value(0),
  sold: value(0),
  realized: value(0),
});

/** What one fill did to a book. */
export interface BookChange {
  readonly realized: Value;
  readonly closed: Lots;
  readonly opened: Lots;
  /** Worth of the part that opened. */
  readonly openedWorth: Value;
}

/**
 * Puts a fill of `signed` lots worth `worth` into a book: the part against the position closes it at its share of the
 * entry cost, the rest opens. What is rounded stays in the book, so realised = sold - bought + cost (inverse: bought - sold + cost), exactly.
 */
export function fillBook(book: PositionBook, instrument: Instrument, signed: Lots, worth: Value): BookChange {
  const size = Math.abs(signed);
  const held = Math.abs(book.lots);
  const isAgainst = book.lots !== 0 && book.lots > 0 !== signed > 0;
  const closed = isAgainst ? Math.min(size, held) : 0;
  const closedWorth = closed === size ? worth : mulDiv(worth, closed, size, "nearest");
  const released =
    closed === held ? (closed === 0 ? 0 : book.cost) : mulDiv(book.cost, closed, held, "nearest");
  const direction = instrument.kind === "inverse" ? -1 : 1;
  const realized = value(closed === 0 ? 0 : direction * Math.sign(book.lots) * closedWorth - released);
  const openedWorth = value(worth - closedWorth);
  book.cost = value(book.cost - released + direction * Math.sign(signed) * openedWorth);
  book.lots = lots(book.lots + signed);
  book.realized = value(book.realized + realized);
  if (signed > 0) book.bought = value(book.bought + worth);
  else book.sold = value(book.sold + worth);
  return { realized, closed: lots(closed), opened: lots(size - closed), openedWorth };
}
