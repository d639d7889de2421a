import type { Book } from "../../core/book.ts";
import { engineTag, FIXED_NONCE, writeClientId } from "../../core/ids.ts";
import type { OrderFacts } from "../../core/order.ts";
import { slicesOf } from "../../core/slices.ts";
import type { Lots } from "../../core/units.ts";
import { fixedIdOf } from "./proposals.ts";

/** The exchange takes at most so many orders of one proposal: a slice is one character of their ids. */
const SLICES_MAX = 36;

/** The orders that close a foreign part as a proposal says it; a part bigger than one order may be goes in slices. */
export function closeForeign(
  desk: string,
  proposal: string,
  book: Book,
  size: Lots,
  sizes: { readonly most: Lots; readonly step: number; readonly least: Lots },
): readonly OrderFacts[] {
  const named = fixedIdOf(proposal) ?? { generation: 0, epoch: 0 };
  const slices = slicesOf(size, sizes.most, sizes.step, sizes.least).slice(0, SLICES_MAX);
  return slices.map((part, slice) => ({
    clientId: writeClientId({
      desk,
      engineTag: engineTag("foreign"),
      role: "close",
      rung: 0,
      slice,
      ...named,
      nonce: FIXED_NONCE,
    }),
    account: book.account,
    instrument: book.instrument,
    positionSide: book.positionSide,
    engine: "foreign",
    role: "close",
    rung: 0,
    slice,
    side: book.foreign.lots > 0 ? "sell" : "buy",
    kind: "market",
    lots: part,
    isReduceOnly: book.positionSide === "both",
    isPostOnly: false,
  }));
}
