import type { Book } from "../../core/book.ts";
import type { ExposureOfBook } from "../../core/event.ts";
import { executionCost, type Instrument } from "../../core/instrument.ts";
import { type Lots, ticks, type Value, value } from "../../core/units.ts";

/** What a book's foreign part cost as far as anybody knows, where a reading says that it is `rest` lots. */
export function foreignCost(
  book: Book,
  rest: Lots,
  told: ExposureOfBook | undefined,
  instrument: Instrument | undefined,
): Value {
  const price = told?.entry ?? told?.mark;
  if (instrument === undefined || rest === 0) return value(0);
  if (price !== undefined) return executionCost(instrument, price, rest, "nearest");
  // Flat on the exchange: whoever closed what ours held did it at our price, as far as anybody knows. Where exits went
  // too far engines stand on both sides, and what they cost together says nothing about the rest.
  const cost = value(-ownCost(book));
  const isLike = cost > 0 === executionCost(instrument, ticks(1), rest, "nearest") > 0;
  return told === undefined && isLike ? cost : value(0);
}

const ownCost = (book: Book): number => [...book.shares.values()].reduce((sum, { cost }) => sum + cost, 0);
