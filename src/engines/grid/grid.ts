import type { Engine, EngineNeeds, EngineSnapshot, EngineView, Quiet } from "../../core/engine.ts";
import type { CloseShareEvent, DeskEvent, OrderReportEvent } from "../../core/event.ts";
import type { Intent } from "../../core/intent.ts";
import type { OrderFacts, OrderRecord } from "../../core/order.ts";
import { type Lots, lots, millis, signOf, value } from "../../core/units.ts";
import { takenAway, tooSmall } from "./alerts.ts";
import { FinishedCycles } from "./finished.ts";
import { type Cycle, collectCycles } from "./history.ts";
import { arithmeticLattice, geometricLattice, type Lattice } from "./lattice.ts";
import { heldIn, shareLosses } from "./losses.ts";
import type { GridParameters } from "./parameters.ts";
import { Placement } from "./placement.ts";
import { absorb, type ClosingCause, liveOf, newClosing, newRung, type Rung, statusOf, sums } from "./rung.ts";
import { isAtRest, isStopLate, settle, type Way } from "./settle.ts";
import { cycleLine } from "./trade-line.ts";

const CHECK_EVERY_MS = 60_000;
/** Wall time before a take profit that the exchange ended is placed again; doubled with every further one. */
const QUIET_MS = 2_000;
const QUIET_MAX_MS = 60_000;
/** Wall time in which the reading of the account that a refusal leads to is there. */
const READING_MS = 2_500;
const FREE: Way = { isClearing: false, isBlocked: false };

/**
 * A futures grid of one direction (seed S1): post-only entries on an absolute lattice, a reduce-only take profit
 * and a stop for every fill, all derived from the orders of each rung, so that after a kill the same rungs are
 * found from the exchange alone.
 */
export class Grid implements Engine {
  readonly id: string;
  readonly account: string;
  readonly needs: EngineNeeds;
  readonly #parameters: GridParameters;
  readonly #placement: Placement;
  readonly #rungs = new Map<number, Rung>();
  readonly #finished = new FinishedCycles();
  #cycles = 0;
  #stops = 0;
  #realized = 0;

  constructor(parameters: GridParameters) {
    this.id = parameters.engine;
    this.account = parameters.account;
    this.needs = {
      instruments: [parameters.instrument],
      feeds: ["top", "mark"],
      timeframesMs: [],
      warmupBars: 0,
    };
    this.#parameters = parameters;
    const lattice: Lattice =
      parameters.anchor === undefined
        ? geometricLattice(parameters.step)
        : arithmeticLattice(parameters.anchor, parameters.step);
    this.#placement = new Placement(parameters, lattice);
  }

