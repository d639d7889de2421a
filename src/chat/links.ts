import { createHash, randomInt } from "node:crypto";
import type { Clock } from "../desk/ports.ts";
import { isLinkCode, LINK_LETTERS, LINK_MS } from "./link-code.ts";

/** Wrong tries, by whomever, after which the codes that are out hold no more. */
const TRIES_MOST = 20;

interface Open {
  readonly person: string;
  /** Whichever clock says first that it is over. */
  readonly untilWall: number;
  readonly untilMonotonic: number;
}

/** Codes with which a person's further account says whose it is. Each works once; they are gone with the process. */
export class Links {
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();
  #wrong = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A code for this person; the one before holds no more. */
  make(person: string): string {
    for (const [hash, open] of this.#open) if (open.person === person) this.#open.delete(hash);
    const code = freshCode();
    this.#open.set(hashOf(code), {
      person,
      untilWall: this.#clock.now() + LINK_MS,
      untilMonotonic: this.#clock.monotonic() + LINK_MS,
    });
    return code;
  }

  /** Uses a code up: whose it is. Undefined: it is none, or no more. */
  take(text: string): string | undefined {
    const code = text.trim().toUpperCase();
    const hash = hashOf(code);
    const open = isLinkCode(code) ? this.#open.get(hash) : undefined;
    this.#open.delete(hash);
    if (
      open !== undefined &&
      this.#clock.now() < open.untilWall &&
      this.#clock.monotonic() < open.untilMonotonic
    ) {
      this.#wrong = 0;
      return open.person;
    }
    this.#wrong += 1;
    if (this.#wrong >= TRIES_MOST) {
      this.#wrong = 0;
      this.#open.clear();
    }
    return undefined;
  }
}

/** Twelve letters drawn at random, as K3F7-9Q2M-X4TA. */
export function freshCode(): string {
  const letters = Array.from({ length: 12 }, () => LINK_LETTERS[randomInt(LINK_LETTERS.length)]).join("");
  return letters.replaceAll(/(.{4})(?=.)/g, "$1-");
}

const hashOf = (code: string): string => createHash("sha256").update(code).digest("hex");
