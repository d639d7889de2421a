import type { Book } from "../../core/book.ts";
import type { CloseShareEvent } from "../../core/event.ts";
import type { EngineId } from "../../core/order.ts";
import { type Lots, lots } from "../../core/units.ts";
import type { DecisionHands } from "./decisions.ts";
import { fixedIdOf } from "./proposals.ts";
import type { KernelState } from "./state.ts";

const RETRY_MS = 500;
/** A panic that takes longer than this (wall) is said to be unfinished; it goes on all the same. */
const LATE_MS = 30_000;

/** Asks an engine to give up lots; a proposal's orders carry ids that are the same after a restart. */
export function closeShare(
  state: KernelState,
  book: Book,
  engine: EngineId,
  size: Lots,
  proposal: string | undefined,
  by: string,
): CloseShareEvent {
  const { at, wallAt } = state;
  const { instrument, positionSide } = book;
  const fixed = proposal === undefined ? undefined : fixedIdOf(proposal);
  return { type: "closeShare", at, wallAt, engine, instrument, positionSide, lots: size, fixed, by };
}

/** Closing all that the engines hold, and only that, until it is gone and nothing of theirs rests. */
export class Panic {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "effect" | "toEngine">;
  #running: { readonly sinceWallAt: number; triedWallAt: number; isTold: boolean } | undefined;

  constructor(state: KernelState, hands: Pick<DecisionHands, "effect" | "toEngine">) {
    this.#state = state;
    this.#hands = hands;
  }

  /** Begins; entries were paused before. */
  start(): void {
    this.#running = { sinceWallAt: this.#state.wallAt, triedWallAt: 0, isTold: false };
    this.#close(this.#running);
  }

  /** A person resumed: what is held now is meant to be. */
  end(): void {
    this.#running = undefined;
  }

  /** After every turn: is it done, or late? */
  progress(): void {
    const state = this.#state;
    const panic = this.#running;
    if (panic === undefined) return;
    const isHeld = this.#close(panic);
    const isResting = state.liveOrders().some((order) => order.facts.engine !== "foreign");
    const isDone = !isHeld && !isResting;
    const isLate = !panic.isTold && state.wallAt - panic.sinceWallAt > LATE_MS;
    if (!isDone && !isLate) return;
    panic.isTold = true;
    if (isDone) this.#running = undefined;
    this.#hands.effect({
      type: "alert",
      key: "panic",
      level: isDone ? "high" : "critical",
      title: isDone ? "Panic is done: the engines hold nothing" : "Panic did not finish in 30 s",
      lines: [
        isDone
          ? "All entries, take profits and stops are gone."
          : "Something is still held or rests: look at /positions and /orders.",
        "Foreign positions were not touched. /resume starts entries again.",
      ],
    });
  }

  /** Whether the engines hold anything; it is closed, again and again: an entry may fill while its cancel travels. */
  #close(panic: { triedWallAt: number }): boolean {
    const { account, wallAt } = this.#state;
    const isDue = wallAt - panic.triedWallAt >= RETRY_MS;
    if (isDue) panic.triedWallAt = wallAt;
    let isHeld = false;
    for (const book of account.books.values()) {
      for (const [engine, share] of book.shares) {
        if (share.lots === 0) continue;
        isHeld = true;
        if (isDue)
          this.#hands.toEngine(
            engine,
            closeShare(this.#state, book, engine, lots(Math.abs(share.lots)), undefined, "panic"),
          );
      }
    }
    return isHeld;
  }
}
