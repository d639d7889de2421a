import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../desk/ports.ts";
import { LINK_MS } from "../link-code.ts";
import { freshCode } from "../links.ts";

/** Wrong words, by whomever, after which a code holds no more. */
const TRIES_MOST = 20;

/** A word that is shown at the terminal and proves in the chat who sits there. Works once, for ten minutes by either clock. */
export class OneTimeCode {
  readonly text = freshCode();
  readonly #clock: Clock;
  readonly #untilWall: number;
  readonly #untilMonotonic: number;
  #isUsed = false;
  #wrong = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#untilWall = clock.now() + LINK_MS;
    this.#untilMonotonic = clock.monotonic() + LINK_MS;
  }

  /** Whether nobody can use it any more. */
  get isOver(): boolean {
    const isLate = this.#clock.now() >= this.#untilWall || this.#clock.monotonic() >= this.#untilMonotonic;
    return this.#isUsed || isLate || this.#wrong >= TRIES_MOST;
  }

  /** Uses it up: true when this is it. Compared in the same time, whatever was sent. */
  take(text: string): boolean {
    const isIt = timingSafeEqual(hashOf(text.trim().toUpperCase()), hashOf(this.text));
    if (this.isOver) return false;
    if (isIt) this.#isUsed = true;
    else this.#wrong += 1;
    return isIt;
  }
}

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
