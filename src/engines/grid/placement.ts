import type { EngineView } from "../../core/engine.ts";
import type { Intent } from "../../core/intent.ts";
import { type CloseCause, isLive, type OrderFacts, type OrderRecord, type Role } from "../../core/order.ts";
import { ANY_QUOTE, type Quiet } from "../../core/quiet.ts";
import { type Millis, millis, type Ticks, ticks } from "../../core/units.ts";
import { Cooldown } from "./cooldown.ts";
import type { Lattice } from "./lattice.ts";
import type { GridParameters } from "./parameters.ts";
import { isPausedByPrice, quietLimit } from "./price-limits.ts";
import { isDust, isWaiting, liveOf, type Rung } from "./rung.ts";

/** Market time to wait after a refused entry. */
const BACK_OFF_MS = 30_000;
/** And after one that would have taken: doubled with every further one, up to the above. */
const REPRICE_MS = 1_000;
/** Ticks that an entry keeps away from the touch after refusals, at most. */
const REPRICE_TICKS_MAX = 10;

/**
 * Which rung to open next and when: one entry rests at a time, on the nearest idle rung that is still passive;
 * one that the market left behind is taken back, confirmed, and placed nearer.
 */
export class Placement {
  readonly #parameters: GridParameters;
  readonly #lattice: Lattice;
  readonly #cooldown: Cooldown;
  /** Market time before which nothing is tried again after a refusal, or after a pause by price. */
  #notBefore: Millis = millis(0);
  /** Post-only refusals in a row. */
  #postOnlyRefusals = 0;

  constructor(parameters: GridParameters, lattice: Lattice) {
    this.#parameters = parameters;
    this.#lattice = lattice;
    this.#cooldown = new Cooldown(parameters.ordersMax, parameters.waitMs);
  }

  /** Continues the wait of the last entry that was found on the exchange, or finds that a close has ended it. */
  adopt(orders: readonly OrderRecord[]): void {
    for (const { facts, createdAt, state, lastFillAt } of orders) {
      if (facts.role === "entry") this.#cooldown.rests(createdAt);
      else if (isProfit(facts.role) && state === "filled" && lastFillAt !== undefined)
        this.#cooldown.closed(lastFillAt);
    }
  }

  /** The guard or the exchange refused an entry: ask again later, not on every price. */
  backOff(at: Millis): void {
    this.#cooldown.forget();
    this.#notBefore = millis(at + BACK_OFF_MS);
  }

