import type { EngineView } from "../../core/engine.ts";
import type { CloseShareEvent, PlaceRejectedEvent } from "../../core/event.ts";
import type { Intent } from "../../core/intent.ts";
import { isLive, type OrderFacts, type OrderRecord } from "../../core/order.ts";
import { type Lots, lots, millis, type Ticks } from "../../core/units.ts";
import { READING_MS } from "./checks.ts";
import { cancelAll, entryPrice } from "./exits.ts";
import { recoveryBegins } from "./health-lines.ts";
import {
  goneOf,
  hedgedSince,
  hedgePlan,
  isBack,
  isHedged,
  isPaired,
  isPast,
  isUnwinding,
  legOf,
  openingLeast,
  openings,
  pairStopOf,
  takeBack,
} from "./hedge.ts";
import { hedgeEnds, hedgeFailed, hedgeShrinks, hedgeStands } from "./hedge-alerts.ts";
import { layLadder } from "./ladder.ts";
import type { GridParameters } from "./parameters.ts";
import {
  isLegHeld,
  isUnfinished,
  newClosing,
  nextSlice,
  type Rung,
  type RungSums,
  startOf,
  sums,
} from "./rung.ts";
import { Rungs } from "./rungs.ts";
import { settle, type Way } from "./settle.ts";
import { watchTriggers } from "./stop-watch.ts";
import { TradeLines } from "./trade-lines.ts";

/** Orders that may be tried until a hedge is whole. */
const TRIES_MAX = 5;
/** Wall time after which what is left of a hedge's order is taken back: the price ran away from its cap. */
const REST_MS = 2_000;
/** A hedge has no take profit: whatever would close it with a limit is in the way. */
const NO_PROFIT: Way = { isClearing: true, isBlocked: false };

/**
 * The other legs of a grid's hedged pairs, each in the opposite book under its rung's index. What is done follows from the
 * orders and executions of both legs alone: opened until whole; each leg with its stop; both closed when the price is back at
 * the entry; and what one leg lost, for whatever reason, the other closes in the same turn.
 */
export class Hedges {
  readonly #parameters: GridParameters;
  readonly #leg: GridParameters;
  readonly #rungs: Rungs;
  readonly #legs: Rungs;
  readonly #lines: TradeLines;

  constructor(parameters: GridParameters, rungs: Rungs) {
    this.#parameters = parameters;
    this.#leg = legOf(parameters);
    this.#rungs = rungs;
    this.#lines = new TradeLines(this.#leg);
    this.#legs = new Rungs(this.#leg, this.#lines);
  }

  /** Parts that stops of hedges closed, and the profit of all that was closed of them, since the start of this life. */
  get stops(): number {
    return this.#lines.stops;
  }

  get realized(): number {
    return this.#lines.realized;
  }

  /** A person says to go on: what was cancelled by hand is placed again. */
  forgive(): void {
    this.#legs.forgive();
  }

  /** Whether an order or a book is that of a hedge. */
  isOf({ positionSide }: Pick<OrderFacts, "positionSide">): boolean {
    return positionSide !== "both" && positionSide === this.#leg.positionSide;
  }

  /** The rung whose hedge an order belongs to; undefined when its cycle is over and stays so. */
  of(facts: OrderFacts, view: EngineView): Rung | undefined {
    const leg = this.#legs.of(facts, view);
    return leg === undefined ? undefined : this.#link(leg);
  }

