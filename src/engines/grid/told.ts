import type { OrderRecord } from "../../core/order.ts";
import { mulDiv } from "../../core/units.ts";
import type { Rung, RungSums } from "./rung.ts";

/** What the trade log has of one order, or of what was taken from an engine. */
export interface ToldPart {
  lots: number;
  /** Notional, never negative. */
  cost: number;
  fees: number;
}

/** What the trade log has of a rung's cycle. */
export interface Told {
  /** Of what its entries bought: closed in the log, with their cost and their fees. */
  readonly entry: ToldPart;
  /** Of each of its closes, by client id. */
  readonly closes: Map<string, ToldPart>;
  /** Of `Rung.lost`. */
  lost: number;
}

/** Nothing is in the log yet. */
export const nothingTold = (): Told => ({ entry: nothing(), closes: new Map(), lost: 0 });

/** A part of which nothing is told. */
export const nothing = (): ToldPart => ({ lots: 0, cost: 0, fees: 0 });

/** A finished cycle of the same rung goes on: what is told of both. */
export function tellAlso(told: Told, past: Told): void {
  add(told.entry, past.entry);
  for (const [clientId, part] of past.closes) told.closes.set(clientId, part);
  told.lost += past.lost;
}

function add(sum: ToldPart, part: ToldPart): void {
  sum.lots += part.lots;
  sum.cost += part.cost;
  sum.fees += part.fees;
}

/** What the log has of a close. */
export function toldOf(told: Told, { facts }: OrderRecord): ToldPart {
  const known = told.closes.get(facts.clientId);
  if (known !== undefined) return known;
  const fresh = nothing();
  told.closes.set(facts.clientId, fresh);
  return fresh;
}

/** Takes the next `size` lots of a sum and marks them as told; the last ones take what rounding left, so that parts add up. */
export function take(whole: Readonly<ToldPart>, told: ToldPart, size: number): ToldPart {
  const left = whole.lots - told.lots;
  const of = (all: number, done: number): number =>
    size >= left ? all - done : mulDiv(all - done, size, left, "nearest");
  const part = { lots: size, cost: of(whole.cost, told.cost), fees: of(whole.fees, told.fees) };
  add(told, part);
  return part;
}

/** All that a rung's entries bought. */
export const entriesOf = ({ orders }: Rung, { entryFilled, entryCost }: RungSums): ToldPart => {
  let fees = 0;
  for (const order of orders) if (order.facts.role === "entry") fees += order.fees;
  return { lots: entryFilled, cost: entryCost, fees };
};

/** All that a close did. */
export const wholeOf = ({ filled, cost, fees }: OrderRecord): ToldPart => ({ lots: filled, cost, fees });

/** A rung's closes of which the log lacks something, in the order in which they were executed. */
export function untold({ orders, told }: Rung): readonly OrderRecord[] {
  const found: OrderRecord[] = [];
  for (const order of orders) {
    const { role, clientId } = order.facts;
    if (role === "entry" || role === "hedge") continue;
    if (order.filled > (told.closes.get(clientId)?.lots ?? 0)) found.push(order);
  }
  return found.length < 2 ? found : found.sort((a, b) => (a.lastFillAt ?? 0) - (b.lastFillAt ?? 0));
}
