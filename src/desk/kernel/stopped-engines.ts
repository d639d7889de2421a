import type { Book } from "../../core/book.ts";
import type { CloseShareEvent } from "../../core/event.ts";
import { engineTag, FIXED_NONCE, writeClientId } from "../../core/ids.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { Intent } from "../../core/intent.ts";
import {
  type EngineId,
  type OrderFacts,
  type OrderRecord,
  openLots,
  type PositionSide,
  RETIRED_SLICE,
} from "../../core/order.ts";
import { sliceOf } from "../../core/slices.ts";
import { lots } from "../../core/units.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** What a stopped engine is to keep of its position. */
interface Wanted {
  readonly event: CloseShareEvent;
  keep: number;
  /** Wall time of the last order: a refused one is not asked for again at once. */
  triedWallAt: number;
}

const RETRY_MS = 500;

/**
 * Closes for engines that can't do it themselves: stopped by a fault, or no longer configured. The same order of
 * things (I4): take profits and entries are taken back, the rest is sold at the market, stops go last.
 */
export class StoppedEngines {
  readonly #state: KernelState;
  readonly #wanted = new Map<string, Wanted>();

  constructor(state: KernelState) {
    this.#state = state;
  }

  /** Notes what a person asked for; `step` does it, turn by turn. A smaller close must not take a larger one's place. */
  want(event: CloseShareEvent): void {
    const { engine, instrument, positionSide } = event;
    const key = keyOf(engine, instrument, positionSide);
    const held = Math.abs(this.#state.account.share(instrument, positionSide, engine).lots);
    const keep = Math.max(0, held - event.lots);
    if ((this.#wanted.get(key)?.keep ?? keep) < keep) return;
    this.#wanted.set(key, { event, keep, triedWallAt: 0 });
  }

  /** Whether a part of what an engine left in a book is being closed. */
  isClosing(
    engine: EngineId,
    { instrument, positionSide }: Pick<Book, "instrument" | "positionSide">,
  ): boolean {
    return this.#wanted.has(keyOf(engine, instrument, positionSide));
  }

  /** Closes lots beside what is asked for already, where that leaves more of it. */
  wantAlso(event: CloseShareEvent): void {
    const { engine, instrument, positionSide } = event;
    const running = this.#wanted.get(keyOf(engine, instrument, positionSide));
    const held = Math.abs(this.#state.account.share(instrument, positionSide, engine).lots);
    if (running === undefined) this.want(event);
    else running.keep = Math.min(running.keep, Math.max(0, held - event.lots));
  }

  /** What is to be done now, one step of each close that is under way. */
  step(): readonly Intent[] {
    const intents: Intent[] = [];
    for (const [key, wanted] of this.#wanted) {
      const next = this.#next(wanted);
      if (next === undefined) this.#wanted.delete(key);
      else intents.push(...next);
    }
    return intents;
  }

  /** Undefined: it is done. */
  #next(wanted: Wanted): readonly Intent[] | undefined {
    const { event, keep } = wanted;
    const { engine, instrument, positionSide } = event;
    const share = this.#state.account.share(instrument, positionSide, engine);
    const own = this.#state
      .liveOrders()
      .filter(
        ({ facts }) =>
          facts.engine === engine && facts.instrument === instrument && facts.positionSide === positionSide,
      );
    const missing = Math.abs(share.lots) - keep;
    if (missing <= 0) return share.lots === 0 && own.length > 0 ? cancels(own) : undefined;
    // Take profits that fit what is kept stay.
    const exits = own.filter(({ facts }) => facts.role === "takeProfit");
    const isRoom = exits.reduce((sum, order) => sum + openLots(order), 0) <= keep;
    const inTheWay = own.filter(
      (order) =>
        order.facts.role !== "stop" && order.facts.role !== "close" && !(isRoom && exits.includes(order)),
    );
    if (inTheWay.length > 0) return cancels(inTheWay);
    if (own.some(({ facts }) => facts.role === "close")) return [];
    if (this.#state.wallAt - wanted.triedWallAt < RETRY_MS) return [];
    const { step, least } = this.#state.instruments.sizes(instrument);
    const most = this.#state.instrument(instrument)?.marketLotsMax ?? lots(missing);
    const size = sliceOf(lots(missing), most, step, least);
    if (size === 0) return [];
    wanted.triedWallAt = this.#state.wallAt;
    const facts: OrderFacts = {
      clientId: this.#idOf(event),
      account: this.#state.config.account,
      instrument,
      positionSide,
      engine,
      role: "close",
      rung: 0,
      slice: RETIRED_SLICE,
      side: share.lots > 0 ? "sell" : "buy",
      kind: "market",
      lots: size,
      isReduceOnly: positionSide === "both",
      isPostOnly: false,
      cause: "asked",
    };
    return [{ type: "place", facts, reason: "its engine is stopped" }];
  }

  /** A proposal's order has the same id whenever it is made; a second try needs another one. */
  #idOf({ engine, fixed }: CloseShareEvent): string {
    const { config, orders } = this.#state;
    if (fixed !== undefined) {
      const parts = {
        desk: config.desk,
        engineTag: engineTag(engine),
        role: "close",
        cause: "asked",
        rung: 0,
        slice: RETIRED_SLICE,
      } as const;
      const named = writeClientId({ ...parts, ...fixed, nonce: FIXED_NONCE });
      if (orders.get(named) === undefined) return named;
    }
    return new EngineWindow(this.#state, engine).newId("close", 0, RETIRED_SLICE, "asked");
  }
}

const keyOf = (engine: EngineId, instrument: InstrumentId, positionSide: PositionSide): string =>
  `${engine}/${instrument}/${positionSide}`;

const cancels = (orders: readonly OrderRecord[]): readonly Intent[] =>
  orders
    .filter(({ state }) => state === "resting")
    .map(
      ({ facts }) => ({ type: "cancel", clientId: facts.clientId, reason: "its engine is stopped" }) as const,
    );
