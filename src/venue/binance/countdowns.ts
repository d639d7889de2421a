import type { AccountId, InstrumentId } from "../../core/instrument.ts";
import type { Exchange } from "../exchange.ts";
import type { WallClock } from "../web/wall.ts";

/**
 * Cancels a symbol's orders unless their owner keeps saying that he is there. The countdown runs on the wall clock, as
 * heartbeats do at any speed of the market; when it ends, the exchange cancels at its next step.
 */
export class Countdowns {
  readonly #exchange: Exchange;
  readonly #wall: WallClock;
  readonly #timers = new Map<string, unknown>();

  constructor(exchange: Exchange, wall: WallClock) {
    this.#exchange = exchange;
    this.#wall = wall;
  }

  /** Starts a countdown in place of the one that runs; zero milliseconds stop it. */
  set(account: AccountId, instrument: InstrumentId, delayMs: number): void {
    const name = `${account} ${instrument}`;
    this.#wall.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    this.#exchange.countdownCancelAll(account, instrument, undefined);
    if (delayMs === 0) return;
    const end = (): void => {
      this.#timers.delete(name);
      this.#exchange.countdownCancelAll(account, instrument, this.#exchange.now());
    };
    this.#timers.set(name, this.#wall.setTimeout(end, delayMs));
  }

  /** Stops all of them. */
  close(): void {
    for (const timer of this.#timers.values()) this.#wall.clearTimeout(timer);
    this.#timers.clear();
  }
}
