import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../desk/ports.ts";
import { LINK_MS } from "../link-code.ts";
import { freshCode } from "../links.ts";

/** Wrong words of one account after which it is not listened to any more: others can't use the code up. */
const TRIES_MOST = 20;
/** So many accounts are counted. */
const ACCOUNTS_MOST = 1_000;

/** A word that is shown at the terminal and proves in the chat who sits there. Works once, for ten minutes by either clock. */
export class OneTimeCode {
  readonly text = freshCode();
  readonly #clock: Clock;
  readonly #untilWall: number;
  readonly #untilMonotonic: number;
  #isUsed = false;
  readonly #wrong = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#untilWall = clock.now() + LINK_MS;
    this.#untilMonotonic = clock.monotonic() + LINK_MS;
  }

  /** Whether nobody can use it any more. */
  get isOver(): boolean {
    const isLate = this.#clock.now() >= this.#untilWall || this.#clock.monotonic() >= this.#untilMonotonic;
    return this.#isUsed || isLate;
  }

  /** An account uses it up: true when this is it. Compared in the same time, whatever was sent. */
  take(text: string, account: string): boolean {
    const isIt = timingSafeEqual(hashOf(text.trim().toUpperCase()), hashOf(this.text));
    const wrong = this.#wrong.get(account) ?? 0;
    if (this.isOver || wrong >= TRIES_MOST) return false;
    if (isIt) this.#isUsed = true;
    else if (wrong > 0 || this.#wrong.size < ACCOUNTS_MOST) this.#wrong.set(account, wrong + 1);
    return isIt;
  }
}

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
