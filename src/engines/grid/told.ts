import { isOpening, type OrderRecord } from "../../core/order.ts";
import { mulDiv } from "../../core/units.ts";
import type { Rung, RungSums } from "./rung.ts";

/** What the trade log has of one order, or of what was taken from an engine. */
export interface ToldPart {
  lots: number;
  /** Notional, never negative. */
  cost: number;
  fees: number;
}

/** Lots that a rung lost without an order of its own, as they are told. */
export interface ToldLoss {
  /** What is told of whatever closed them. */
  readonly source: ToldPart;
  readonly part: ToldPart;
  readonly entry: ToldPart;
  readonly how: CloseFacts;
}

/** Who closed a part, for what, and when. */
export interface CloseFacts {
  readonly action: string;
  readonly cause: string;
  /** Whose wish it was, where that is known. */
  readonly by: string | undefined;
  readonly isStop: boolean;
  /** Of the order that did it; undefined: no order of this engine. */
  readonly clientId: string | undefined;
  readonly tradeId: string | undefined;
  readonly at: number | undefined;
}

/** What the trade log has of a rung's cycle. */
export interface Told {
  /** Of what its entries bought: closed in the log, with their cost and their fees. */
  readonly entry: ToldPart;
  /** Of each of its closes, by client id. */
  readonly closes: Map<string, ToldPart>;
  /** Of `Rung.lost`, latest last: late news may give it back. */
  readonly losses: ToldLoss[];
}

/** Nothing is in the log yet. */
export const nothingTold = (): Told => ({ entry: nothing(), closes: new Map(), losses: [] });

/** A part of which nothing is told. */
export const nothing = (): ToldPart => ({ lots: 0, cost: 0, fees: 0 });

/** A finished cycle of the same rung goes on: what is told of both. */
export function tellAlso(told: Told, past: Told): void {
  add(told.entry, past.entry, 1);
  for (const [clientId, part] of past.closes) told.closes.set(clientId, part);
  told.losses.unshift(...past.losses);
}

/** Adds a part to a sum, or takes it out again. */
export function add(sum: ToldPart, part: Readonly<ToldPart>, sign: 1 | -1): void {
  sum.lots += sign * part.lots;
  sum.cost += sign * part.cost;
  sum.fees += sign * part.fees;
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
  add(told, part, 1);
  return part;
}

/** Lots that a rung lost, as far as they are told. */
export function lostTold({ losses }: Told): number {
  let sum = 0;
  for (const { part } of losses) sum += part.lots;
  return sum;
}

/** Takes up to `size` lots of the latest loss out of what is told. */
export function giveBack({ losses, entry }: Told, size: number): ToldLoss | undefined {
  const last = losses.pop();
  if (last === undefined) return undefined;
  let back = last;
  if (size < last.part.lots) {
    const [part, ofEntry] = [nothing(), nothing()];
    back = { ...last, part: take(last.part, part, size), entry: take(last.entry, ofEntry, size) };
    const rest = { ...last, part: { ...last.part }, entry: { ...last.entry } };
    add(rest.part, back.part, -1);
    add(rest.entry, back.entry, -1);
    losses.push(rest);
  }
  add(back.source, back.part, -1);
  add(entry, back.entry, -1);
  return back;
}

/** All that a rung's entries bought. */
export const entriesOf = ({ orders }: Rung, { entryFilled, entryCost }: RungSums): ToldPart => {
  let fees = 0;
  for (const order of orders) if (isOpening(order.facts)) fees += order.fees;
  return { lots: entryFilled, cost: entryCost, fees };
};

/** All that a close did. */
export const wholeOf = ({ filled, cost, fees }: OrderRecord): ToldPart => ({ lots: filled, cost, fees });

/** A rung's closes of which the log lacks something, in the order in which they were executed. */
export function untold({ orders, told }: Rung): readonly OrderRecord[] {
  const found: OrderRecord[] = [];
  for (const order of orders) {
    const { clientId } = order.facts;
    if (isOpening(order.facts)) continue;
    if (order.filled > (told.closes.get(clientId)?.lots ?? 0)) found.push(order);
  }
  return found.length < 2 ? found : found.sort((a, b) => (a.lastFillAt ?? 0) - (b.lastFillAt ?? 0));
}
