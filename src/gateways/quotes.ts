import { countOf, type Step } from "../core/text.ts";
import { type Lots, lots, type Ticks, ticks } from "../core/units.ts";
import { PayloadError } from "./binance/fields.ts";
import { countAbove, countBelow } from "./steps.ts";

/** The steps that a side of a book is read in: prices, and sizes in the units of the text. */
interface BookSteps {
  readonly tick: Step;
  readonly lot: Step;
}

/** One price of a book with what rests there. */
type Level = readonly [Ticks, Lots];
/** The buying or the selling side of a book. */
export type BookSideName = "bids" | "asks";

/**
 * A quote in whole ticks. Orders from before the tick changed lie between two: a bid goes down and an ask up, so that
 * nothing looks better than it is and a book never crosses.
 */
export const quoted = (text: string, side: BookSideName, tick: Step): Ticks =>
  ticks(
    countOf(text, tick) ?? (side === "bids" ? countBelow(text, tick, "bid") : countAbove(text, tick, "ask")),
  );

/** What is offered at a price, in lots: a part of a lot counts as one, so that a level stays a level. */
export const offered = (text: string, lot: Step): Lots =>
  lots(countOf(text, lot) ?? countAbove(text, lot, "size"));

/** Levels of a side as pairs of ticks and lots, in the order in which they came. Throws `PayloadError` for what is no list of pairs. */
export function levels(raw: unknown, side: BookSideName, { tick, lot }: BookSteps): readonly Level[] {
  if (!Array.isArray(raw)) throw new PayloadError("book levels are no list");
  return merged(
    raw.map((level: unknown) => {
      if (!Array.isArray(level)) throw new PayloadError("a book level is no pair");
      return [quoted(String(level[0]), side, tick), offered(String(level[1]), lot)] as const;
    }),
  );
}

/** Neighbours that came to lie on one tick are one level. */
export function merged(given: readonly Level[]): readonly Level[] {
  const hasTwins = given.some(([price], at) => at > 0 && given[at - 1]?.[0] === price);
  if (!hasTwins) return given;
  const found: Level[] = [];
  for (const [price, size] of given) {
    const last = found.at(-1);
    if (last?.[0] === price) found[found.length - 1] = [price, lots(last[1] + size)];
    else found.push([price, size]);
  }
  return found;
}
