import { type Book, explained, ownLots } from "../core/book.ts";
import type { CloseAction } from "../core/proposal.ts";
import { lots, ONE } from "../core/units.ts";
import type { KernelState } from "./kernel/state.ts";
import type { CloseRequest } from "./ports.ts";

/** Turns what a person said into the book it means, or one sentence why it can't be. */
export function closeActionOf(
  { config, account }: Pick<KernelState, "config" | "account">,
  request: CloseRequest,
): CloseAction | string {
  if (request.part <= 0 || request.part > ONE) return "The part to close must be from 1% to 100%.";
  const open = [...account.books.values()].filter(
    (book) => book.foreign.lots !== 0 || [...book.shares.values()].some((share) => share.lots !== 0),
  );
  const named = request.instrument?.toUpperCase();
  if (named !== undefined && !config.instruments.some(({ instrument }) => instrument.id === named)) {
    const known = config.instruments.map(({ instrument }) => instrument.id).join(", ");
    return `Symbol "${request.instrument}" is not traded by this desk; use one of ${known}.`;
  }
  const fits = open.filter(
    (book) =>
      (named === undefined || book.instrument === named) &&
      (request.positionSide === undefined || sideOf(book, request.includesForeign) === request.positionSide),
  );
  const [book, second] = fits;
  if (book === undefined) {
    const side = request.positionSide === undefined ? "" : ` ${request.positionSide}`;
    return `Nothing is held${side}${named === undefined ? "" : ` in ${named}`}.`;
  }
  if (second !== undefined)
    return `Several positions are open; name one: ${fits.map((b) => b.instrument).join(", ")}.`;
  return {
    type: "close",
    account: book.account,
    instrument: book.instrument,
    positionSide: book.positionSide,
    part: request.part,
    ...(request.lots === undefined ? {} : { lots: request.lots }),
    includesForeign: request.includesForeign,
    foreignLots: lots(book.foreign.lots),
  };
}

/** Which side a close of this book closes: the engines', and with the foreign part, or where that is all there is, the whole. */
function sideOf(book: Book, includesForeign: boolean): "long" | "short" {
  const own = ownLots(book);
  return (includesForeign || own === 0 ? explained(book) : own) < 0 ? "short" : "long";
}
