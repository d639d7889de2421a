/** How often a key may call, and an address altogether. */
export interface Limits {
  /** Multiplies every endpoint's own limit per second. */
  readonly factor: number;
  /** Requests of one address in five seconds; beyond it everything is answered 403 for a while. */
  readonly perFiveSeconds: number;
  readonly banMs: number;
}

/** Bybit's: 600 requests in five seconds for an address, ten minutes of 403. @see Bybit v5 "Rate Limit Rules" */
export const LIMITS: Limits = { factor: 1, perFiveSeconds: 600, banMs: 600_000 };

/** What the limit headers of an answer say. */
export interface Standing {
  readonly limit: number;
  readonly left: number;
  readonly resetAt: number;
}

/** Counts calls in rolling seconds for each key and endpoint, and in five seconds for each address. Wall time. */
export class Meter {
  readonly #limits: Limits;
  readonly #calls = new Map<string, number[]>();
  readonly #addresses = new Map<string, number[]>();
  readonly #bannedUntil = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Whether an address is shut out; counts the request that asks. */
  isBanned(address: string, now: number): boolean {
    if ((this.#bannedUntil.get(address) ?? 0) > now) return true;
    if (rolling(this.#addresses, address, now, 5_000) <= this.#limits.perFiveSeconds) return false;
    this.#bannedUntil.set(address, now + this.#limits.banMs);
    return true;
  }

  /** Counts a call; `left` below zero means too many. */
  spend(key: string, name: string, perSecond: number, now: number): Standing {
    const limit = perSecond * this.#limits.factor;
    const used = rolling(this.#calls, `${key} ${name}`, now, 1_000);
    return { limit, left: limit - used, resetAt: used > limit ? now + 1_000 : now };
  }
}

/** Adds a moment and tells how many lie within the window. */
function rolling(of: Map<string, number[]>, name: string, now: number, windowMs: number): number {
  const moments = of.get(name) ?? [];
  of.set(name, moments);
  while (moments[0] !== undefined && moments[0] <= now - windowMs) moments.shift();
  moments.push(now);
  return moments.length;
}
