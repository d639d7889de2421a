import { ANY_QUOTE, type EngineView, type Quiet } from "../../core/engine.ts";
import type { Intent } from "../../core/intent.ts";
import type { OrderRecord } from "../../core/order.ts";
import { type Millis, millis, type Ticks, ticks } from "../../core/units.ts";
import type { Lattice } from "./lattice.ts";
import type { GridParameters } from "./parameters.ts";
import { isDust, liveOf, type Rung } from "./rung.ts";

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
  /** Market time before which no further entry is placed. */
  nextEntryAt: Millis = millis(0);
  /** The same without the entry that was wanted last: one that is refused starts no cooldown. */
  #nextWithoutLast: Millis = millis(0);
  /** Post-only refusals in a row. */
  #postOnlyRefusals = 0;

  constructor(parameters: GridParameters, lattice: Lattice) {
    this.#parameters = parameters;
    this.#lattice = lattice;
  }

  /** Continues the cooldown of the last entry that was found on the exchange. */
  adopt(orders: readonly OrderRecord[]): void {
    for (const { facts, createdAt } of orders) {
      if (facts.role === "entry") this.#cooldownFrom(createdAt);
    }
  }

  /** The guard or the exchange refused an entry: ask again later, not on every price. */
  backOff(at: Millis): void {
    this.nextEntryAt = millis(Math.max(this.#nextWithoutLast, at + BACK_OFF_MS));
  }

  /** The market came nearer while a post-only entry travelled: the next one keeps a tick more away, and later. */
  reprice(at: Millis): void {
    const wait = Math.min(BACK_OFF_MS, REPRICE_MS * 2 ** this.#postOnlyRefusals);
    this.#postOnlyRefusals += 1;
    this.nextEntryAt = millis(Math.max(this.#nextWithoutLast, at + wait));
  }

  /** An entry rests; one of an earlier life, which arrived late, starts the cooldown as any other. */
  accepted(createdAt: Millis): void {
    this.#postOnlyRefusals = 0;
    this.#cooldownFrom(createdAt);
    this.#nextWithoutLast = this.nextEntryAt;
  }

  /** Places the next entry, or takes a stale one back. */
  seek(rungs: Map<number, Rung>, view: EngineView): readonly Intent[] {
    if (mayNotRest(view)) return this.takeBack(rungs, view);
    if (!view.mayIncrease || view.at < this.nextEntryAt) return [];
    if ([...rungs.values()].some(isStopRefused)) return cancelResting(rungs, "a stop is refused");
    if ([...rungs.values()].some(isGivenUp) || this.isTooSmall(view)) return [];
    const top = view.top(this.#parameters.instrument);
    if (top === undefined) return [];
    const { least } = view.sizes(this.#parameters.instrument);
    const isTaken = (rung: Rung | undefined): boolean => rung !== undefined && !isDust(rung, least);
    const index = this.#nearestIdle((at) => isTaken(rungs.get(at)), top);
    const opening = [...rungs.values()].flatMap((rung) => liveOf(rung, "entry"));
    if (opening.length > 0) return this.#replaceStale(opening, index);
    return index === undefined || this.#isFull(rungs, view) ? [] : this.#enter(index, view);
  }

  /**
   * Where `seek`, which has just wanted nothing, goes on to want nothing: until the cooldown ends; everywhere, while there is
   * no room for an entry; up to the next idle rung that would be nearer than the entry that rests; else between two rungs.
   * Prices that pause or stop the grid are looked at on every quote.
   */
  quiet(rungs: ReadonlyMap<number, Rung>, view: EngineView): Quiet | undefined {
    const { instrument, direction, stopPrice, pausePrice, priceMin, priceMax, lossMax } = this.#parameters;
    const top = view.top(instrument);
    if (top === undefined || !view.mayIncrease) return undefined;
    if ([stopPrice, pausePrice, priceMin, priceMax, lossMax].some((bound) => bound !== undefined))
      return undefined;
    if (view.at < this.nextEntryAt) return { ...ANY_QUOTE, until: this.nextEntryAt };
    const isBuy = direction === "buy";
    const nearer = isBuy ? 1 : -1;
    const away = this.#away();
    const opening = [...rungs.values()].filter((rung) => liveOf(rung, "entry").length > 0);
    if (opening.length === 0 && this.#isFull(rungs, view)) return ANY_QUOTE;
    const here = isBuy
      ? this.#lattice.atOrBelow(ticks(Math.max(1, top.bid - away)))
      : this.#lattice.atOrAbove(ticks(top.ask + away));
    let next = here + nearer;
    if (opening.length > 0) {
      const indexes = opening.map(({ index }) => index);
      next = (isBuy ? Math.min(...indexes) : Math.max(...indexes)) + nearer;
      while (rungs.has(next)) next += nearer;
    }
    const limit = this.#lattice.price(next);
    // Further away the entry that rests is the nearest still; without one the rung below comes into question.
    const other = opening.length > 0 ? undefined : this.#lattice.price(here);
    return isBuy
      ? { ...ANY_QUOTE, bidFrom: other === undefined ? 0 : other + away, bidTo: limit - 1 + away }
      : {
          ...ANY_QUOTE,
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
  takeBack(rungs: Map<number, Rung>, view: EngineView): readonly Intent[] {
    return mayNotRest(view) ? cancelResting(rungs, view.isPaused ? "paused" : view.riskState) : [];
  }

  #enter(index: number, view: EngineView): readonly Intent[] {
    const { account, instrument, positionSide, engine, direction, quantity } = this.#parameters;
    this.#nextWithoutLast = this.nextEntryAt;
    this.#cooldownFrom(view.at);
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

  /** An entry (or what is left of it) is stale when a nearer rung is idle. */
  #replaceStale(opening: readonly OrderRecord[], nearest: number | undefined): readonly Intent[] {
    if (nearest === undefined) return [];
    const away = this.#parameters.direction === "buy" ? -1 : 1;
    return opening
      .filter((order) => order.state === "resting")
      .filter((order) => (order.facts.rung - nearest) * away > 0)
      .map((order) => ({ type: "cancel", clientId: order.facts.clientId, reason: "left behind" }) as const);
  }

  #nearestIdle(
    isTaken: (index: number) => boolean,
    top: { readonly bid: Ticks; readonly ask: Ticks },
  ): number | undefined {
    const isBuy = this.#parameters.direction === "buy";
    const away = this.#away();
    let index = isBuy
      ? this.#lattice.atOrBelow(ticks(Math.max(1, top.bid - away)))
      : this.#lattice.atOrAbove(ticks(top.ask + away));
    for (let tries = 0; tries <= this.#parameters.ordersMax; tries += 1) {
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
    const taken = [...rungs.values()].filter((rung) => !isDust(rung, least)).length;
    return taken >= ordersMax || held + quantity > positionMax;
  }

  /** Ticks that the next entry keeps away from the touch. */
  #away(): number {
    return Math.min(REPRICE_TICKS_MAX, this.#postOnlyRefusals);
  }

  #cooldownFrom(at: Millis): void {
    const next = millis(at + this.#parameters.waitMs);
    if (next > this.nextEntryAt) this.nextEntryAt = next;
  }
}

/** A rung whose stop is refused: an entry that rests would, once filled, meet the same refusal (I3). */
const isStopRefused = ({ unprotectedSinceWall, refusals }: Rung): boolean =>
  unprotectedSinceWall !== undefined && refusals > 0;

/** A rung that is closed because it can't be protected: no further risk before that is done (I3). */
const isGivenUp = ({ closing }: Rung): boolean => closing !== undefined && closing.cause !== "asked";

const cancelResting = (rungs: ReadonlyMap<number, Rung>, reason: string): readonly Intent[] =>
  [...rungs.values()]
    .flatMap((rung) => liveOf(rung, "entry"))
    .filter((order) => order.state === "resting")
    .map((order) => ({ type: "cancel", clientId: order.facts.clientId, reason }) as const);

/** Whether even an entry that rests already would be one too many. */
const mayNotRest = ({ isPaused, riskState }: EngineView): boolean =>
  isPaused || riskState === "emergency" || riskState === "shutdown";
