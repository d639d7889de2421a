import type { Engine, EngineNeeds, EngineSnapshot, EngineView } from "../../core/engine.ts";
import type { CloseShareEvent, DeskEvent, OrderReportEvent, RecoverRungEvent } from "../../core/event.ts";
import type { Intent } from "../../core/intent.ts";
import type { CloseCause, OrderFacts, OrderRecord } from "../../core/order.ts";
import { bothQuiet, type Quiet } from "../../core/quiet.ts";
import type { RungView } from "../../core/recovery.ts";
import { type Lots, lots, type Millis, value } from "../../core/units.ts";
import { type HaltCause, halted, takenAway, tooSmall } from "./alerts.ts";
import { CHECKS, wakeFor } from "./checks.ts";
import { type Lattice, latticeOf } from "./lattice.ts";
import { isLossReached } from "./loss-limit.ts";
import type { GridParameters } from "./parameters.ts";
import { isTakenBack, Placement } from "./placement.ts";
import { isStoppedByPrice } from "./price-limits.ts";
import { quietRungs } from "./quiet.ts";
import { checkRung, dropLadder, recoverRung } from "./recovery.ts";
import { canonicalRung, isStopEnded, newClosing, type Rung, statusOf, sums } from "./rung.ts";
import { rungView } from "./rung-views.ts";
import { Rungs } from "./rungs.ts";
import { forgetRefusals, isStopLate, settle, wayOf } from "./settle.ts";
import { stopFired, watchTriggers } from "./stop-watch.ts";
import { TradeLines } from "./trade-lines.ts";

