import { explained } from "../core/book.ts";
import type { DeskEvent, TruthEvent } from "../core/event.ts";
import { type Millis, millis } from "../core/units.ts";
import type { DeskParts } from "./desk.ts";

/** Market time that every reading repeats of the one before. */
const OVERLAP_MS = 3_600_000;
/**
 * A reading that is under way for less than this (of a clock that never jumps) is waited for, whatever the kernel thinks of it: a long
 * history takes minutes of the exchange's request weight, and a second reading beside it would double that.
 */
const READING_MS = 15 * 60_000;

/** Reads the account for the desk and tells it what came of it; a reading that failed is told as a gap (I9). */
export class AccountReader {
  readonly #parts: DeskParts;
  readonly #emit: (event: DeskEvent) => void;
  readonly #instruments: readonly string[];
  #historyFrom: Millis;
  /** Since when a reading is under way. */
  #since: number | undefined;

  constructor(parts: DeskParts, emit: (event: DeskEvent) => void) {
    this.#parts = parts;
    this.#emit = emit;
    this.#instruments = parts.kernel.state.config.instruments.map(({ instrument }) => instrument.id);
    this.#historyFrom = parts.historyFrom;
  }

  /** The whole account with its history since the last reading. */
  truth(cause: TruthEvent["cause"]): void {
    const { gateway, kernel, clock, log } = this.#parts;
    const { account } = kernel.state.config;
    const askedAt = kernel.state.at;
    const since = clock.monotonic();
    if (this.#since !== undefined && since - this.#since < READING_MS) return;
    this.#since = since;
    gateway.account
      .truth(this.#instruments, this.#historyFrom)
      .finally(() => {
        this.#since = undefined;
      })
      .then(({ truth, config }) => {
        for (const event of config) this.#emit(event);
        const times = { at: kernel.state.at, wallAt: millis(Math.round(clock.now())) };
        const isBoot = !kernel.state.isBooted;
        this.#emit({ type: "truth", ...times, account, cause, truth });
        if (isBoot) {
          log.info("the account was read", {
            orders: truth.openOrders.length + truth.openConditionals.length,
            foreignOrders: [...kernel.state.orders.foreign()].length,
            fills: truth.fills.length,
          });
        }
        // What a reading covered need not be read again, but for what may have been on its way. Not so while the desk starts:
        // the readings confirm each other, and one after a list that was cut short must be able to bring the rest.
        if (kernel.state.interruptions.isSteady)
          this.#historyFrom = millis(Math.max(this.#historyFrom, askedAt - OVERLAP_MS));
      })
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn("the account could not be read", { error: reason });
        const times = { at: kernel.state.at, wallAt: millis(Math.round(clock.now())) };
        this.#emit({
          type: "gap",
          ...times,
          stream: "account",
          account,
          isReading: true,
          reason: "the account could not be read",
        });
      });
  }

  /** The risk figures of what is held, or may be by now; nothing is asked while nothing is held and no entry rests. */
  exposure(): void {
    const { gateway, kernel, log } = this.#parts;
    // Flat by the exchange's word and not by its executions: some of them was lost.
    const holds = [...kernel.state.account.books.values()].some(
      (book) => (book.told ?? 0) !== 0 || explained(book) !== 0,
    );
    // A resting entry may have filled in a silence of the stream: its position is what gives that away.
    const opens = kernel.state.liveOrders().some(({ facts }) => facts.role === "entry");
    if (!holds && !opens && kernel.state.account.exposures.size === 0) return;
    gateway.account
      .exposure()
      .then((event) => this.#emit(event))
      .catch((error: unknown) => log.warn("the risk figures could not be read", { error: String(error) }));
  }
}
