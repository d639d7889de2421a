import { millis, rate, ticks } from "../../../src/core/units.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { Exchange, type VenueOrder } from "../../support/exchange.ts";
import { GRID, Rig } from "../../support/rig.ts";

/** S1's example times 5,000 on an account in hedge mode: bought at 500,000, and the price falls to 475,000 and stays. */
export const EXAMPLE: GridParameters = {
  ...GRID,
  positionSide: "long",
  anchor: ticks(500_000),
  takeProfit: rate(1_000_000),
  stopLoss: rate(10_000_000),
  recovery: "hedge",
  waitMs: millis(1e11),
};
export const ENTRY = 500_000;
export const DOWN = 475_000;
/** The hedge is sold half a percent below the best bid at the worst; its stop is 15 % from there, and so is the rung's. */
export const CAP = 472_625;
export const LEG_STOP = 543_518;
export const OWN_STOP = 401_732;

export const hedgeMode = (): Exchange => new Exchange(true);
export function minutes(rig: Rig, count: number): void {
  for (let n = 0; n < count; n += 1) {
    rig.exchange.at += 60_000;
    rig.exchange.wallAt += 1_000;
    rig.timer();
    rig.feed(...rig.exchange.quotes());
  }
}
/** Held, fallen, stuck, and asked about. */
export function asked(given: Partial<GridParameters> = {}): Rig {
  const rig = new Rig({ exchange: hedgeMode(), config: { grids: [{ ...EXAMPLE, ...given }] } }).boot();
  const [entry] = rig.exchange.open("entry");
  if (entry === undefined) throw new Error("no entry rests");
  rig.feed(...rig.exchange.fill(entry));
  rig.quote(DOWN);
  minutes(rig, 65);
  return rig;
}
export const yes = (rig: Rig) => rig.decide("r1-e7", "k9-e7", "hedge");
/** The same with the pair standing. */
export function paired(given: Partial<GridParameters> = {}): Rig {
  const rig = asked(given);
  yes(rig);
  rig.pass(1_000);
  return rig;
}
export const held = (rig: Rig): number[] => [rig.exchange.position.lots, rig.exchange.short.lots];
/** Role, position side, price or trigger, and open lots of all that rests, entries aside. */
export const rests = (rig: Rig) =>
  rig.exchange
    .open()
    .filter(({ facts }) => facts.role !== "entry")
    .map(({ facts, filled }) => [
      facts.role,
      facts.positionSide,
      facts.price ?? facts.trigger,
      facts.lots - filled,
    ]);
export const PAIR = [
  ["stop", "short", LEG_STOP, 10],
  ["stop", "long", OWN_STOP, 10],
];
export const THIRDS = [
  ["ladder", "long", 482_125, 3],
  ["ladder", "long", 489_250, 3],
  ["ladder", "long", 496_375, 4],
];
export const stopOf = (rig: Rig, side: string): VenueOrder => {
  const [stop] = rig.exchange.open("stop").filter(({ facts }) => facts.positionSide === side);
  if (stop === undefined) throw new Error(`no stop rests on the ${side} leg`);
  return stop;
};
export const shares = (rig: Rig): number[] => [
  rig.state.account.share("BTCUSDT", "long", "grid1").lots,
  rig.state.account.share("BTCUSDT", "short", "grid1").lots,
];
export const lines = (rig: Rig) =>
  rig.effects.flatMap((effect) => (effect.type === "logTrade" ? [effect.fields] : []));
export const nextLife = (rig: Rig, epoch: number): Rig => {
  const next = new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch, nonce: "abcd" } });
  next.exchange.wallAt += 5_000;
  return next.boot();
};
/** A move of the market, after which everything that leads to arrives. */
export function quote(rig: Rig, mark: number): void {
  rig.quote(mark);
  rig.pass(1_000);
}

/** Of each order that opens a hedge so much is filled at once (by its number, from 1 on), and the rest waits. */
export function fillsOnly(rig: Rig, size: (number: number) => number): void {
  const usual = rig.exchange.place.bind(rig.exchange);
  let count = 0;
  rig.exchange.place = (facts) => {
    if (facts.role !== "hedge" || facts.kind !== "limit") return usual(facts);
    count += 1;
    const { bid } = rig.exchange;
    rig.exchange.bid = 1;
    const news = usual(facts);
    rig.exchange.bid = bid;
    const order = rig.exchange.orders.get(facts.clientId);
    const part = size(count);
    return order === undefined || part === 0 ? news : [...news, ...rig.exchange.fill(order, part, bid)];
  };
}
