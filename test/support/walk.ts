import fc from "fast-check";
import { openLots } from "../../src/core/order.ts";
import type { Exchange, VenueOrder } from "./exchange.ts";
import { GRID, Rig } from "./rig.ts";

/** One thing that may happen next; `pick` says to which of the candidates, `size` how much. */
export interface Happening {
  readonly what:
    | "serve"
    | "loseAnswer"
    | "deliver"
    | "copy"
    | "drop"
    | "fill"
    | "trigger"
    | "refuseStop"
    | "move"
    | "wait"
    | "liquidate"
    | "byHand"
    | "resume";
  readonly pick: number;
  readonly size: number;
}

const COMMON = [
  "serve",
  "serve",
  "serve",
  "deliver",
  "deliver",
  "deliver",
  "fill",
  "fill",
  "move",
  "wait",
  "trigger",
];

/**
 * What kind of exchange: one that tells everything in order; one that also liquidates; one that loses, doubles and
 * reorders news, loses answers and liquidates; one whose account a person uses too, selling what the desk holds.
 */
export type Kind = "orderly" | "liquidating" | "lossy" | "shared";

/** Random histories on one kind of exchange. */
export const histories = (kind: Kind, length = 150): fc.Arbitrary<readonly Happening[]> =>
  fc.array(
    fc.record({
      what: fc.constantFrom(
        ...([
          ...COMMON,
          "refuseStop",
          ...(kind === "lossy" ? ["loseAnswer", "copy", "drop"] : []),
          ...(kind === "orderly" ? [] : ["liquidate"]),
          ...(kind === "shared" ? ["byHand", "byHand", "resume"] : []),
        ] as Happening["what"][]),
      ),
      pick: fc.nat(1_000),
      size: fc.integer({ min: 1, max: 12 }),
    }),
    { maxLength: length, size: "max" },
  );

/** A booted desk whose requests and news travel only when a happening lets them. */
export function walker(options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig({ config: { grids: [GRID] }, ...options }).boot();
  rig.isInstant = false;
  return rig;
}

const pickOf = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];

/** Lets one thing happen. On a lossy exchange requests and news may overtake each other. */
export function happen(rig: Rig, { what, pick, size }: Happening, kind: Kind): void {
  const { exchange } = rig;
  const at = (count: number) => (kind === "lossy" ? pick % Math.max(1, count) : 0);
  switch (what) {
    case "serve":
      for (let n = 0; n <= size % 4; n += 1) rig.serve(at(rig.requests.length));
      return;
    case "loseAnswer": {
      const index = rig.requests.findIndex(({ type }) => type === "send");
      const [effect] = index < 0 ? [] : rig.requests.splice(index, 1);
      if (effect?.type !== "send") return;
      const { clientId } = effect.order;
      // It may have arrived or not; its answer and its news are lost either way.
      if (pick % 2 === 0) exchange.place(effect.order);
      rig.news.push({
        type: "placeUnknown",
        ...exchange.times(),
        account: "main",
        clientId,
        reason: "timeout",
      });
      return;
    }
    case "deliver":
      for (let n = 0; n <= size % 4; n += 1) rig.deliver(at(rig.news.length));
      return;
    case "copy": {
      // The stream may say a thing twice; a reading is asked for and answered once.
      const event = pickOf(rig.news, pick);
      if (event !== undefined && event.type !== "truth") rig.news.push(event);
      return;
    }
    case "drop":
      // Only news of the stream can be lost without a word: a request's own answer ends in an answer of some kind.
      if (rig.news[0]?.type === "fill" || rig.news[0]?.type === "orderReport") rig.news.shift();
      return;
    case "fill": {
      const order = pickOf(limits(exchange), pick);
      if (order !== undefined) rig.news.push(...exchange.fill(order, size));
      return;
    }
    case "trigger":
    case "refuseStop": {
      const stop = pickOf(exchange.open("stop"), pick);
      if (stop !== undefined) rig.news.push(...exchange.trigger(stop, what === "refuseStop"));
      return;
    }
    case "move":
      exchange.mark += (pick % 5_001) - 2_500;
      exchange.bid = exchange.mark;
      exchange.ask = exchange.mark + 1;
      for (const event of exchange.quotes()) rig.turn(event);
      return;
    case "wait":
      wait(rig, size * 100);
      return;
    case "liquidate": {
      const held = Math.abs(exchange.position.lots);
      if (held > 0 && pick % 4 === 0) rig.news.push(...exchange.liquidate(Math.min(size, held)));
      return;
    }
    case "byHand": {
      const held = exchange.position.lots;
      if (held > 0) rig.news.push(...exchange.trade("sell", Math.min(size, held)));
      return;
    }
    case "resume":
      rig.ask({ type: "resume" });
      return;
    default:
      what satisfies never;
  }
}

const limits = (exchange: Exchange): readonly VenueOrder[] =>
  exchange.open().filter(({ facts }) => facts.kind === "limit");

function wait(rig: Rig, ms: number): void {
  rig.exchange.at += ms;
  rig.exchange.wallAt += ms;
  rig.turn({ type: "timer", ...rig.exchange.times() });
}

/** Everything arrives, after a reading of the account if news was lost; then a few quiet seconds. */
export function calm(rig: Rig, kind: Kind): void {
  rig.settle();
  if (kind === "lossy") {
    const of = { stream: "account", account: "main" } as const;
    for (let n = 0; n < 3; n += 1) {
      wait(rig, 100);
      rig.turn({ type: "gap", ...rig.exchange.times(), ...of, reason: "news was lost" });
      rig.turn({ type: "resynced", ...rig.exchange.times(), ...of });
      rig.settle();
    }
  }
  for (let n = 0; n < 12; n += 1) {
    wait(rig, 500);
    for (const event of rig.exchange.quotes()) rig.turn(event);
    rig.settle();
  }
}

/** What the exchange has resting of one role, and what the desk thinks it has. */
export const restingLots = (exchange: Exchange, role: string): number =>
  exchange.open(role).reduce((sum, order) => sum + order.facts.lots - order.filled, 0);

/** Lots that live orders of these roles may still trade, by the desk's records. */
export const liveLots = (rig: Rig, ...roles: readonly string[]): number =>
  [...rig.state.orders.all()]
    .filter(({ facts }) => roles.includes(facts.role))
    .reduce((sum, order) => sum + openLots(order), 0);
