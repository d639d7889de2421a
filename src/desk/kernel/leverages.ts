import type { ExposureOfBook } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";

/** What was known of an account before. */
interface Known {
  readonly leverages: ReadonlyMap<InstrumentId, number>;
  readonly isHedgeMode: boolean | undefined;
}

/**
 * The leverage that positions tell of each instrument. Where its two sides have one each (Bybit, OKX) the higher one counts, as it
 * does in a reading of the settings: one side alone can't tell that it is lower than was known.
 */
export function leveragesTold(
  books: readonly ExposureOfBook[],
  { leverages, isHedgeMode }: Known,
): ReadonlyMap<InstrumentId, number> {
  const sides = new Map<InstrumentId, readonly number[]>();
  for (const { instrument, leverage } of books)
    if (leverage !== undefined) sides.set(instrument, [...(sides.get(instrument) ?? []), leverage]);
  const told = new Map<InstrumentId, number>();
  for (const [instrument, found] of sides) {
    const highest = Math.max(...found);
    const isWhole = isHedgeMode !== true || found.length > 1;
    if (isWhole || highest > (leverages.get(instrument) ?? 0)) told.set(instrument, highest);
  }
  return told;
}
