import type { EngineId } from "../../core/order.ts";
import type { Ticks } from "../../core/units.ts";

/** Which of an engine's prices a person may set while it runs. */
export type SettablePrice = "stop" | "pause";

/** What the ledger knows of engines beside pauses: the prices that people set, and who closed all by itself and waits. */
export class EngineFacts {
  readonly #prices = new Map<string, { readonly price: Ticks | undefined }>();
  /** Engines that closed all and wait for a person, with the reason. */
  readonly #halted = new Map<EngineId, string>();

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

  /** A person resumed one engine, or all. */
  resume(engine: EngineId | undefined): void {
    if (engine === undefined) this.#halted.clear();
    else this.#halted.delete(engine);
  }

  /** For the state hash. */
  canonical(): unknown {
    const prices = [...this.#prices].map(([key, { price }]) => [key, price ?? null]);
    return { prices: prices.sort(), halted: [...this.#halted].sort() };
  }
}