  /** The market came nearer while a post-only entry travelled: the next one keeps a tick more away, and later. */
  reprice(at: Millis): void {
    const wait = Math.min(BACK_OFF_MS, REPRICE_MS * 2 ** this.#postOnlyRefusals);
    this.#postOnlyRefusals += 1;
    this.#cooldown.forget();
    this.#notBefore = millis(at + wait);
  }

  /** An entry rests; one of an earlier life, which arrived late, starts the cooldown as any other. */
  accepted(createdAt: Millis): void {
    this.#postOnlyRefusals = 0;
    this.#cooldown.rests(createdAt);
  }

  /** An order was filled whole: where it closed with a profit, or as a slice of a ladder, the next entry waits for nothing. */
  filled({ facts: { role }, lastFillAt }: OrderRecord): void {
    if (isProfit(role) && lastFillAt !== undefined) this.#cooldown.closed(lastFillAt);
  }

  /** For the state hash. */
  canonical(): unknown {
    return [this.#cooldown.canonical(), this.#notBefore, this.#postOnlyRefusals];
  }

  /** Places the next entry, or takes a stale one back. */
  seek(rungs: ReadonlyMap<number, Rung>, view: EngineView): readonly Intent[] {
    if (mayNotRest(view)) return this.takeBack(rungs, view);
    if (isPausedByPrice(this.#parameters, view)) {
      // Around the pause price an entry is not placed and taken back with every tick.
      this.#notBefore = millis(view.at + this.#parameters.waitMs);
      return cancelResting(rungs, "beyond the pause price");
    }
    if (!view.mayIncrease || view.at < this.#notBefore) return [];
    if (this.#cooldown.isOn(view.at, () => waitingOf(rungs))) return [];
    if (isAny(rungs, isStopRefused)) return cancelResting(rungs, "a stop is refused");
    if (isAny(rungs, isGivenUp) || this.isTooSmall(view)) return [];
    const top = view.top(this.#parameters.instrument);
    if (top === undefined) return [];
    const { least } = view.sizes(this.#parameters.instrument);
    const isTaken = (rung: Rung | undefined): boolean => rung !== undefined && !isDust(rung, least);
    const index = this.#nearestIdle((at) => isTaken(rungs.get(at)), top);
    const opening = openingOf(rungs);
    if (opening.length > 0) return this.#replaceStale(opening, index);
    return index === undefined || this.#isFull(rungs, view) ? [] : this.#enter(index, view);
  }

  /**
   * Where `seek`, which has just wanted nothing, goes on to want nothing: until the wait is over; everywhere, while there is
   * no room for an entry or none may leave; up to the next idle rung that would be nearer than the entry that rests; else
   * between two rungs.
   */
  quiet(rungs: ReadonlyMap<number, Rung>, view: EngineView): Quiet | undefined {
    const { instrument, direction } = this.#parameters;
    const opening = openingOf(rungs);
    if (mayNotRest(view)) return opening.length === 0 ? ANY_QUOTE : undefined;
    const inReach = quietLimit("pause", this.#parameters, view);
    const top = view.top(instrument);
    if (inReach === undefined || top === undefined || !view.mayIncrease) return undefined;
    const until = Math.max(this.#notBefore, this.#cooldown.endsAt(waitingOf(rungs)));
    if (view.at < until) return { ...inReach, until };
    if (opening.some(({ facts }) => !this.#isOnLattice(facts))) return undefined;
    if (opening.length === 0 && this.#isFull(rungs, view)) return inReach;
    const isBuy = direction === "buy";
    const nearer = isBuy ? 1 : -1;
    const away = this.#away();
    const here = isBuy
      ? this.#lattice.atOrBelow(ticks(Math.max(1, top.bid - away)))
      : this.#lattice.atOrAbove(ticks(top.ask + away));
    let next = here + nearer;
    if (opening.length > 0) {
      const indexes = opening.map(({ facts }) => facts.rung);
      next = (isBuy ? Math.min(...indexes) : Math.max(...indexes)) + nearer;
      while (rungs.has(next)) next += nearer;
    }
    const limit = this.#lattice.price(next);
    // Further away the entry that rests is the nearest still; without one the rung below comes into question.
    const other = opening.length > 0 ? undefined : this.#lattice.price(here);
    return isBuy
      ? { ...inReach, bidFrom: other === undefined ? 0 : other + away, bidTo: limit - 1 + away }
      : {
          ...inReach,
          askFrom: limit + 1 - away,
          askTo: other === undefined ? Number.POSITIVE_INFINITY : other - away,
        };
  }

  /** The exchange's smallest order, or its size step, has outgrown a rung. */
  isTooSmall(view: EngineView): boolean {
    const { step, least } = view.sizes(this.#parameters.instrument);
    return Math.floor(this.#parameters.quantity / step) * step < least;
  }

  /** Cancels entries that rest: a person paused or closes, or the risk state forbids increases. */
  takeBack(rungs: ReadonlyMap<number, Rung>, view: EngineView): readonly Intent[] {
    return mayNotRest(view) ? cancelResting(rungs, view.isPaused ? "paused" : view.riskState) : [];
  }

  /** Cancels whatever entry rests. */
  takeAllBack(rungs: ReadonlyMap<number, Rung>, reason: string): readonly Intent[] {
    return cancelResting(rungs, reason);
  }

  #enter(index: number, view: EngineView): readonly Intent[] {
    const { account, instrument, positionSide, engine, direction, quantity } = this.#parameters;
    this.#cooldown.wanted(view.at);
    return [
      {
        type: "place",
        reason: "nearest idle rung",
        facts: {
          clientId: view.newId("entry", index, 0),
          account,
          instrument,
          positionSide,
          engine,
          role: "entry",
          rung: index,
          slice: 0,
          side: direction,
          kind: "limit",
          price: this.#lattice.price(index),
          lots: quantity,
          isReduceOnly: false,
          isPostOnly: true,
        },
      },
    ];
  }

  /**
   * An entry (or what is left of it) is stale when a nearer rung is idle, when it lies outside the grid's prices, or when it is of
   * an earlier life and the settings gave its rung another price since. One of this life lies where its rung does, but for the
   * instrument's steps, which may even be wider than the grid's.
   */
  #replaceStale(opening: readonly OrderRecord[], nearest: number | undefined): readonly Intent[] {
    const away = this.#parameters.direction === "buy" ? -1 : 1;
    return opening
      .filter((order) => order.state === "resting")
      .filter(
        ({ facts, sentWallAt }) =>
          (sentWallAt === undefined && !this.#isOnLattice(facts)) ||
          !this.#isWithin(this.#lattice.price(facts.rung)) ||
          (nearest !== undefined && (facts.rung - nearest) * away > 0),
      )
      .map((order) => ({ type: "cancel", clientId: order.facts.clientId, reason: "left behind" }) as const);
  }

  /** Whether an entry lies where its rung does. */
  #isOnLattice({ rung, price }: OrderFacts): boolean {
    if (price === undefined) return true;
    return this.#lattice.atOrBelow(price) === rung || this.#lattice.atOrAbove(price) === rung;
  }

  /** The nearest idle rung that is passive and within the grid's prices (X14). */
  #nearestIdle(
    isTaken: (index: number) => boolean,
    top: { readonly bid: Ticks; readonly ask: Ticks },
  ): number | undefined {
    const { direction, ordersMax, priceMin, priceMax } = this.#parameters;
    const isBuy = direction === "buy";
    const away = this.#away();
    let index = isBuy
      ? this.#lattice.atOrBelow(ticks(Math.max(1, Math.min(top.bid - away, priceMax ?? Infinity))))
      : this.#lattice.atOrAbove(ticks(Math.max(top.ask + away, priceMin ?? 0)));
    for (let tries = 0; tries <= ordersMax && this.#isWithin(this.#lattice.price(index)); tries += 1) {
      if (!isTaken(index)) return index;
      index += isBuy ? -1 : 1;
    }
    return undefined;
  }

  /** Whether there is no room for another entry, wherever the market is. */
  #isFull(rungs: ReadonlyMap<number, Rung>, view: EngineView): boolean {
    const { instrument, positionSide, quantity, positionMax, ordersMax } = this.#parameters;
    const { least } = view.sizes(instrument);
    const held = Math.abs(view.position(instrument, positionSide).lots);
    let taken = 0;
    for (const rung of rungs.values()) if (!isDust(rung, least)) taken += 1;
    return taken >= ordersMax || held + quantity > positionMax;
  }

  /** Ticks that the next entry keeps away from the touch. */
  #away(): number {
    return Math.min(REPRICE_TICKS_MAX, this.#postOnlyRefusals);
  }

  #isWithin(price: Ticks): boolean {
    const { priceMin, priceMax } = this.#parameters;
    return price >= (priceMin ?? 0) && price <= (priceMax ?? Infinity);
  }
}

const isProfit = (role: Role): boolean => role === "takeProfit" || role === "ladder";

/** Entries that live. One pass without a list for each rung: this stands in the way of every price. */
function openingOf(rungs: ReadonlyMap<number, Rung>): readonly OrderRecord[] {
  const opening: OrderRecord[] = [];
  for (const rung of rungs.values())
    for (const order of rung.orders)
      if (order.facts.role === "entry" && isLive(order.state)) opening.push(order);
  return opening;
}

function isAny(rungs: ReadonlyMap<number, Rung>, is: (rung: Rung) => boolean): boolean {
  for (const rung of rungs.values()) if (is(rung)) return true;
  return false;
}

/** Rungs that wait for their close. */
function waitingOf(rungs: ReadonlyMap<number, Rung>): number {
  let count = 0;
  for (const rung of rungs.values()) if (isWaiting(rung)) count += 1;
  return count;
}

/** A rung whose stop is refused: an entry that rests would, once filled, meet the same refusal (I3). */
const isStopRefused = ({ unprotectedSinceWall, refusals, leg }: Rung): boolean =>
  (unprotectedSinceWall !== undefined && refusals > 0) || (leg !== undefined && isStopRefused(leg));

/** A rung that is closed because it can't be protected: no further risk before that is done (I3). */
const isGivenUp = ({ closing, leg }: Rung): boolean =>
  (closing !== undefined && GIVEN_UP.has(closing.cause)) || (leg !== undefined && isGivenUp(leg));

const GIVEN_UP: ReadonlySet<CloseCause> = new Set([
  "hedge",
  "stopRefused",
  "stopLate",
  "beyondStop",
  "halted",
]);

const cancelResting = (rungs: ReadonlyMap<number, Rung>, reason: string): readonly Intent[] =>
  [...rungs.values()]
    .flatMap((rung) => liveOf(rung, "entry"))
    .filter((order) => order.state === "resting")
    .map((order) => ({ type: "cancel", clientId: order.facts.clientId, reason }) as const);

/** Whether even an entry that rests already would be one too many. */
const mayNotRest = ({ isPaused, riskState }: EngineView): boolean =>
  isPaused || riskState === "emergency" || riskState === "shutdown";

/** Whether an order is an entry that its engine itself took back, and not another hand. */
export const isTakenBack = ({ facts, state, cancelAskedWallAt }: OrderRecord): boolean =>
  facts.role === "entry" && state === "canceled" && cancelAskedWallAt !== undefined;
