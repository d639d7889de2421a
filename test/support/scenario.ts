import type { DeskEvent, PlaceRejectedEvent } from "../../src/core/event.ts";
import type { InstrumentChangedEvent } from "../../src/core/market-event.ts";
import { millis } from "../../src/core/units.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import type { VenueOrder } from "./exchange.ts";
import { LINEAR, ONE_BRACKET } from "./instruments.ts";
import { GRID, Rig, type RigOptions } from "./rig.ts";

/** A booted desk whose one grid places an entry and then waits an hour; `options` as for a rig. */
export const desk = (grid: Partial<GridParameters> = {}, options: RigOptions = {}): Rig =>
  new Rig({
    ...options,
    config: { grids: [{ ...GRID, waitMs: millis(3_600_000), ...grid }], ...options.config },
  }).boot();

/** The only open order of a role. */
export function one(rig: Rig, role: string): VenueOrder {
  const [order, second] = rig.exchange.open(role);
  if (order === undefined || second !== undefined)
    throw new Error(`${rig.exchange.open(role).length} open orders of role ${role}, not one`);
  return order;
}

/** A rung that holds 10 lots with its take profit and its stop resting. */
export function holding(grid: Partial<GridParameters> = {}, options: RigOptions = {}): Rig {
  const rig = desk(grid, options);
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  return rig;
}

/** Open lots by role, as the exchange has them. */
export const open = (rig: Rig, role: string): number[] =>
  rig.exchange.open(role).map(({ facts, filled }) => facts.lots - filled);

/** How many orders of a role were sent. */
export const sentOf = (rig: Rig, role: string): number =>
  rig.sent.filter((facts) => facts.role === role).length;

/** Keys and levels of what people were told, from the `from`th alert on. */
export const told = (rig: Rig, from = 0): string[] =>
  rig.alerts.slice(from).map(({ key, level }) => `${level} ${key}`);

/** Answers some requests otherwise; undefined: as the exchange would. Returns how to end it. */
export function answer(rig: Rig, other: (effect: Effect) => readonly DeskEvent[] | undefined): () => void {
  const usual = rig.answer;
  rig.answer = (effect) => other(effect) ?? usual.call(rig, effect);
  return () => {
    rig.answer = usual;
  };
}

/** A refusal of an order by the exchange. */
export const refusal = (
  rig: Rig,
  clientId: string,
  kind: PlaceRejectedEvent["kind"],
  code: number,
): PlaceRejectedEvent => ({
  type: "placeRejected",
  ...rig.exchange.times(),
  account: "main",
  clientId,
  reason: `no (${code})`,
  code,
  kind,
});

/** Refuses all orders of one role. */
export const refuse = (
  rig: Rig,
  role: string,
  kind: PlaceRejectedEvent["kind"],
  code: number,
): (() => void) =>
  answer(rig, (effect) =>
    effect.type === "send" && effect.order.role === role
      ? [refusal(rig, effect.order.clientId, kind, code)]
      : undefined,
  );

/** The account's stream breaks, or runs again. */
export const stream = (rig: Rig, is: "gap" | "resynced"): DeskEvent =>
  is === "gap"
    ? { type: "gap", ...rig.exchange.times(), stream: "account", account: "main", reason: "socket closed" }
    : { type: "resynced", ...rig.exchange.times(), stream: "account", account: "main" };

/** The exchange changes the rules of the instrument; what is not given is as it was. */
export const changed = (rig: Rig, given: Partial<InstrumentChangedEvent>): InstrumentChangedEvent => ({
  type: "instrumentChanged",
  ...rig.exchange.times(),
  venue: LINEAR.venue,
  instrument: LINEAR.id,
  brackets: ONE_BRACKET,
  priceStep: 1,
  lotStep: 1,
  notionalMin: LINEAR.notionalMin,
  status: "trading",
  ...given,
});
