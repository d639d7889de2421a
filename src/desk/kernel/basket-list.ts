import type { Book } from "../../core/book.ts";
import type { BasketAction, CloseAction, Quote } from "../../core/proposal.ts";
import { percentText } from "../../core/text.ts";
import { mulDiv, ONE, rate } from "../../core/units.ts";

/** Whether a position is one of those that are asked for: it gains or loses enough. */
export function isMeant(
  { what, least = rate(0) }: Pick<BasketAction, "what" | "least">,
  { side, expectedFill, entryPrice }: Quote,
): boolean {
  if (what === "flatten") return true;
  if (entryPrice === undefined || entryPrice === 0) return false;
  const gain = side === "sell" ? expectedFill - entryPrice : entryPrice - expectedFill;
  const part = mulDiv(what === "winners" ? gain : -gain, ONE, entryPrice, "down");
  return part > 0 && part >= least;
}

/** Why there is no list, in a sentence. */
export function noneText({ what, least = rate(0) }: BasketAction): string {
  const enough = least === 0 ? "" : ` by ${percentText(least)} or more`;
  return `Nothing of ours ${what === "losers" ? "loses" : "gains"}${enough} just now.`;
}

/** Whether anything of a book can be closed. */
export const isHeld = (book: Book, includesForeign: boolean): boolean =>
  [...book.shares.values()].some(({ lots }) => lots !== 0) || (includesForeign && book.foreign.lots !== 0);

/** "BTCUSDT", or "BTCUSDT long" where both sides have a book. */
export const nameOf = ({ instrument, positionSide }: Book): string =>
  positionSide === "both" ? instrument : `${instrument} ${positionSide}`;

/** Whether two closes are about one book. */
export const isSameBook = (one: CloseAction, other: CloseAction): boolean =>
  one.instrument === other.instrument && one.positionSide === other.positionSide;

/** The close of a whole book. */
export const closeOf = (
  { account, instrument, positionSide, foreign }: Book,
  includesForeign: boolean,
): CloseAction => ({
  type: "close",
  account,
  instrument,
  positionSide,
  part: rate(ONE),
  includesForeign,
  foreignLots: foreign.lots,
});
