import type { Clock, Outcome } from "../desk/ports.ts";
import { duration } from "./format.ts";
import { type ChatLog, faultText } from "./log.ts";
import { stepOfCode } from "./totp.ts";

/** So many wrong codes in a row take away all that adds risk, for so long. */
const WRONG_MOST = 5;
const LOCK_MS = 3_600_000;

/** What a ledger knows of somebody's codes, oldest first. */
export type CodeFact =
  | { readonly type: "used"; readonly person: string; readonly step: number }
  | { readonly type: "wrong"; readonly person: string; readonly wallAt: number };

/** Keeps over a restart which codes were given. The codes themselves are nowhere in it. */
export interface CodeMemory {
  load(): Promise<readonly CodeFact[]>;
  /** Resolves when it is on disk: a code counts only then. */
  save(fact: CodeFact, purpose: string): Promise<void>;
}

/** What the codes stand on. */
export interface CodesParts {
  /** A person's secret as it stands on this machine now; undefined: no authenticator is set up. Throws when it can't be read. */
  readonly secretOf: (person: string) => string | undefined;
  readonly memory: CodeMemory | undefined;
  readonly clock: Clock;
  readonly log: ChatLog;
  /** Somebody gave too many wrong codes. */
  readonly onLocked: (person: string) => void;
}

interface Count {
  /** In a row. */
  wrong: number;
  /** The last step that was used: none up to it works again. */
  step: number;
  /** Until then, on the clock that never jumps. */
  lockedUntil: number;
}

/**
 * One-time codes of people's authenticators (RFC 6238). A step works once, also over a restart and when the clock is set back. Five
 * wrong codes in a row lock what adds risk for an hour, which no change of the wall's clock shortens.
 */
export class Codes {
  readonly #parts: CodesParts;
  readonly #counts = new Map<string, Count>();

  constructor(parts: CodesParts) {
    this.#parts = parts;
  }

  /** What was given before a restart. */
  async restore(): Promise<void> {
    const now = this.#parts.clock.now();
    for (const fact of (await this.#parts.memory?.load()) ?? []) {
      const count = this.#countOf(fact.person);
      if (fact.type === "used") {
        count.wrong = 0;
        count.step = Math.max(count.step, fact.step);
        continue;
      }
      count.wrong += 1;
      if (count.wrong < WRONG_MOST) continue;
      count.wrong = 0;
      // A clock that was set back meanwhile makes nobody wait for longer than the hour.
      const left = Math.min(LOCK_MS, fact.wallAt + LOCK_MS - now);
      count.lockedUntil = this.#parts.clock.monotonic() + left;
    }
  }

  /** Whether this person has an authenticator. */
  isEnrolled(person: string): boolean {
    return this.#secretOf(person) !== undefined;
  }

  /** Why nothing that adds risk is done for this person just now; undefined: no wrong codes stand in the way. */
  lockOf(person: string): string | undefined {
    const left =
      (this.#counts.get(person)?.lockedUntil ?? Number.NEGATIVE_INFINITY) - this.#parts.clock.monotonic();
    return left <= 0
      ? undefined
      : `After ${WRONG_MOST} wrong codes ${person} does nothing that adds risk for ${duration(left)}. Nothing was done.`;
  }

  /** Takes a code: works once, and only when that is on disk. */
  async check(person: string, code: string, purpose: string): Promise<Outcome> {
    const locked = this.lockOf(person);
    if (locked !== undefined) return no(locked);
    const digits = code.replaceAll(/\s/g, "");
    if (!/^\d{6}$/.test(digits))
      return no("A code is six digits, as the authenticator shows them. Nothing was done.");
    const secret = this.#secretOf(person);
    if (secret === undefined) return no(notEnrolled(person));
    const count = this.#countOf(person);
    const now = this.#parts.clock.now();
    const step = stepOfCode(secret, digits, now);
    if (step === undefined) return await this.#wrong(person, count, now, purpose);
    if (step <= count.step) return no("This code was used already: wait for the next one. Nothing was done.");
    // From here on nobody else gets in with it, whatever the disk says.
    count.step = step;
    count.wrong = 0;
    try {
      await this.#parts.memory?.save({ type: "used", person, step }, purpose);
    } catch (fault) {
      this.#parts.log("error", `a code of ${person} was not written to the ledger: ${faultText(fault)}`);
      return no("The ledger can't be written, so the code does not count. Nothing was done.");
    }
    return { isOk: true, text: "The code is right." };
  }

  async #wrong(person: string, count: Count, wallAt: number, purpose: string): Promise<Outcome> {
    const { memory, log, clock, onLocked } = this.#parts;
    count.wrong += 1;
    const tries = WRONG_MOST - count.wrong;
    if (tries <= 0) {
      count.wrong = 0;
      count.lockedUntil = clock.monotonic() + LOCK_MS;
      onLocked(person);
    }
    log("warn", `a wrong code of ${person}`);
    await memory?.save({ type: "wrong", person, wallAt }, purpose).catch((fault: unknown) => {
      log("error", `a wrong code of ${person} was not written to the ledger: ${faultText(fault)}`);
    });
    return no(
      tries > 0
        ? `This code is wrong; after ${tries} more nothing that adds risk is done for an hour. Nothing was done.`
        : `This code is wrong. ${this.lockOf(person) ?? ""}`,
    );
  }

  #secretOf(person: string): string | undefined {
    try {
      return this.#parts.secretOf(person);
    } catch (fault) {
      this.#parts.log("error", `the secret of ${person} can't be read: ${faultText(fault)}`);
      return undefined;
    }
  }

  #countOf(person: string): Count {
    const known = this.#counts.get(person);
    if (known !== undefined) return known;
    const count: Count = { wrong: 0, step: -1, lockedUntil: Number.NEGATIVE_INFINITY };
    this.#counts.set(person, count);
    return count;
  }
}

const no = (text: string): Outcome => ({ isOk: false, text });

const notEnrolled = (person: string): string =>
  `No authenticator is set up for ${person}: run "perpdesk totp ${person}" on the machine. Nothing was done.`;