  /** Rebuilt from the engine's orders in the opposite book: each hedge goes with the cycle of its rung. */
  adopt(orders: readonly OrderRecord[]): void {
    this.#legs.adopt(orders.filter(({ facts }) => this.isOf(facts)));
    for (const rung of this.#rungs.values()) rung.leg = this.#legs.recallSince(rung.index, startOf(rung));
    this.#lines.recall();
  }

  /** The start is over: what was closed of hedges and is not told yet. */
  recalled(latest: number, view: EngineView): readonly Intent[] {
    const known = [...this.#legs.latest(latest), ...this.#legs.values()];
    return this.#lines.recalled(known, () => undefined, view);
  }

  /** The hedge of a cycle that is over: what was opened of it before the rung's next cycle began. */
  pastOf(rung: Rung): Rung | undefined {
    const from = startOf(rung);
    const until = Math.min(...this.#rungs.startsOf(rung.index).filter((start) => start > from));
    return this.#legs.past(rung.index, from, until);
  }

  /** Hedges give up what a liquidation, a deleveraging or a person took of them. */
  matchShare(view: EngineView): readonly Intent[] {
    if (this.#leg.positionSide === "both") return [];
    const lines = this.#legs.matchShare(view);
    for (const leg of [...this.#legs.values()]) {
      if (isUnfinished(leg)) this.#link(leg);
      else if (this.#rungs.get(leg.index)?.leg !== leg) this.#legs.finish(leg);
    }
    return lines;
  }

  /** Whether the hedges hold together what the engine's share of the opposite book is. */
  isWhole(view: EngineView): boolean {
    return this.#legs.isWhole(view);
  }

  /** Whether `settled` has nothing to tell. */
  isSettled(view: EngineView): boolean {
    return this.#leg.positionSide === "both" || this.#lines.isSettled(view);
  }

  /** Lines that late news leaves over while no hedge is held. */
  settled(view: EngineView): readonly Intent[] {
    return this.#leg.positionSide === "both" ? [] : this.#lines.settled(view);
  }

  /** Notes when the price was first seen beyond a hedge's stop; the pairs that a price may end. */
  watch(mark: Ticks, view: EngineView): readonly Rung[] {
    watchTriggers(this.#legs.values(), mark, this.#leg.direction, view.at);
    return [...this.#rungs.values()].filter(isHedged);
  }

  /** A person, panic or the desk closes a part of the opposite book: what is closed of a hedge its rung closes too. */
  closeShare(event: CloseShareEvent): readonly Rung[] {
    return this.#legs.closeShare(event).map((leg) => this.#link(leg));
  }

  /** The exchange refused an order of a hedge. */
  rejected(
    rung: Rung,
    event: PlaceRejectedEvent,
    { facts }: OrderRecord,
    view: EngineView,
  ): readonly Intent[] {
    const { leg } = rung;
    if (leg === undefined) return [];
    leg.refusals += 1;
    if (facts.role === "hedge" && facts.side === this.#leg.direction)
      return this.#fail(rung, `the exchange said: ${event.reason}`, view);
    if (facts.role !== "stop") leg.quietUntilWall = view.wallAt + READING_MS;
    if (leg.closing !== undefined) leg.closing.quietUntilWall = leg.quietUntilWall;
    else if (event.kind === "wouldTrigger") leg.closing = newClosing("beyondStop");
    return [];
  }

  /** The guard said no: nothing was sent. */
  refused(facts: OrderFacts, reason: string, view: EngineView): readonly Intent[] {
    const rung = this.#rungs.get(facts.rung);
    if (rung === undefined) return [];
    if (rung.leg !== undefined && reason !== "reduceBudget") rung.leg.refusals += 1;
    if (facts.role !== "hedge" || facts.side !== this.#leg.direction) return [];
    return this.#fail(rung, `the guard refused it (${reason})`, view);
  }

  /** A rung's cycle is over, and so is that of its hedge. */
  finish(rung: Rung): void {
    if (rung.leg !== undefined && this.#rungs.get(rung.index) !== rung) this.#legs.finish(rung.leg);
  }

  /** Compares the two legs with what they should be; what is begun here of the rung itself, its own `settle` carries out. */
  settle(rung: Rung, sum: RungSums, view: EngineView): readonly Intent[] {
    const { leg } = rung;
    if (leg === undefined) return rung.recovery.hedge === "wanted" ? this.#open(rung, sum, view) : [];
    const its = sums(leg);
    leg.least = view.sizes(this.#parameters.instrument).least;
    const lines = this.#lines.of(leg, its, view);
    this.#recall(rung, sum, leg, its);
    const steps = view.isConfirmed ? this.#step(rung, sum, leg, its, view) : [];
    return [
      ...lines,
      ...steps,
      ...settle(leg, its, this.#leg, view, NO_PROFIT),
      ...this.#tell(rung, sum, view),
    ];
  }

  #step(rung: Rung, sum: RungSums, leg: Rung, its: RungSums, view: EngineView): readonly Intent[] {
    const { least } = view.sizes(this.#parameters.instrument);
    const more = heldOf(sum) - heldOf(its);
    const isBroken = goneOf(leg) > 0;
    const { recovery } = rung;
    if (isPast(rung, leg)) return recovery.hedge === "wanted" ? this.#open(rung, sum, view) : [];
    // It is over: whoever wants another one has to be asked anew.
    if (isBroken && !isUnfinished(leg) && recovery.hedge === "wanted") recovery.hedge = undefined;
    if (sum.held <= 0 || -more >= least) return this.#balance(rung, sum, leg, its, view);
    if (isUnwinding(rung)) return this.#takeBack(rung, leg, its, view);
    if (isBroken && more >= least) return this.#balance(rung, sum, leg, its, view);
    // A pair that is closed opens no more of its hedge.
    if (rung.closing !== undefined || leg.closing !== undefined) return cancelAll(leg, "hedge", "closing");
    if (its.held >= least && isBack(rung, this.#parameters, view)) {
      closeDown(rung, lots(0));
      closeDown(leg, lots(0));
      return [
        hedgeEnds(rung, "the mark price is back at its entry", this.#parameters),
        ...cancelAll(leg, "hedge", "the pair ends"),
      ];
    }
    return isBroken || recovery.hedge !== "wanted" ? [] : this.#open(rung, sum, view);
  }

  /** One leg closed, in whole or in part: the other one closes down to what is left of it. */
  #balance(rung: Rung, sum: RungSums, leg: Rung, its: RungSums, view: EngineView): readonly Intent[] {
    const [held, left] = [heldOf(sum), heldOf(its)];
    const { least } = view.sizes(this.#parameters.instrument);
    const more = held - left;
    const isNews = rung.closing === undefined && leg.closing === undefined && Math.abs(more) >= least;
    if (more >= least) closeDown(rung, left);
    if (-more >= least) closeDown(leg, held);
    const rest = cancelAll(leg, "hedge", "the pair ends");
    if (!isNews) return rest;
    const both = lots(Math.min(held, left));
    if (both >= least) return [hedgeShrinks(rung, more > 0, both, this.#parameters, view), ...rest];
    const which = more > 0 ? "its hedge was closed" : "it was closed itself";
    return [hedgeEnds(rung, which, this.#parameters), ...rest];
  }

  /** Sends what is missing of a hedge: one order at a time, within its slippage. */
  #open(rung: Rung, sum: RungSums, view: EngineView): readonly Intent[] {
    const { recovery, leg } = rung;
    const { least } = view.sizes(this.#parameters.instrument);
    if (!view.isConfirmed || rung.closing !== undefined) return [];
    const has = leg === undefined ? 0 : sums(leg).held;
    // Nothing of it is there yet, and nothing of it is wanted any more: its rung goes on by its own exits.
    if (has < least && (sum.held < least || isBack(rung, this.#parameters, view))) {
      recovery.hedge = undefined;
      return leg === undefined ? [] : cancelAll(leg, "hedge", "the price is back");
    }
    const entries = cancelAll(rung, "entry", "hedged");
    const tried = leg === undefined || isPast(rung, leg) ? [] : openings(leg);
    const live = tried.filter(({ state }) => isLive(state));
    if (leg !== undefined && live.length > 0) {
      const isLate = live.some(({ sentWallAt }) => view.wallAt - (sentWallAt ?? 0) > REST_MS);
      return isLate ? [...entries, ...cancelAll(leg, "hedge", "the price ran away from it")] : entries;
    }
    const missing = sum.held - has;
    if (missing < (has > 0 ? openingLeast(this.#parameters, view) : least)) return entries;
    if (tried.length >= TRIES_MAX)
      return this.#fail(rung, `it was not filled in ${TRIES_MAX} tries within half a percent`, view);
    const { step } = view.sizes(this.#parameters.instrument);
    const { lotsMax } = view.instrument(this.#parameters.instrument);
    const size = lots(Math.floor(Math.min(missing, lotsMax) / step) * step);
    const slice = leg === undefined ? 0 : nextSlice(leg, "hedge");
    const wish = { index: rung.index, entry: entryPrice(rung), lots: size };
    const clientId = view.newId("hedge", rung.index, slice);
    const plan = hedgePlan(wish, clientId, slice, this.#parameters, view);
    return plan === undefined ? entries : [...entries, { type: "place", facts: plan.facts, reason: "hedge" }];
  }

  /** Closes a hedge without its rung: a ladder takes its place. */
  #takeBack(rung: Rung, leg: Rung, its: RungSums, view: EngineView): readonly Intent[] {
    const { least, step } = view.sizes(this.#parameters.instrument);
    const rest = leg.orders.some(
      ({ facts, state }) => facts.role === "hedge" && facts.side === this.#leg.direction && isLive(state),
    );
    if (rest) return cancelAll(leg, "hedge", "the hedge is taken back");
    if (its.held < least && its.closeOpen === 0) rung.recovery.hedge = undefined;
    if (its.held < least || its.closeOpen > 0 || view.wallAt < leg.quietUntilWall) return [];
    const { marketLotsMax } = view.instrument(this.#parameters.instrument);
    const slice = nextSlice(leg, "hedge");
    const clientId = view.newId("hedge", rung.index, slice);
    const size = lots(Math.floor(Math.min(its.held, marketLotsMax) / step) * step);
    const facts = takeBack({ index: rung.index, lots: size }, clientId, slice, this.#leg);
    return [{ type: "place", facts, reason: "the hedge is taken back" }];
  }

  /** A hedge could not be opened: what there is of it is taken back, and the ladder is laid. */
  #fail(rung: Rung, reason: string, view: EngineView): readonly Intent[] {
    const { recovery, leg } = rung;
    if (recovery.hedge !== "wanted") return [];
    recovery.hedge = leg !== undefined && sums(leg).held > 0 ? "unwanted" : undefined;
    const mark = view.mark(this.#parameters.instrument);
    const alert = hedgeFailed(rung, reason, this.#parameters);
    if (mark === undefined || rung.closing !== undefined) return [alert];
    layLadder(rung, mark, this.#parameters, view);
    // Whoever chose the hedge did not choose this.
    recovery.by = undefined;
    return [alert, recoveryBegins(rung, "ladder", "recovery", this.#parameters)];
  }

  /** What an earlier life began goes on: a hedge that is open is wanted, one that was being taken back is not. */
  #recall(rung: Rung, sum: RungSums, leg: Rung, its: RungSums): void {
    const { recovery } = rung;
    const since = hedgedSince(leg);
    const isOver = sum.held <= 0 && its.held <= 0;
    if (since === undefined || (its.entryOpen === 0 && (isOver || its.entryFilled === 0))) return;
    // Of a story that is over.
    if (isPast(rung, leg) || (recovery.isDropped && !isUnfinished(leg))) return;
    recovery.stuckSince ??= millis(since);
    recovery.attempts = Math.max(1, recovery.attempts);
    if (!isLegHeld(leg, its.held) && its.entryOpen === 0) return;
    if (recovery.hedge === undefined && goneOf(leg) === 0)
      recovery.hedge = isUnwinding(rung) ? "unwanted" : "wanted";
  }

  /** A pair that stands is told once, when the rung's own exits have given way to it. */
  #tell(rung: Rung, sum: RungSums, view: EngineView): readonly Intent[] {
    const { recovery, leg } = rung;
    if (leg === undefined || !isPaired(rung, sum, this.#parameters, view)) return [];
    recovery.ladder = undefined;
    recovery.isDropped = true;
    const isMoved = sum.stopOpen === sum.pairStopOpen && sum.takeProfitOpen === 0;
    if (recovery.isHedgeTold || !isMoved || sum.pairStopOpen === 0) return [];
    recovery.isHedgeTold = true;
    const own = pairStopOf(rung, leg, this.#parameters, view);
    return [hedgeStands(rung, leg, own, this.#parameters, view)];
  }

  #link(leg: Rung): Rung {
    const rung = this.#rungs.ensure(leg.index);
    rung.leg = leg;
    return rung;
  }
}

/** What a leg holds; one whose exits went too far holds nothing. */
const heldOf = ({ held }: RungSums): Lots => lots(Math.max(0, held));

/** Closes a leg down to so many lots, unless it is closed further already. */
function closeDown(leg: Rung, keep: Lots): void {
  if (leg.closing === undefined || leg.closing.keep > keep) leg.closing = newClosing("hedge", keep);
}
