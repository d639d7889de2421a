import type { EngineId } from "../../core/order.ts";
import type { Ticks, Value } from "../../core/units.ts";
import { AddedMargin } from "./added-margin.ts";

/** Which of an engine's prices a person may set while it runs. */
export type SettablePrice = "stop" | "pause";

/**
 * What the ledger knows of engines beside pauses: the prices that people set, the margin that they added, and who closed all by
 * itself and waits.
 */
export class EngineFacts {
  readonly margins = new AddedMargin();
  readonly #prices = new Map<string, { readonly price: Ticks | undefined }>();
  /** Engines that closed all and wait for a person, with the reason. */
  readonly #halted = new Map<EngineId, string>();

  readonly #forgiven = new Map<EngineId, { readonly before: Value; readonly loss: Value }>();

  /** A person set a price, or took it away. */
  setPrice(engine: EngineId, which: SettablePrice, price: Ticks | undefined): void {
    this.#prices.set(`${engine}/${which}`, { price });
  }

  /** What a person set; undefined: nothing, the engine's own setting counts. */
  price(engine: EngineId, which: SettablePrice): { readonly price: Ticks | undefined } | undefined {
    return this.#prices.get(`${engine}/${which}`);
  }

  halt(engine: EngineId, reason: string): void {
    this.#halted.set(engine, reason);
  }

  isHalted(engine: EngineId): boolean {
    return this.#halted.has(engine);
  }

  /** A person resumed one engine, or all; returns who had halted. */
  resume(engine: EngineId | undefined): readonly EngineId[] {
    const freed = [...this.#halted.keys()].filter((each) => engine === undefined || each === engine);
    for (const each of freed) this.#halted.delete(each);
    return freed;
  }

  /** A halted engine goes on: what its holding, which may be a rest too small to be closed, lost so far counts no more. */
  forgive(engine: EngineId, before: Value, loss: Value): void {
    this.#forgiven.set(engine, { before, loss });
  }

  forgiven(engine: EngineId): { readonly before: Value; readonly loss: Value } | undefined {
    return this.#forgiven.get(engine);
  }

  /** For the state hash. */
  canonical(): unknown {
    const prices = [...this.#prices].map(([key, { price }]) => [key, price ?? null]);
    const margins = this.margins.canonical();
    return {
      prices: prices.sort(),
      halted: [...this.#halted].sort(),
      forgiven: [...this.#forgiven].sort(),
      ...(margins === undefined ? {} : { margins }),
    };
  }
}
