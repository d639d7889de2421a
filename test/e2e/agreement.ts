import { explained } from "../../src/core/book.ts";
import { isLive, openLots } from "../../src/core/order.ts";
import type { Kernel } from "../../src/desk/kernel/kernel.ts";
import { executionId } from "../../src/gateways/binance/words.ts";
import { rungsOf } from "./recorded.ts";
import { heldOf, type LiveOrder, liveOf, type VenueRung, type VenueState } from "./venue-account.ts";

/** Lots of one rung in the story's settings. */
const RUNG_LOTS = 4;
const TICKS_PER_UNIT = 10;

/**
 * Compares a desk with the venue while the market stands still: the same position, the same rungs with the same
 * entries, the same live orders, every held lot with its take profit and its stop, no execution unknown. Each
 * difference is a sentence.
 */
export function differences(
  state: VenueState,
  rungs: ReadonlyMap<number, VenueRung>,
  desk: Kernel,
): readonly string[] {
  const found: string[] = [];
  const held = heldOf(state);
  const books = [...desk.state.account.books.values()].filter((book) => book.instrument === "BTCUSDT");
  const byFills = books.reduce((sum, book) => sum + explained(book), 0);
  const foreign = books.reduce((sum, book) => sum + Math.abs(book.foreign.lots), 0);
  if (byFills !== held) found.push(`the desk's fills make ${byFills} lots, the venue holds ${held}`);
  if (foreign !== 0) found.push(`the desk takes ${foreign} lots for foreign`);
  const shown = rungsOf(desk);
  for (const [index, rung] of rungs) {
    const own = shown.get(index);
    if (own?.held !== rung.held)
      found.push(`rung ${index} holds ${rung.held} lots on the venue, ${own?.held ?? "no rung"} on the desk`);
    else if (own.entryClientId !== rung.entryClientId)
      found.push(`rung ${index} was entered by ${rung.entryClientId}, the desk says ${own.entryClientId}`);
    else if (own.entryPrice !== Math.round(Number(rung.entryPrice) * TICKS_PER_UNIT))
      found.push(`rung ${index} was entered at ${rung.entryPrice}, the desk says ${own.entryPrice} ticks`);
  }
  for (const [index, own] of shown)
    if (own.held !== 0 && !rungs.has(index)) found.push(`rung ${index} is held by the desk alone`);
  found.push(...protection(state, rungs), ...orders(state, desk, new Set(shown.keys())));
  const known = new Set([...desk.state.orders.all()].flatMap((order) => [...order.tradeIds]));
  const lost = state.trades.filter(
    ({ id, side }) => !known.has(executionId(String(id), side === "BUY" ? "buy" : "sell")),
  );
  if (lost.length > 0) found.push(`${lost.length} executions are unknown to the desk, e.g. ${lost[0]?.id}`);
  return found;
}

/** Take profit and stop of each rung add up to what it holds; its entry never to more than one rung's size. */
function protection(state: VenueState, rungs: ReadonlyMap<number, VenueRung>): readonly string[] {
  const found: string[] = [];
  const { limits, stops } = liveOf(state);
  const all = new Set([...rungs.keys(), ...[...limits, ...stops].map(({ id }) => id?.rung ?? -1)]);
  const sum = (list: readonly LiveOrder[], rung: number, role: string): number =>
    list.reduce((lots, { id, lots: own }) => lots + (id?.rung === rung && id.role === role ? own : 0), 0);
  for (const index of all) {
    const held = rungs.get(index)?.held ?? 0;
    const takeProfit = sum(limits, index, "takeProfit");
    const stop = sum(stops, index, "stop");
    const entry = sum(limits, index, "entry");
    if (takeProfit !== held) found.push(`rung ${index} holds ${held}, take profit for ${takeProfit}`);
    if (stop !== held) found.push(`rung ${index} holds ${held}, stop for ${stop}`);
    if (entry + held > RUNG_LOTS) found.push(`rung ${index} holds ${held} and opens ${entry}`);
  }
  return found;
}

/** Every live order is the desk's own, known to it as live, and belongs to a rung that it shows; and the other way round. */
function orders(state: VenueState, desk: Kernel, shown: ReadonlySet<number>): readonly string[] {
  const found: string[] = [];
  const { limits, stops } = liveOf(state);
  const onVenue = new Map([...limits, ...stops].map((order) => [order.clientId, order]));
  for (const { clientId, id, lots } of onVenue.values()) {
    const own = desk.state.orders.get(clientId);
    if (id === undefined || own === undefined)
      found.push(`order ${clientId} is an orphan: the desk doesn't know it`);
    else if (!isLive(own.state)) found.push(`order ${clientId} rests, the desk says ${own.state}`);
    else if (openLots(own) !== lots)
      found.push(`order ${clientId} has ${lots} open, the desk says ${openLots(own)}`);
    else if (!shown.has(id.rung)) found.push(`order ${clientId} is an orphan: its rung is not shown`);
  }
  for (const order of desk.state.orders.all()) {
    if (isLive(order.state) && !onVenue.has(order.facts.clientId))
      found.push(`the desk holds ${order.facts.clientId} for ${order.state}, the venue doesn't have it`);
  }
  return found;
}
