import type { Engine, EngineNeeds, EngineSnapshot, EngineView } from "../../core/engine.ts";
import type { CloseShareEvent, DeskEvent, OrderReportEvent, RecoverRungEvent } from "../../core/event.ts";
import type { Intent } from "../../core/intent.ts";
import type { OrderFacts, OrderRecord } from "../../core/order.ts";
import { bothQuiet, type Quiet } from "../../core/quiet.ts";
import type { RungView } from "../../core/recovery.ts";
import { type Millis, value } from "../../core/units.ts";
import { type HaltCause, halted, tooSmall } from "./alerts.ts";
import { restless } from "./at-rest.ts";
import { CHECKS, READING_MS, wakeFor } from "./checks.ts";
import { Hedges } from "./hedges.ts";
import { type Lattice, latticeOf } from "./lattice.ts";
import { LossBaseline } from "./loss-baseline.ts";
import { isLossReached } from "./loss-limit.ts";
import type { GridParameters } from "./parameters.ts";
import { isTakenBack, Placement } from "./placement.ts";
import { isStoppedByPrice } from "./price-limits.ts";
import { quietRungs } from "./quiet.ts";
import { checkRung, dropLadder, recoverRung } from "./recovery.ts";
import { ofFill, ofReport, pause } from "./reports.ts";
import { canonicalRung, newClosing, type Rung, startClosing, statusOf, sums } from "./rung.ts";
import { rungView } from "./rung-views.ts";
import { Rungs } from "./rungs.ts";
import { isStopLate, settle, wayOf } from "./settle.ts";
import { watchTriggers } from "./stop-watch.ts";
import { TradeLines } from "./trade-lines.ts";

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
  readonly #rungs: Rungs;
  readonly #hedges: Hedges;
  readonly #lattice: Lattice;
  readonly #lines: TradeLines;
  readonly #baseline: LossBaseline;

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
    this.#lines = new TradeLines(parameters);
    this.#baseline = new LossBaseline(parameters);
    this.#rungs = new Rungs(parameters, this.#lines);
    this.#hedges = new Hedges(parameters, this.#rungs);
    this.#lattice = latticeOf(parameters);
    this.#placement = new Placement(parameters, this.#lattice);
  }

  handle(event: DeskEvent, view: EngineView): readonly Intent[] {
    this.#baseline.note(view);
    switch (event.type) {
      case "top":
        return [...this.#protect(view), ...this.#placement.seek(this.#rungs.map, view)];
      case "mark":
        watchTriggers(this.#rungs.values(), event.mark, this.#parameters.direction, event.at);
        return [...this.#watch(view), ...this.#settleEach(this.#hedges.watch(event.mark, view), view)];
      case "orderReport":
      case "fill":
      case "placeRejected":
      case "placeUnknown":
      case "orderAbsent":
      case "cancelFailed":
        return this.#ofOrder(event, view);
      case "approved":
        (this.#hedges.isOf(event.facts) ? this.#hedges : this.#rungs).of(event.facts, view);
        return [];
      case "refused":
        return this.#refused(event.facts, event.reason, view);
      case "closeShare":
        return this.#closeShare(event, view);
      case "shareChanged":
        // Whoever took it may have paused this engine: an entry that rests would reopen what was closed.
        return [...this.#placement.takeBack(this.#rungs.map, view), ...this.#matchShare(view)];
      case "operator":
        if (event.request.type === "resume") for (const each of [this.#rungs, this.#hedges]) each.forgive();
        return this.#placement.takeBack(this.#rungs.map, view);
      case "engineStopped":
      case "riskStateChanged":
        return this.#placement.takeBack(this.#rungs.map, view);
      case "instrumentChanged":
        return [
          ...this.#placement.takeBack(this.#rungs.map, view),
          ...(this.#placement.isTooSmall(view) ? [tooSmall(this.#parameters)] : []),
        ];
      case "engineStarted":
        return [...this.#settleAll(view), ...CHECKS.map((tag) => wakeFor(tag, view.at))];
      case "wake":
        return [
          ...(event.tag === "health" ? this.#checkHealth(view) : this.#settleAll(view)),
          wakeFor(event.tag === "health" ? "health" : "check", view.at),
        ];
      case "recoverRung":
        return this.#recoverRung(event, view);
      case "timer":
        this.#pace();
        return this.#settleAll(view);
      case "truth":
      case "resynced":
        return this.#settleAll(view);
      default:
        return [];
    }
  }

  adopt(orders: readonly OrderRecord[], view: EngineView): readonly Intent[] {
    const own = orders.filter(({ facts }) => !this.#hedges.isOf(facts));
    this.#rungs.adopt(own);
    this.#placement.adopt(own);
    this.#hedges.adopt(orders);
    // What was closed while nobody watched is told as well; the log leaves out what it has already.
    const known = [...this.#rungs.latest(this.#parameters.ordersMax), ...this.#rungs.values()];
    this.#lines.recall();
    const intents = this.#matchShare(view, true);
    this.#baseline.adopt(this.#rungs, orders, view);
    return [
      ...intents,
      ...this.#lines.recalled(known, (rung) => this.#hedges.pastOf(rung), view),
      ...this.#hedges.recalled(this.#parameters.ordersMax, view),
    ];
  }

  quiet(view: EngineView): Quiet | undefined {
    const ofRungs = quietRungs(this.#rungs.values(), this.#parameters, this.#baseline.made, view);
    if (ofRungs === undefined || !this.#lines.isSettled(view) || !this.#hedges.isSettled(view))
      return undefined;
    const ofEntries = this.#placement.quiet(this.#rungs.map, view);
    return ofEntries && bothQuiet(ofRungs, ofEntries);
  }

  wakeAfter(tag: string, at: Millis): Millis {
    return wakeFor(tag === "health" ? "health" : "check", at).at;
  }

  snapshot(): EngineSnapshot {
    let held = 0;
    let opening = 0;
    const rungs: unknown[] = [];
    for (const rung of this.#rungs.sorted()) {
      const status = statusOf(rung, sums(rung));
      if (status === "holding" || status === "closing") held += 1;
      if (status === "opening") opening += 1;
      rungs.push(canonicalRung(rung, status));
    }
    const { direction, instrument, ordersMax } = this.#parameters;
    return {
      summary: `${direction} grid on ${instrument}: ${held} held, ${opening} opening of ${ordersMax} rungs`,
      rungsHeld: held,
      rungsOpening: opening,
      cycles: this.#lines.cycles,
      stops: this.#lines.stops + this.#hedges.stops,
      realized: value(this.#lines.realized + this.#hedges.realized),
      state: { rungs, placement: this.#placement.canonical(), ...this.#baseline.canonical() },
    };
  }

  rungs(view: EngineView): readonly RungView[] {
    return this.#rungs
      .sorted()
      .flatMap((rung) => rungView(rung, this.#lattice, this.#parameters, view) ?? []);
  }

  #ofOrder(event: DeskEvent & { readonly clientId: string }, view: EngineView): readonly Intent[] {
    const order = view.order(event.clientId);
    if (order === undefined) return [];
    if (this.#hedges.isOf(order.facts)) return this.#ofHedge(event, order, view);
    const rung = this.#rungs.of(order.facts, view);
    if (event.type === "fill" && order.state === "filled") this.#placement.filled(order);
    // Late news of a cycle that is over all the same: what was thought to have paid for its exit has not.
    if (rung === undefined)
      return event.type === "fill" && !this.#rungs.isWhole(view) ? this.#matchShare(view) : [];
    if (event.type === "placeRejected" && order.facts.role === "entry") {
      if (event.kind === "postOnly") this.#placement.reprice(view.at);
      else this.#placement.backOff(view.at);
    } else if (event.type === "placeRejected") {
      rung.refusals += 1;
      if (event.kind === "reduceOnly" && order.facts.role === "close") return this.#clearWay(rung, view);
      if (order.facts.role === "close") pause(rung, "close", view);
      if (order.facts.role === "ladder")
        return [
          ...dropLadder(rung, `the exchange said: ${event.reason}`, this.#parameters),
          ...this.#settle(rung, view),
        ];
      // Other refusals wait for the next timer: asking again at once would only be refused again.
      if (event.kind !== "wouldTrigger" || rung.closing !== undefined) return [];
      startClosing(rung, "beyondStop");
    }
    const alerts = event.type === "orderReport" ? this.#ofReport(event, order, rung, view) : [];
    if (event.type === "fill") {
      ofFill(order, rung);
      rung.expiries = 0;
    }
    // Both exits of a rung may be executed before one is cancelled: then another rung's lots have paid for it.
    if (event.type === "fill" && !this.#rungs.isWhole(view)) return this.#matchShare(view);
    const intents = [...alerts, ...this.#settle(rung, view)];
    // A stop that went leaves room for another rung's, which the guard had to refuse beside it: that one waits no longer.
    if (event.type === "orderReport" && event.status === "canceled" && order.facts.role === "stop")
      for (const bare of this.#rungs.bare(rung)) intents.push(...this.#settle(bare, view));
    // In a quiet market no further price comes for minutes: the entry that was taken back would be missing until then.
    const isConfirmed = event.type === "orderReport" && event.status === "canceled";
    return isConfirmed && isTakenBack(order)
      ? [...intents, ...this.#placement.seek(this.#rungs.map, view)]
      : intents;
  }

  /** News of the other leg of a pair. */
  #ofHedge(event: DeskEvent, order: OrderRecord, view: EngineView): readonly Intent[] {
    const rung = this.#hedges.of(order.facts, view);
    const isWhole = event.type !== "fill" || this.#hedges.isWhole(view);
    const { leg } = rung ?? {};
    if (rung === undefined || leg === undefined) return isWhole ? [] : this.#matchShare(view);
    const told =
      event.type === "orderReport"
        ? this.#ofReport(event, order, leg, view)
        : event.type === "placeRejected"
          ? this.#hedges.rejected(rung, event, order, view)
          : [];
    if (event.type === "fill") ofFill(order, leg);
    return [...told, ...(isWhole ? this.#settle(rung, view) : this.#matchShare(view))];
  }

  #ofReport(event: OrderReportEvent, order: OrderRecord, rung: Rung, view: EngineView): readonly Intent[] {
    if (order.facts.role === "entry" && event.status === "open") this.#placement.accepted(order.createdAt);
    return ofReport(event, order, rung, this.#parameters, view);
  }

  /**
   * A close was refused as not reducing: the engine's other reducers go first, then it is tried again. With none of them
   * in the way somebody else reduces, or it is flat already: the reading that follows the refusal says which.
   */
  #clearWay(rung: Rung, view: EngineView): readonly Intent[] {
    if (rung.closing === undefined) return [];
    rung.closing.isRefused = true;
    if (!wayOf(rung, this.#rungs.map).isBlocked) rung.closing.quietUntilWall = view.wallAt + READING_MS;
    return [...this.#rungs.values()]
      .filter((other) => other !== rung)
      .flatMap((other) => this.#settle(other, view));
  }

  #matchShare(view: EngineView, isStart = false): readonly Intent[] {
    const lines = [...this.#rungs.matchShare(view), ...this.#hedges.matchShare(view)];
    if (isStart) this.#rungs.closeStopless();
    return [...lines, ...this.#settleAll(view)];
  }

  /** The guard said no: nothing was sent; the next timer or price looks at the rung again. */
  #refused(facts: OrderFacts, reason: string, view: EngineView): readonly Intent[] {
    if (facts.role === "entry") this.#placement.backOff(view.at);
    if (this.#hedges.isOf(facts)) return this.#hedges.refused(facts, reason, view);
    const rung = this.#rungs.get(facts.rung);
    if (rung === undefined) return [];
    // Another rung's orphaned exit is still being taken back: no trouble that people need to hear of (I4).
    if (facts.role !== "entry" && reason !== "reduceBudget") rung.refusals += 1;
    if (facts.role === "ladder" && reason !== "reduceBudget")
      return dropLadder(rung, `the guard refused a slice (${reason})`, this.#parameters);
    this.#rungs.finish(rung);
    return [];
  }

  /** Whole five minutes: which positions are stuck, and what becomes of them (seed S1, tier 3). */
  #checkHealth(view: EngineView): readonly Intent[] {
    const told = this.#rungs.sorted().flatMap((rung) => checkRung(rung, this.#parameters, view));
    return [...told, ...this.#settleAll(view)];
  }

  #recoverRung(event: RecoverRungEvent, view: EngineView): readonly Intent[] {
    const rung = this.#rungs.get(event.rung);
    if (rung === undefined) return [];
    return [...recoverRung(rung, event, this.#parameters, view), ...this.#settle(rung, view)];
  }

  /** Time or the market went on: closes whose slippage is capped may send their next slice. */
  #pace(): void {
    for (const { closing } of this.#rungs.values()) if (closing?.isPaced === true) closing.isDue = true;
  }

  #closeShare(event: CloseShareEvent, view: EngineView): readonly Intent[] {
    const taken = this.#placement.takeBack(this.#rungs.map, view);
    const from = this.#hedges.isOf(event) ? this.#hedges : this.#rungs;
    return [...taken, ...this.#settleEach(from.closeShare(event), view)];
  }

  /** The mark price may end it: every stop on a rung rests at the exchange, the grid's own stop price is watched here. */
  #watch(view: EngineView): readonly Intent[] {
    if (view.isHalted) return [];
    if (isStoppedByPrice(this.#parameters, view)) return this.#halt("stopPrice", view);
    return isLossReached(this.#parameters, this.#baseline.made, view) ? this.#halt("lossLimit", view) : [];
  }

  /** Takes entries back, closes all rungs at the market and waits for a person. */
  #halt(why: HaltCause, view: EngineView): readonly Intent[] {
    for (const rung of this.#rungs.values()) if (sums(rung).held > 0) rung.closing = newClosing("halted");
    const alert = halted(why, this.#parameters, view);
    return [
      { type: "halt", reason: alert.reason },
      alert.intent,
      ...this.#placement.takeAllBack(this.#rungs.map, "halted"),
      ...this.#settleAll(view),
    ];
  }

  /** I3: held lots without an acknowledged stop are closed when it stays so. */
  #protect(view: EngineView): readonly Intent[] {
    const intents: Intent[] = [];
    for (const rung of this.#rungs.values()) {
      const isPaced = rung.closing?.isPaced === true;
      if (rung.closing !== undefined && isPaced) rung.closing.isDue = true;
      else if (rung.closing !== undefined || !isStopLate(rung, view)) continue;
      intents.push(...this.#settle(rung, view));
    }
    return intents;
  }

  #settleAll(view: EngineView): readonly Intent[] {
    const intents = this.#settleEach(restless(this.#rungs.map, this.#parameters, this.#lines, view), view);
    return [...intents, ...this.#lines.settled(view), ...this.#hedges.settled(view)];
  }

  #settleEach(rungs: readonly Rung[], view: EngineView): readonly Intent[] {
    return rungs.flatMap((rung) => this.#settle(rung, view));
  }

  #settle(rung: Rung, view: EngineView): readonly Intent[] {
    const sum = sums(rung);
    // Before it is settled: a rung that is flat forgets why it was closed.
    const lines = this.#lines.of(rung, sum, view);
    const pair = this.#hedges.settle(rung, sum, view);
    const intents = [
      ...pair,
      ...settle(rung, sum, this.#parameters, view, wayOf(rung, this.#rungs.map)),
      ...lines,
    ];
    if (intents.every((intent) => intent.type !== "place")) this.#rungs.finish(rung, sum);
    this.#hedges.finish(rung);
    return intents;
  }
}