/** Wall time before a take profit that the exchange ended is placed again; doubled with every further one. */
const QUIET_MS = 2_000;
const QUIET_MAX_MS = 60_000;
/** Wall time in which the reading of the account that a refusal leads to is there. */
const READING_MS = 2_500;

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
  readonly #lattice: Lattice;
  readonly #lines: TradeLines;

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
    this.#rungs = new Rungs(parameters, this.#lines);
    this.#lattice = latticeOf(parameters);
    this.#placement = new Placement(parameters, this.#lattice);
  }

  handle(event: DeskEvent, view: EngineView): readonly Intent[] {
    switch (event.type) {
      case "top":
        return [...this.#protect(view), ...this.#placement.seek(this.#rungs.map, view)];
      case "mark":
        watchTriggers(this.#rungs.values(), event.mark, this.#parameters.direction, event.at);
        return this.#watch(view);
      case "orderReport":
      case "fill":
      case "placeRejected":
      case "placeUnknown":
      case "orderAbsent":
      case "cancelFailed":
        return this.#ofOrder(event, view);
      case "approved":
        this.#rungs.of(event.facts, view);
        return [];
      case "refused":
        return this.#refused(event.facts, event.reason, view);
      case "closeShare":
        return this.#closeShare(event, view);
      case "shareChanged":
        // Whoever took it may have paused this engine: an entry that rests would reopen what was closed.
        return [...this.#placement.takeBack(this.#rungs.map, view), ...this.#matchShare(view)];
      case "operator":
        if (event.request.type === "resume") this.#rungs.forgive();
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
    this.#rungs.adopt(orders);
    this.#placement.adopt(orders);
    // What an earlier life had begun to close for that is closed all the same (I4, I5).
    for (const rung of this.#rungs.values()) if (isStopEnded(rung)) this.#startClosing(rung, "stopRefused");
    // What was closed while nobody watched is told as well; the log leaves out what it has already.
    const known = [...this.#rungs.latest(this.#parameters.ordersMax), ...this.#rungs.values()];
    this.#lines.recall();
    const intents = this.#matchShare(view);
    return [...intents, ...this.#lines.recalled(known, view)];
  }

  quiet(view: EngineView): Quiet | undefined {
    const ofRungs = quietRungs(this.#rungs.values(), this.#parameters, view);
    if (ofRungs === undefined || !this.#lines.isSettled(view)) return undefined;
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
      stops: this.#lines.stops,
      realized: value(this.#lines.realized),
      state: { rungs, placement: this.#placement.canonical() },
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
      if (order.facts.role === "ladder")
        return this.#giveUpLadder(rung, `the exchange said: ${event.reason}`, view);
      // Other refusals wait for the next timer: asking again at once would only be refused again.
      if (event.kind !== "wouldTrigger" || rung.closing !== undefined) return [];
      this.#startClosing(rung, "beyondStop");
    }
    const alerts = event.type === "orderReport" ? this.#ofReport(event, order, rung, view) : [];
    if (event.type === "fill") {
      forgetRefusals(rung);
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

  /** What a report of one order means for its rung, besides the order's state. */
  #ofReport(
    { status, at }: OrderReportEvent,
    { facts: { role }, wasTaken, createdAt }: OrderRecord,
    rung: Rung,
    view: EngineView,
  ): readonly Intent[] {
    if (role === "entry" && status === "open") this.#placement.accepted(createdAt);
    if (role === "stop" && status === "triggered") stopFired(rung, at);
    if (role === "stop" && (status === "rejected" || status === "expired"))
      this.#startClosing(rung, "stopRefused");
    // While a stop is missing only its own acceptance counts: until then no entry may add to what it should cover (I3).
    const isExit = role === "stop" || (role === "takeProfit" && rung.unprotectedSinceWall === undefined);
    if (isExit && status === "open") forgetRefusals(rung);
    // Knocked out by another reducer, or it would have flipped: no person wants it gone, but not at once again.
    const isClose = role === "takeProfit" || role === "ladder";
    if (isClose && status === "expired") {
      rung.quietUntilWall = view.wallAt + Math.min(QUIET_MAX_MS, QUIET_MS * 2 ** rung.expiries);
      rung.expiries += 1;
    }
    if (status !== "canceled" || !wasTaken || sums(rung).held <= 0) return [];
    if (role !== "stop" && !isClose) return [];
    const kind = isClose ? "takeProfit" : "stop";
    rung.taken[kind] += 1;
    return [takenAway(rung, kind, this.#parameters)];
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

  #matchShare(view: EngineView): readonly Intent[] {
    const lines = this.#rungs.matchShare(view);
    return [...lines, ...this.#settleAll(view)];
  }

  /** The guard said no: nothing was sent; the next timer or price looks at the rung again. */
  #refused(facts: OrderFacts, reason: string, view: EngineView): readonly Intent[] {
    if (facts.role === "entry") this.#placement.backOff(view.at);
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

  #giveUpLadder(rung: Rung, reason: string, view: EngineView): readonly Intent[] {
    return [...dropLadder(rung, reason, this.#parameters), ...this.#settle(rung, view)];
  }

  /** Time or the market went on: closes whose slippage is capped may send their next slice. */
  #pace(): void {
    for (const { closing } of this.#rungs.values()) if (closing?.isPaced === true) closing.isDue = true;
  }

  #startClosing(rung: Rung, cause: CloseCause): void {
    if (sums(rung).held > 0) rung.closing ??= newClosing(cause);
  }

  /** Shares a close out over the rungs, the ones nearest to their take profit first. */
  #closeShare(event: CloseShareEvent, view: EngineView): readonly Intent[] {
    const intents: Intent[] = [...this.#placement.takeBack(this.#rungs.map, view)];
    let left: Lots = event.lots;
    for (const rung of this.#rungs.byExit()) {
      const { held } = sums(rung);
      const part = Math.min(held, left);
      if (part <= 0) continue;
      left = lots(left - part);
      rung.closing = newClosing("asked", held - part, event.fixed, false, event.by);
      intents.push(...this.#settle(rung, view));
    }
    return intents;
  }

  /** The mark price may end it: every stop on a rung rests at the exchange, the grid's own stop price is watched here. */
  #watch(view: EngineView): readonly Intent[] {
    if (view.isHalted) return [];
    if (isStoppedByPrice(this.#parameters, view)) return this.#halt("stopPrice", view);
    return isLossReached(this.#parameters, view) ? this.#halt("lossLimit", view) : [];
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
    const intents = [...this.#rungs.values()].flatMap((rung) => this.#settle(rung, view));
    return [...intents, ...this.#lines.settled(view)];
  }

  #settle(rung: Rung, view: EngineView): readonly Intent[] {
    const sum = sums(rung);
    // Before it is settled: a rung that is flat forgets why it was closed.
    const lines = this.#lines.of(rung, sum, view);
    const intents = settle(rung, this.#parameters, view, wayOf(rung, this.#rungs.map));
    intents.push(...lines);
    if (intents.every((intent) => intent.type !== "place")) this.#rungs.finish(rung);
    return intents;
  }
}
