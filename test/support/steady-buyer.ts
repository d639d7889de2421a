import type { Engine, EngineSnapshot, EngineView } from "../../src/core/engine.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { Intent } from "../../src/core/intent.ts";
import {
  isLive,
  type OrderFacts,
  type OrderRecord,
  type PositionSide,
  type Role,
} from "../../src/core/order.ts";
import { type Lots, lots, ticks, value } from "../../src/core/units.ts";
import { LINEAR } from "./instruments.ts";

/** What a steady buyer is made of. */
export interface SteadyBuyerOptions {
  readonly id: string;
  readonly positionSide: PositionSide;
  readonly lots: Lots;
  /** It buys again on every so manieth price, whatever it holds: only the guard keeps it within its purse. */
  readonly every: number;
}

/** An engine that is no grid: it buys at the market again and again, with a stop for each buy, and sells all of it at times. */
export class SteadyBuyer implements Engine {
  readonly id: string;
  readonly account = "main";
  readonly needs: Engine["needs"];
  readonly #options: SteadyBuyerOptions;
  readonly #own = new Set<string>();
  #seen = 0;
  /** Set: the next price finds a fault in it. */
  isBroken = false;

  constructor(options: SteadyBuyerOptions) {
    this.id = options.id;
    this.#options = options;
    this.needs = { instruments: [LINEAR.id], feeds: ["top", "mark"], timeframesMs: [], warmupBars: 0 };
  }

  handle(event: DeskEvent, view: EngineView): readonly Intent[] {
    if (event.type === "approved") this.#own.add(event.facts.clientId);
    if (event.type === "fill") return this.#protect(view);
    if (event.type !== "top") return [];
    if (this.isBroken) throw new Error("a bug of the steady buyer");
    this.#seen += 1;
    const held = view.position(LINEAR.id, this.#options.positionSide).lots;
    if (held > 0 && this.#seen % (this.#options.every * 9) === 0) return this.#sell(lots(held), view);
    if (!view.mayIncrease || this.#seen % this.#options.every !== 0) return [];
    return [this.#order("entry", "buy", this.#options.lots, view, {})];
  }

  adopt(orders: readonly OrderRecord[], view: EngineView): readonly Intent[] {
    for (const { facts } of orders) this.#own.add(facts.clientId);
    return this.#protect(view);
  }

  rungs() {
    return [];
  }

  snapshot(): EngineSnapshot {
    const none = { rungsHeld: 0, rungsOpening: 0, cycles: 0, stops: 0, realized: value(0) };
    return { summary: "buys steadily", ...none, state: [this.#seen] };
  }

  #live(role: Role, view: EngineView): readonly OrderRecord[] {
    return [...this.#own].flatMap((clientId) => {
      const order = view.order(clientId);
      return order !== undefined && order.facts.role === role && isLive(order.state) ? [order] : [];
    });
  }

  /** Stops for exactly what is held, 3 % below the price. */
  #protect(view: EngineView): readonly Intent[] {
    const held = view.position(LINEAR.id, this.#options.positionSide).lots;
    const stops = this.#live("stop", view);
    const armed = stops.reduce((sum, { facts, filled }) => sum + facts.lots - filled, 0);
    if (held <= 0 || armed > held)
      return stops.map(
        ({ facts }) => ({ type: "cancel", clientId: facts.clientId, reason: "flat" }) as const,
      );
    const trigger = ticks(Math.round((view.mark(LINEAR.id) ?? 0) * 0.97));
    return held > armed ? [this.#order("stop", "sell", lots(held - armed), view, { trigger })] : [];
  }

  #sell(held: Lots, view: EngineView): readonly Intent[] {
    return [this.#order("close", "sell", held, view, {})];
  }

  #order(
    role: "entry" | "stop" | "close",
    side: "buy" | "sell",
    size: Lots,
    view: EngineView,
    given: Partial<OrderFacts>,
  ): Intent {
    const { id, positionSide } = this.#options;
    const slice = this.#seen % 36;
    const facts: OrderFacts = {
      clientId: view.newId(role, 0, slice),
      account: this.account,
      instrument: LINEAR.id,
      positionSide,
      engine: id,
      role,
      rung: 0,
      slice,
      side,
      kind: role === "stop" ? "stopMarket" : "market",
      lots: size,
      isReduceOnly: role !== "entry" && positionSide === "both",
      isPostOnly: false,
      ...given,
    };
    return { type: "place", reason: "steadily", facts };
  }
}
