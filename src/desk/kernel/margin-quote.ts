import { type Book, bookCost, explained, ownLots } from "../../core/book.ts";
import { exposureOf, marginFor, worstNotional } from "../../core/margin.ts";
import type { AddMarginAction, MarginWish, PurseOfMargin } from "../../core/margin-action.ts";
import { flat } from "../../core/position.ts";
import { digitsOf, moneyText } from "../../core/text.ts";
import { mulDiv, type Value, value } from "../../core/units.ts";
import { entriesOf, purseElsewhere, quoteInput } from "./guarding.ts";
import { purseUse } from "./purse-use.ts";
import { backing, formula, liquidationOf } from "./quote.ts";
import type { KernelState } from "./state.ts";

/** What adding margin to a position comes to now, or one sentence why it is not done. */
export function marginActionOf(
  state: KernelState,
  { instrument: id, positionSide, amount }: MarginWish,
): AddMarginAction | string {
  const instrument = state.instrument(id);
  if (instrument === undefined) return `${id} is not an instrument of this desk.`;
  const { asset } = state.config;
  const money = (sum: number): string => `${moneyText(value(sum), digitsOf(asset))} ${asset}`;
  if (!Number.isSafeInteger(amount) || amount <= 0)
    return "The amount must be above 0. Margin is taken back on the exchange, or comes back with the position.";
  const held = [...state.account.books.values()].filter(
    (book) =>
      book.instrument === id &&
      ownLots(book) !== 0 &&
      (positionSide === undefined || positionSide === sideOf(book)),
  );
  const [book, second] = held;
  if (book === undefined)
    return `Nothing of ours is held ${positionSide === undefined ? "" : `${positionSide} `}in ${id}.`;
  if (second !== undefined) return `Both sides of ${id} are held; say long or short.`;
  const input = quoteInput(state, book);
  const behind = input === undefined ? undefined : backing(input);
  const mark = input?.quotes.mark;
  if (input === undefined || mark === undefined || behind === undefined)
    return `There are no prices for ${id} just now; try again.`;
  if (input.marginMode !== "isolated")
    return `${id} is held with cross margin: the whole wallet stands behind it already.`;
  const free = freeOf(state);
  if (free !== undefined && amount > free)
    return `${money(amount)} is more than the ${money(free)} that the account has free.`;
  const purses = pursesOf(state, book, amount);
  const over = purses.find(({ part, used, cap }) => used + part > cap);
  if (over !== undefined)
    return `${over.engine}'s purse is ${money(over.cap)} and ${money(over.used)} of it is used: ${money(over.part)} more goes beyond it. Add less, close a part, or give it a larger purse in the settings first.`;
  const [size, cost] = [explained(book), bookCost(book)];
  const exposure = state.account.exposure(book);
  return {
    type: "addMargin",
    account: book.account,
    instrument: id,
    positionSide: book.positionSide,
    amount,
    figures: {
      lots: size,
      mark,
      riskState: state.riskState,
      asset,
      behind,
      told: exposure?.lots === size ? exposure.isolatedWallet : undefined,
      free,
      liquidationBefore: liquidationOf(input),
      liquidationAfter: formula(input, size, cost, value(behind + amount)),
      purses,
    },
  };
}

const sideOf = (book: Book): "long" | "short" => (ownLots(book) > 0 ? "long" : "short");

/** Each engine that holds a part of the position bears as much of its margin, rounded up. */
function pursesOf(state: KernelState, book: Book, amount: Value): readonly PurseOfMargin[] {
  const holders = [...book.shares].filter(([, { lots }]) => lots !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = holders.reduce((sum, [, { lots }]) => sum + Math.abs(lots), 0);
  return holders.map(([engine, { lots }]) => {
    const grid = state.config.grids.find((each) => each.engine === engine);
    return {
      engine,
      part: value(mulDiv(amount, Math.abs(lots), all, "up")),
      used: grid === undefined ? purseElsewhere(state, engine, undefined) : purseUse(state, grid).used,
      cap: state.risk.limits.purse(engine),
    };
  });
}

/**
 * What is left of the wallet behind no position and no open entry; undefined while a part is not known, as of positions in
 * instruments that are not traded here.
 */
function freeOf(state: KernelState): Value | undefined {
  const { account, config } = state;
  if (account.wallet === undefined || account.others.some(({ asset }) => asset === config.asset))
    return undefined;
  let free: number = account.wallet;
  for (const book of account.books.values()) {
    const input = quoteInput(state, book);
    const entries = entriesOf(state, book);
    const held = explained(book);
    if (held === 0 && entries.length === 0) continue;
    if (input === undefined) return undefined;
    const mark = input.quotes.mark ?? input.instrument.priceMax;
    const orders = worstNotional(exposureOf(input.instrument, flat(), entries, mark));
    free -= marginFor(input.instrument, orders, input.leverage);
    if (held === 0) continue;
    // With cross margin the whole wallet stands behind it, and its initial margin is what it binds.
    const cost = value(Math.abs(bookCost(book)));
    const bound =
      input.marginMode === "isolated" ? backing(input) : value(mulDiv(cost, 1, input.leverage, "up"));
    if (bound === undefined) return undefined;
    free -= bound;
  }
  return value(Math.max(0, free));
}
