import { type Book, explained, ownLots } from "../../core/book.ts";
import type { EngineId } from "../../core/order.ts";
import { type Lots, lots, type Rate, rate } from "../../core/units.ts";
import { liquidationDistance } from "../../risk/liquidation.ts";
import type { DecisionHands } from "./decisions.ts";
import { quoteInput } from "./guarding.ts";
import { closeShare } from "./panic.ts";
import { liquidationOf } from "./quote.ts";
import { deleverageAlert } from "./risk-alerts.ts";
import type { KernelState } from "./state.ts";

/** Wall time after which a quarter that was not confirmed by fills is asked for again. */
const RETRY_MS = 3_000;
/** A quarter that takes longer than this (wall) is said to be late; it goes on all the same. */
const LATE_MS = 30_000;
/** Wall time in which the exchange's own figures of the smaller position are waited for. */
const FIGURES_MS = 3_000;

/** One book's way back to a safe distance. */
export interface Course {
  /** A quarter of what each engine held at the beginning. */
  readonly quarters: ReadonlyMap<EngineId, Lots>;
  /** What each engine is to keep after the present quarter; empty between two. */
  keeps: ReadonlyMap<EngineId, number>;
  step: number;
  /** Wall times of the present quarter: when it began, when it was last asked for, when it was done. */
  sinceWallAt: number;
  askedWallAt: number;
  doneWallAt: number;
  isLateTold: boolean;
}

/**
 * In Emergency positions are made smaller by themselves (X11): in books whose liquidation is nearer than it may be after an
 * increase, a quarter of each engine's part at a time, confirmed by its fills before the next, until it is far enough again.
 * A foreign part is not touched. It waits for nobody.
 */
export class Deleverage {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "effect" | "toEngine">;
  /** A person closes in this book just now: what they asked for goes first. */
  readonly #isClosing: (book: Book) => boolean;

  constructor(
    state: KernelState,
    hands: Pick<DecisionHands, "effect" | "toEngine">,
    isClosing: (book: Book) => boolean,
  ) {
    this.#state = state;
    this.#hands = hands;
    this.#isClosing = isClosing;
  }

  /** The emergency is over, or has become worse than this: no further quarter. */
  end(): void {
    const { courses } = this.#state.risk;
    for (const key of courses.keys()) {
      const book = this.#state.account.books.get(key);
      if (book !== undefined) this.#tell(book, "over", undefined);
    }
    courses.clear();
  }

  /** After every turn in Emergency. */
  progress(): void {
    for (const book of this.#state.account.books.values()) {
      if (!this.#isClosing(book)) this.#look(book);
    }
  }

  #look(book: Book): void {
    const state = this.#state;
    const { courses } = state.risk;
    const course = courses.get(book.key);
    if (course !== undefined && this.#isUnderWay(book, course)) return;
    const distance = this.#distance(book);
    if (distance === undefined) return;
    if (distance >= state.risk.limits.buffer || !this.#isTradable(book)) {
      if (course === undefined) return;
      courses.delete(book.key);
      this.#tell(book, "done", distance);
      return;
    }
    this.#quarter(book, course ?? this.#begin(book), distance);
  }

  /** Whether a quarter still waits for its fills, or the exchange's figures after it are still on their way. */
  #isUnderWay(book: Book, course: Course): boolean {
    const { wallAt } = this.#state;
    if (course.keeps.size > 0) {
      const { least } = this.#state.instruments.sizes(book.instrument);
      // A rest that is finer than the exchange's smallest order can't be waited for.
      const isReached = [...course.keeps].every(([engine, keep]) => held(book, engine) - keep < least);
      if (!isReached) {
        if (wallAt - course.askedWallAt >= RETRY_MS) this.#ask(book, course);
        if (!course.isLateTold && wallAt - course.sinceWallAt > LATE_MS) {
          course.isLateTold = true;
          this.#tell(book, "late", undefined);
        }
        return true;
      }
      course.keeps = new Map();
      course.doneWallAt = wallAt;
    }
    const isTold = (this.#state.account.exposure(book)?.lots ?? 0) === explained(book);
    return course.doneWallAt > 0 && !isTold && wallAt - course.doneWallAt < FIGURES_MS;
  }

  #begin(book: Book): Course {
    const quarters = new Map<EngineId, Lots>();
    for (const [engine, { lots: size }] of book.shares)
      if (size !== 0) quarters.set(engine, lots(Math.ceil(Math.abs(size) / 4)));
    const never = { sinceWallAt: 0, askedWallAt: 0, doneWallAt: 0, isLateTold: false };
    const course: Course = { quarters, keeps: new Map(), step: 0, ...never };
    this.#state.risk.courses.set(book.key, course);
    return course;
  }

  #quarter(book: Book, course: Course, distance: Rate): void {
    const { least } = this.#state.instruments.sizes(book.instrument);
    const keeps = new Map<EngineId, number>();
    for (const engine of book.shares.keys()) {
      const size = held(book, engine);
      if (size === 0) continue;
      const keep = size - Math.max(least, course.quarters.get(engine) ?? Math.ceil(size / 4));
      keeps.set(engine, keep < least ? 0 : keep);
    }
    course.keeps = keeps;
    course.step += 1;
    course.sinceWallAt = this.#state.wallAt;
    course.isLateTold = false;
    this.#tell(book, "quarter", distance);
    this.#ask(book, course);
  }

  #ask(book: Book, course: Course): void {
    course.askedWallAt = this.#state.wallAt;
    for (const [engine, keep] of course.keeps) {
      const part = held(book, engine) - keep;
      if (part > 0)
        this.#hands.toEngine(engine, closeShare(this.#state, book, engine, lots(part), undefined, "risk"));
    }
  }

  /** How far the mark is from liquidation; undefined while it is not known: then nothing is sold for it. */
  #distance(book: Book): Rate | undefined {
    if (ownLots(book) === 0) return this.#state.risk.limits.buffer;
    const input = quoteInput(this.#state, book);
    const mark = input?.quotes.mark;
    if (input === undefined || mark === undefined) return undefined;
    const liquidation = liquidationOf(input);
    if (liquidation === "none") return this.#state.risk.limits.buffer;
    return liquidation === undefined ? undefined : rate(liquidationDistance(mark, liquidation));
  }

  #isTradable(book: Book): boolean {
    const { least } = this.#state.instruments.sizes(book.instrument);
    return [...book.shares.keys()].some((engine) => held(book, engine) >= least);
  }

  #tell(book: Book, what: "quarter" | "late" | "done" | "over", distance: Rate | undefined): void {
    const instrument = this.#state.instrument(book.instrument);
    const course = this.#state.risk.courses.get(book.key);
    if (instrument === undefined) return;
    this.#hands.effect(
      deleverageAlert(book, instrument, { what, distance, course, least: this.#state.risk.limits.buffer }),
    );
  }
}

const held = (book: Book, engine: EngineId): number => Math.abs(book.shares.get(engine)?.lots ?? 0);
