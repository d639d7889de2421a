import { explained } from "../../core/book.ts";
import { FIXED_NONCE, readClientId } from "../../core/ids.ts";
import { averagePrice, sizeUnit } from "../../core/instrument.ts";
import type { OrderRecord } from "../../core/order.ts";
import type { CloseAction } from "../../core/proposal.ts";
import { digitsOf, moneyText, textOf } from "../../core/text.ts";
import { executed, fixedIdOf } from "./proposals.ts";
import type { KernelState } from "./state.ts";

/** The orders that a proposal made, known by their ids alone. */
export function ordersOf(state: KernelState, id: string): readonly OrderRecord[] {
  const fixed = fixedIdOf(id);
  if (fixed === undefined) return [];
  const found: OrderRecord[] = [];
  for (const order of state.orders.all()) {
    const { clientId } = order.facts;
    // While a proposal is carried out every turn goes through all orders that are remembered: few ids need to be read.
    if (!clientId.endsWith(FIXED_NONCE)) continue;
    const { role, generation, epoch } = readClientId(clientId) ?? {};
    if (role === "close" && generation === fixed.generation && epoch === fixed.epoch) found.push(order);
  }
  return found;
}

/** What orders carry, and which book they close. */
interface Closing {
  readonly id: string;
  readonly action: Pick<CloseAction, "instrument" | "positionSide">;
}

/** What came of orders that carry a proposal's id in a book, as a sentence or two for people. */
export function resultText(state: KernelState, { id, action: book }: Closing): string {
  const instrument = state.instrument(book.instrument);
  const done = executed(ordersOf(state, id));
  if (instrument === undefined) return "";
  const price = averagePrice(instrument, done.executedCost, done.executedLots);
  const rest = explained(state.account.book(book.instrument, book.positionSide));
  const digits = digitsOf(instrument.settle);
  const closed =
    price === undefined
      ? "No order of it was filled."
      : `Closed ${textOf(done.executedLots, instrument.lot)} ${sizeUnit(instrument)} at ${textOf(price, instrument.tick)}, realized ${moneyText(done.realized, digits)} ${instrument.settle}, fees ${moneyText(done.fees, digits)} ${instrument.settle}.`;
  return `${closed} The book ${rest === 0 ? "is flat" : `holds ${textOf(rest, instrument.lot)} ${sizeUnit(instrument)}`}.`;
}
