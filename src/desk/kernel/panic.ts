import type { Book } from "../../core/book.ts";
import type { CloseShareEvent } from "../../core/event.ts";
import type { AlertIntent } from "../../core/intent.ts";
import type { EngineId, OrderFacts } from "../../core/order.ts";
import { type Lots, lots } from "../../core/units.ts";
import type { DecisionHands } from "./decisions.ts";
import { fixedIdOf } from "./proposals.ts";
import type { KernelState } from "./state.ts";

const RETRY_MS = 500;
/** Closing everything takes no longer than this (wall), or is said to be unfinished; it goes on all the same. */
const LATE_MS = 30_000;

/** Closing all that the engines hold, under way. */
export interface Flattening {
  readonly sinceWallAt: number;
  triedWallAt: number;
  isTold: boolean;
  isDone: boolean;
  /** Foreign parts when it began: they are as they were when it ends, unless somebody else traded. */
  readonly foreign: string;
}

/** What closing everything has come to in this turn. */
export type Flatness = "done" | "late" | undefined;

/** What is said of a flattening that takes long. */
const LATE = {
  late: {
    title: "Flattening did not finish in 30 s",
    line: "Something is still held or rests: look at /positions and /orders. The desk keeps trying.",
  },
  done: {
    title: "Flattening is done: the engines hold nothing",
    line: "Entries stay paused until /resume.",
  },
  resumed: {
    title: "Flattening was ended by /resume",
    line: "What was still held goes on with its own exits.",
  },
};

/** Tells of a flattening that takes long, and how that ended. */
export const lateAlert = (what: keyof typeof LATE): AlertIntent => ({
  type: "alert",
  key: "flatten",
  level: what === "late" ? "critical" : "resolved",
  title: LATE[what].title,
  lines: [LATE[what].line],
});

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

/** It begins now. */
export const newFlattening = ({ wallAt, account }: KernelState): Flattening => ({
  sinceWallAt: wallAt,
  triedWallAt: 0,
  isTold: false,
  isDone: false,
  foreign: foreignParts(account.books.values()),
});

/** What is foreign in each book, as one text. */
export const foreignParts = (books: Iterable<Book>): string =>
  [...books].flatMap(({ key, foreign }) => (foreign.lots === 0 ? [] : [`${key} ${foreign.lots}`])).join(", ");

/**
 * One turn of closing all that the engines hold, and only that, until it is gone and nothing of theirs rests. It is asked for
 * again and again: an entry may fill while its cancel travels. `by`: who asked, for the trade log.
 */
export function flatten(
  state: KernelState,
  hands: Pick<DecisionHands, "toEngine">,
  running: Flattening,
  by: string,
): Flatness {
  const { account, wallAt } = state;
  const isDue = wallAt - running.triedWallAt >= RETRY_MS;
  if (isDue) running.triedWallAt = wallAt;
  for (const book of account.books.values()) {
    for (const [engine, share] of book.shares) {
      if (!isDue || share.lots === 0) continue;
      const size = lots(Math.abs(share.lots));
      hands.toEngine(engine, closeShare(state, book, engine, size, undefined, by));
    }
  }
  if (!isLeft(state)) return "done";
  return !running.isTold && wallAt - running.sinceWallAt > LATE_MS ? "late" : undefined;
}

/** Whether the engines hold anything, or an order of ours rests. */
export function isLeft(state: KernelState): boolean {
  const isHeld = [...state.account.books.values()].some(({ shares }) =>
    [...shares.values()].some(({ lots: held }) => held !== 0),
  );
  // What rests in an instrument that is not traded here any more nobody here can take back.
  const isOurs = ({ engine, instrument }: OrderFacts): boolean =>
    engine !== "foreign" && state.instrument(instrument) !== undefined;
  return isHeld || state.liveOrders().some(({ facts }) => isOurs(facts));
}

/** A person's panic button. */
export class Panic {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "effect" | "toEngine">;
  #running: Flattening | undefined;
  #isRecalled = false;

  constructor(state: KernelState, hands: Pick<DecisionHands, "effect" | "toEngine">) {
    this.#state = state;
    this.#hands = hands;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Begins; entries were paused before. */
  start(): void {
    this.#running = newFlattening(this.#state);
    flatten(this.#state, this.#hands, this.#running, "panic");
  }

  /** It was pressed in an earlier life, and nobody has resumed so far. */
  recall(): void {
    this.#isRecalled = true;
  }

  /** The account was read after a start: what an earlier life did not get done goes on. */
  booted(): void {
    if (!this.#isRecalled) return;
    this.#isRecalled = false;
    // Where nothing is left it was done, and people know.
    if (isLeft(this.#state)) this.start();
  }

  /** A person resumed: what is held now is meant to be. */
  end(): void {
    this.#running = undefined;
    this.#isRecalled = false;
  }

  /** After every turn: is it done, or late? */
  progress(): void {
    const panic = this.#running;
    if (panic === undefined) return;
    const found = flatten(this.#state, this.#hands, panic, "panic");
    if (found === undefined) return;
    const isDone = found === "done";
    panic.isTold = true;
    panic.isDone = isDone;
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
}
