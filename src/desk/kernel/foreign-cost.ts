import type { Book } from "../../core/book.ts";
import type { ExposureOfBook } from "../../core/event.ts";
import { executionCost, type Instrument } from "../../core/instrument.ts";
import type { Position } from "../../core/position.ts";
import { type Lots, mulDiv, ticks, type Value, value } from "../../core/units.ts";

/** What a book's foreign part cost as far as anybody knows, where a reading says that it is `rest` lots. */
export function foreignCost(
  book: Book,
  rest: Lots,
  told: ExposureOfBook | undefined,
  instrument: Instrument | undefined,
): Value {
  const price = told?.entry ?? told?.mark;
  if (instrument === undefined || rest === 0) return value(0);
  const sign = Math.sign(executionCost(instrument, ticks(1), rest, "nearest"));
  const ours = sumOf(book, ({ cost }) => cost);
  if (price !== undefined) {
    // The exchange's entry is the average of all that is held there: what ours cost is taken out of it.
    const whole =
      told?.entry === undefined ? 0 : executionCost(instrument, told.entry, told.lots, "nearest") - ours;
    return whole * sign > 0 ? value(whole) : executionCost(instrument, price, rest, "nearest");
  }
  // Flat on the exchange: whoever closed what ours held did it at our price, as far as anybody knows. Where exits went
  // too far engines stand on both sides, and what they cost together says nothing about the rest: then it is their average.
  if (-ours * sign > 0) return value(-ours);
  const [costs, sizes] = [
    sumOf(book, (share) => Math.abs(share.cost)),
    sumOf(book, (share) => Math.abs(share.lots)),
  ];
  if (sizes === 0) return executionCost(instrument, instrument.priceMin, rest, "nearest");
  return value(sign * Math.max(1, mulDiv(costs, Math.abs(rest), sizes, "nearest")));
}

const sumOf = (book: Book, of: (share: Readonly<Position>) => number): number =>
  [...book.shares.values()].reduce((sum, share) => sum + of(share), 0);
