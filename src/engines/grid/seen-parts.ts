import { moneyText, textOf, VALUE_STEP } from "../../core/text.ts";
import { countIn, millisIn, type TradeFields, wordIn } from "../../core/trade-log.ts";
import { value } from "../../core/units.ts";

/** Orders that are remembered; an older one is never told again. */
const KEPT = 100_000;

/** How far an order is told, and what that came to. */
interface Course {
  filled: number;
  pnl: number;
  fees: number;
}

/** What the log has of one order. */
interface Seen extends Course {
  at: number;
  /** It is told again from its beginning: so far. */
  again: Course | undefined;
}

/** One line, in counts. */
interface Part extends Course {
  readonly size: number;
  readonly at: number;
}

/**
 * Which part of a line the log has already. After a start a desk tells again what it closed last, since it can't know how
 * far the log of its last life came: `Filled` says how much of an order is told with a line, so only the rest is news. Where
 * the new life knows better what was paid for the same lots, the difference is news.
 */
export class SeenParts {
  readonly #seen = new Map<string, Seen>();

  /** The line without what is known of it; undefined when all is. Lines that don't say `Filled` are always news. */
  news(fields: TradeFields): TradeFields | undefined {
    const part = partOf(fields);
    if (part === undefined) return fields;
    const key = keyOf(fields);
    const seen = this.#seen.get(key);
    if (seen === undefined) {
      this.#keep(key, { ...part, again: undefined });
      return fields;
    }
    const from = part.filled - part.size;
    if (part.size > 0 && from < seen.filled) return retell(fields, part, seen);
    // Late news took a part back: of what is told, or of what another life told.
    if (part.size < 0 && from !== seen.filled) return undefined;
    advance(seen, part);
    return fields;
  }

  #keep(key: string, seen: Seen): void {
    this.#seen.set(key, seen);
    if (this.#seen.size <= KEPT) return;
    const oldest = this.#seen.keys().next().value;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** A line of an order that is told already: what it says more, once all that is known was told again. */
function retell(fields: TradeFields, part: Part, seen: Seen): TradeFields | undefined {
  // Of what others took a start may know less than the log: the exchange has shortened its history, or not all is read yet.
  if (part.filled < seen.filled && part.at > seen.at && isByOthers(fields)) {
    advance(seen, { ...part, filled: seen.filled + part.size });
    seen.again = undefined;
    return fields;
  }
  const from = part.filled - part.size;
  if (from === 0) seen.again = { filled: 0, pnl: 0, fees: 0 };
  const { again } = seen;
  // It begins in the middle: what it says is known, as far as anybody can tell.
  if (again === undefined || again.filled !== from) return undefined;
  again.filled = part.filled;
  again.pnl += part.pnl;
  again.fees += part.fees;
  if (again.filled < seen.filled) return undefined;
  const more = {
    filled: again.filled - seen.filled,
    pnl: again.pnl - seen.pnl,
    fees: again.fees - seen.fees,
  };
  Object.assign(seen, { ...again, at: Math.max(seen.at, part.at), again: undefined });
  if (more.filled === 0 && more.pnl === 0 && more.fees === 0) return undefined;
  return {
    ...fields,
    Size: textOf(more.filled, VALUE_STEP),
    PnL: moneyText(value(more.pnl), 8),
    Fees: moneyText(value(more.fees), 8),
  };
}

function advance(seen: Seen, { filled, pnl, fees, at }: Part): void {
  seen.filled = filled;
  seen.pnl += pnl;
  seen.fees += fees;
  seen.at = Math.max(seen.at, at);
}

/** An order by its id; all that others took from an engine in one book of a symbol together. */
const keyOf = (fields: TradeFields): string =>
  wordIn(fields, "Order") ||
  ["Engine", "Symbol", ...(fields["Leg"] === undefined ? [] : ["Leg"])]
    .map((name) => wordIn(fields, name))
    .join("/");

function partOf(fields: TradeFields): Part | undefined {
  const [filled, size] = [countIn(fields, "Filled"), countIn(fields, "Size")];
  const [pnl, fees] = [countIn(fields, "PnL"), countIn(fields, "Fees")];
  if (filled === undefined || size === undefined || pnl === undefined || fees === undefined) return undefined;
  return { filled, size, pnl, fees, at: millisIn(fields, "At") ?? 0 };
}

/** By a known execution that is no order of the engine's own. */
const isByOthers = (fields: TradeFields): boolean =>
  fields["Order"] === undefined && fields["Trade"] !== undefined;