  handle(event: DeskEvent, view: EngineView): readonly Intent[] {
    switch (event.type) {
      case "top":
        return [...this.#protect(view), ...this.#placement.seek(this.#rungs, view)];
      case "orderReport":
      case "fill":
      case "placeRejected":
      case "placeUnknown":
      case "orderAbsent":
      case "cancelFailed":
        return this.#ofOrder(event, view);
      case "approved":
        this.#rungOf(event.facts, view);
        return [];
      case "refused":
        return this.#refused(event.facts, event.reason, view);
      case "closeShare":
        return this.#closeShare(event, view);
      case "shareChanged":
        // Whoever took it may have paused this engine: an entry that rests would reopen what was closed.
        return [...this.#placement.takeBack(this.#rungs, view), ...this.#matchShare(view)];
      case "operator":
        if (event.request.type === "resume") this.#forgive();
        return this.#placement.takeBack(this.#rungs, view);
      case "engineStopped":
        return this.#placement.takeBack(this.#rungs, view);
      case "instrumentChanged":
        return [
          ...this.#placement.takeBack(this.#rungs, view),
          ...(this.#placement.isTooSmall(view) ? [tooSmall(this.#parameters)] : []),
        ];
      case "engineStarted":
      case "wake":
        return [
          ...this.#settleAll(view),
          { type: "wake", at: millis(view.at + CHECK_EVERY_MS), tag: "check" },
        ];
      case "timer":
      case "truth":
      case "resynced":
        return this.#settleAll(view);
      default:
        return [];
    }
  }

  adopt(orders: readonly OrderRecord[], view: EngineView): readonly Intent[] {
    this.#rungs.clear();
    this.#finished.clear();
    const { present, past } = collectCycles(orders, this.#parameters.direction);
    for (const cycle of past) this.#finished.add(rungOf(cycle));
    for (const cycle of present) this.#rungs.set(cycle.rung, rungOf(cycle));
    this.#placement.adopt(orders);
    return this.#matchShare(view);
  }

  quiet(view: EngineView): Quiet | undefined {
    for (const rung of this.#rungs.values()) if (!isAtRest(rung, this.#parameters)) return undefined;
    const quiet = this.#placement.quiet(this.#rungs, view);
    return quiet && { ...quiet, wakeEveryMs: CHECK_EVERY_MS };
  }

  snapshot(): EngineSnapshot {
    let held = 0;
    let opening = 0;
    const rungs: unknown[] = [];
    for (const rung of [...this.#rungs.values()].sort((a, b) => a.index - b.index)) {
      const status = statusOf(rung, sums(rung));
      if (status === "holding" || status === "closing") held += 1;
      if (status === "opening") opening += 1;
      const orders = rung.orders.map((o) => [o.facts.clientId, o.state, o.filled]);
      rungs.push([rung.index, status, orders, rung.lost]);
    }
    const { direction, instrument, ordersMax } = this.#parameters;
    return {
      summary: `${direction} grid on ${instrument}: ${held} held, ${opening} opening of ${ordersMax} rungs`,
      rungsHeld: held,
      rungsOpening: opening,
      cycles: this.#cycles,
      stops: this.#stops,
      realized: value(this.#realized),
      state: { rungs, nextEntryAt: this.#placement.nextEntryAt },
    };
  }

  #ofOrder(event: DeskEvent & { readonly clientId: string }, view: EngineView): readonly Intent[] {
    const order = view.order(event.clientId);
    if (order === undefined) return [];
    const rung = this.#rungOf(order.facts, view);
    // Late news of a cycle that is over all the same: what was thought to have paid for its exit has not.
    if (rung === undefined)
      return event.type === "fill" && !this.#isWhole(view) ? this.#matchShare(view) : [];
    if (event.type === "placeRejected" && order.facts.role === "entry") {
      if (event.kind === "postOnly") this.#placement.reprice(view.at);
      else this.#placement.backOff(view.at);
    } else if (event.type === "placeRejected") {
      rung.refusals += 1;
      if (event.kind === "reduceOnly" && order.facts.role === "close") return this.#clearWay(rung, view);
      // Other refusals wait for the next timer: asking again at once would only be refused again.
      if (event.kind !== "wouldTrigger") return [];
      this.#startClosing(rung, "beyondStop");
    }
    const alerts = event.type === "orderReport" ? this.#ofReport(event, order, rung, view) : [];
    if (event.type === "fill") {
      rung.refusals = 0;
      rung.expiries = 0;
    }
    // Both exits of a rung may be executed before one is cancelled: then another rung's lots have paid for it.
    if (event.type === "fill" && !this.#isWhole(view)) return this.#matchShare(view);
    return [...alerts, ...this.#settle(rung, view)];
  }

  /** What a report of one order means for its rung, besides the order's state. */
  #ofReport(
    { status }: OrderReportEvent,
    { facts: { role }, wasTaken, createdAt }: OrderRecord,
    rung: Rung,
    view: EngineView,
  ): readonly Intent[] {
    if (role === "entry" && status === "open") this.#placement.accepted(createdAt);
    if (role === "stop") {
      if (status === "rejected" || status === "expired") this.#startClosing(rung, "stopRefused");
      if (status === "open") rung.refusals = 0;
    }
    // Knocked out by another reducer, or it would have flipped: no person wants it gone, but not at once again.
    if (role === "takeProfit" && status === "expired") {
      rung.quietUntilWall = view.wallAt + Math.min(QUIET_MAX_MS, QUIET_MS * 2 ** rung.expiries);
      rung.expiries += 1;
    }
    if (status !== "canceled" || !wasTaken || sums(rung).held <= 0) return [];
    if (role !== "stop" && role !== "takeProfit") return [];
    rung.taken[role] += 1;
    return [takenAway(rung, role, this.#parameters)];
  }

  /**
   * A close was refused as not reducing: the engine's other reducers go first, then it is tried again. With none of them
   * in the way somebody else reduces, or it is flat already: the reading that follows the refusal says which.
   */
  #clearWay(rung: Rung, view: EngineView): readonly Intent[] {
    if (rung.closing === undefined) return [];
    rung.closing.isRefused = true;
    if (!this.#wayOf(rung).isBlocked) rung.closing.quietUntilWall = view.wallAt + READING_MS;
    return [...this.#rungs.values()]
      .filter((other) => other !== rung)
      .flatMap((other) => this.#settle(other, view));
  }

  /** A person says to go on: what was cancelled by hand is placed again. */
  #forgive(): void {
    for (const rung of this.#rungs.values()) {
      Object.assign(rung.taken, { stop: 0, takeProfit: 0 });
      rung.expiries = 0;
    }
  }

  /**
   * The rung that an order belongs to; undefined when its cycle is over and stays so. A late fill of a finished cycle
   * brings that whole cycle back into the sum.
   */
  #rungOf(facts: OrderFacts, view: EngineView): Rung | undefined {
    const order = view.order(facts.clientId);
    const rung = this.#rungs.get(facts.rung);
    if (order === undefined || rung?.orders.includes(order) === true) return rung;
    const past = this.#finished.find(order);
    if (past?.isOver === true) return undefined;
    if (past !== undefined) return this.#bringBack(past.rung);
    const present = rung ?? newRung(facts.rung);
    present.orders.push(order);
    this.#rungs.set(facts.rung, present);
    return present;
  }

  /** A cycle that seemed to be over goes on, together with the rung's present one. */
  #bringBack(past: Rung): Rung {
    const present = this.#rungs.get(past.index) ?? past;
    if (present !== past) absorb(present, past);
    this.#rungs.set(past.index, present);
    return present;
  }

  /** The cycle is over and the rung is idle again. */
  #finish(rung: Rung): void {
    this.#rungs.delete(rung.index);
    this.#finished.add(rung);
  }

  /** The rungs give up what a liquidation or an over-close took from the engine's share. */
  #matchShare(view: EngineView): readonly Intent[] {
    const share = this.#share(view);
    for (const rung of this.#rungs.values()) rung.lost = lots(0);
    for (const past of this.#finished.recall(share - heldIn(this.#rungs.values()))) this.#bringBack(past);
    shareLosses(this.#byExit(), share);
    return this.#settleAll(view);
  }

  /** Whether the rungs hold together what the engine's share is. */
  #isWhole(view: EngineView): boolean {
    return heldIn(this.#rungs.values()) === this.#share(view);
  }

  /** What the engine holds in its direction. */
  #share(view: EngineView): number {
    const { instrument, positionSide, direction } = this.#parameters;
    return Math.max(0, view.position(instrument, positionSide).lots * signOf(direction));
  }

  /** Rungs in the order in which the price would reach their take profits. */
  #byExit(): readonly Rung[] {
    const sign = this.#parameters.direction === "buy" ? 1 : -1;
    return [...this.#rungs.values()].sort((a, b) => (a.index - b.index) * sign);
  }

  /** The guard said no: nothing was sent; the next timer or price looks at the rung again. */
  #refused(facts: OrderFacts, reason: string, view: EngineView): readonly Intent[] {
    if (facts.role === "entry") this.#placement.backOff(view.at);
    const rung = this.#rungs.get(facts.rung);
    if (rung === undefined) return [];
    // Another rung's orphaned exit is still being taken back: no trouble that people need to hear of (I4).
    if (facts.role !== "entry" && reason !== "reduceBudget") rung.refusals += 1;
    if (statusOf(rung, sums(rung)) === "done") this.#finish(rung);
    return [];
  }

  #startClosing(rung: Rung, cause: ClosingCause): void {
    if (sums(rung).held > 0) rung.closing ??= newClosing(cause);
  }

  /** Shares a close out over the rungs, the ones nearest to their take profit first. */
  #closeShare(event: CloseShareEvent, view: EngineView): readonly Intent[] {
    const intents: Intent[] = [...this.#placement.takeBack(this.#rungs, view)];
    let left: Lots = event.lots;
    for (const rung of this.#byExit()) {
      const { held } = sums(rung);
      const part = Math.min(held, left);
      if (part <= 0) continue;
      left = lots(left - part);
      rung.closing = newClosing("asked", held - part, event.fixed);
      intents.push(...this.#settle(rung, view));
    }
    return intents;
  }

  /** I3: held lots without an acknowledged stop are closed when it stays so. */
  #protect(view: EngineView): readonly Intent[] {
    const intents: Intent[] = [];
    for (const rung of this.#rungs.values()) {
      if (rung.closing !== undefined || !isStopLate(rung, view)) continue;
      intents.push(...this.#settle(rung, view));
    }
    return intents;
  }

  #settleAll(view: EngineView): readonly Intent[] {
    return [...this.#rungs.values()].flatMap((rung) => this.#settle(rung, view));
  }

  #wayOf(rung: Rung): Way {
    const rungs = [...this.#rungs.values()];
    if (!rungs.some(({ closing }) => closing?.isRefused)) return FREE;
    const isBlocked = rungs.some((other) => other !== rung && liveOf(other, "takeProfit").length > 0);
    return { isClearing: true, isBlocked };
  }

  #settle(rung: Rung, view: EngineView): readonly Intent[] {
    const sum = sums(rung);
    // Before it is settled: a rung that is flat forgets why it was closed.
    const line = cycleLine(rung, sum, this.#parameters, view);
    const intents = settle(rung, this.#parameters, view, this.#wayOf(rung));
    if (line !== undefined) {
      intents.push({ type: "logTrade", fields: line.fields });
      this.#realized += line.profit;
      if (line.isStop) this.#stops += 1;
      if (line.isTakeProfit && sum.held === 0) this.#cycles += 1;
    }
    const isOver = intents.every((intent) => intent.type !== "place") && statusOf(rung, sum) === "done";
    if (isOver) this.#finish(rung);
    return intents;
  }
}

/** A rung as the exchange tells its cycle; what it earned then is in the trade log already. */
function rungOf({ rung: index, orders, lost }: Cycle): Rung {
  const rung = newRung(index);
  rung.orders.push(...orders);
  rung.lost = lost;
  rung.loggedExit = sums(rung).exitFilled;
  return rung;
}
