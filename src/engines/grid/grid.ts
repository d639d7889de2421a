import type { Engine, EngineNeeds, EngineSnapshot, EngineView } from "../../core/engine.ts";
import type { CloseShareEvent, DeskEvent } from "../../core/event.ts";
import type { Intent } from "../../core/intent.ts";
import type { OrderFacts, OrderRecord } from "../../core/order.ts";
import { type Lots, lots, millis, signOf, value } from "../../core/units.ts";
import { collectCycles } from "./history.ts";
import { arithmeticLattice, geometricLattice, type Lattice } from "./lattice.ts";
import type { GridParameters } from "./parameters.ts";
import { Placement } from "./placement.ts";
import { newRung, type Rung, statusOf, sums } from "./rung.ts";
import { isStopLate, settle } from "./settle.ts";
import { cycleLine } from "./trade-line.ts";

const CHECK_EVERY_MS = 60_000;

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
        return this.#refused(event.facts, view);
      case "closeShare":
        return this.#closeShare(event, view);
      case "operator":
      case "engineStopped":
        return this.#placement.takeBack(this.#rungs, view);
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
    for (const [index, cycle] of collectCycles(orders, this.#parameters.direction)) {
      const rung = newRung(index);
      rung.orders.push(...cycle.orders);
      rung.lost = cycle.lost;
      rung.loggedExit = sums(rung).exitFilled;
      this.#rungs.set(index, rung);
    }
    this.#placement.adopt(orders);
    return this.#matchShare(view);
  }

  snapshot(): EngineSnapshot {
    let held = 0;
    let opening = 0;
    const rungs: unknown[] = [];
    for (const rung of [...this.#rungs.values()].sort((a, b) => a.index - b.index)) {
      const status = statusOf(rung, sums(rung));
      if (status === "holding" || status === "closing") held += 1;
      if (status === "opening") opening += 1;
      rungs.push([rung.index, status, rung.orders.map((o) => [o.facts.clientId, o.state, o.filled])]);
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
    if (event.type === "fill" && event.origin !== "client") return this.#matchShare(view);
    const order = view.order(event.clientId);
    if (order === undefined) return [];
    const rung = this.#rungOf(order.facts, view);
    if (event.type === "placeRejected" && order.facts.role !== "entry") {
      rung.refusals += 1;
      // Other refusals wait for the next timer: asking again at once would only be refused again.
      if (event.kind !== "wouldTrigger") return [];
      this.#startClosing(rung, "beyondStop");
    }
    if (event.type === "orderReport" && order.facts.role === "stop") {
      if (event.status === "rejected" || event.status === "expired") this.#startClosing(rung, "stopRefused");
      if (event.status === "open") rung.refusals = 0;
    }
    if (event.type === "fill") rung.refusals = 0;
    const intents = this.#settle(rung, view);
    // Both exits of a rung were executed before one could be cancelled: another rung's lots paid for it.
    const isOverClosed = event.type === "fill" && sums(rung).held < 0;
    return isOverClosed ? [...intents, ...this.#matchShare(view)] : intents;
  }

  /** The rung that an order belongs to; a late fill of an earlier cycle brings its order back into the sum. */
  #rungOf(facts: OrderFacts, view: EngineView): Rung {
    let rung = this.#rungs.get(facts.rung);
    if (rung === undefined) {
      rung = newRung(facts.rung);
      this.#rungs.set(facts.rung, rung);
    }
    const order = view.order(facts.clientId);
    if (order !== undefined && !rung.orders.includes(order)) rung.orders.push(order);
    return rung;
  }

  /** A liquidation or an over-close took lots from the engine's share: the rungs give them up, nearest exit first. */
  #matchShare(view: EngineView): readonly Intent[] {
    const { instrument, positionSide, direction } = this.#parameters;
    const share = Math.max(0, view.position(instrument, positionSide).lots * signOf(direction));
    let excess = -share;
    for (const rung of this.#rungs.values()) excess += Math.max(0, sums(rung).held);
    for (const rung of this.#byExit()) {
      if (excess <= 0) break;
      const part = Math.min(Math.max(0, sums(rung).held), excess);
      rung.lost = lots(rung.lost + part);
      excess -= part;
    }
    return this.#settleAll(view);
  }

  /** Rungs in the order in which the price would reach their take profits. */
  #byExit(): readonly Rung[] {
    const sign = this.#parameters.direction === "buy" ? 1 : -1;
    return [...this.#rungs.values()].sort((a, b) => (a.index - b.index) * sign);
  }

  /** The guard said no: nothing was sent; the next timer or price looks at the rung again. */
  #refused(facts: OrderFacts, view: EngineView): readonly Intent[] {
    if (facts.role === "entry") this.#placement.backOff(view.at);
    const rung = this.#rungs.get(facts.rung);
    if (rung === undefined) return [];
    if (facts.role !== "entry") rung.refusals += 1;
    if (statusOf(rung, sums(rung)) === "done") this.#rungs.delete(rung.index);
    return [];
  }

  #startClosing(rung: Rung, cause: "stopRefused" | "beyondStop"): void {
    if (sums(rung).held > 0) rung.closing ??= { cause, keep: lots(0), fixedId: undefined };
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
      rung.closing = {
        cause: "asked",
        keep: lots(held - part),
        fixedId: event.fixed === undefined ? undefined : view.fixedId(rung.index, event.fixed),
      };
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

  #settle(rung: Rung, view: EngineView): readonly Intent[] {
    const intents = settle(rung, this.#parameters, view);
    const sum = sums(rung);
    const line = cycleLine(rung, sum, this.#parameters, view);
    if (line !== undefined) {
      intents.push({ type: "logTrade", fields: line.fields });
      this.#realized += line.profit;
      if (line.isStop) this.#stops += 1;
      if (line.isTakeProfit && sum.held === 0) this.#cycles += 1;
    }
    if (intents.every((intent) => intent.type !== "place") && statusOf(rung, sum) === "done") {
      this.#rungs.delete(rung.index);
    }
    return intents;
  }
}
