import type { ClientId } from "../../src/core/ids.ts";
import { FIXED_NONCE } from "../../src/core/ids.ts";

/** recvWindow and a margin: until then a request of a desk that is gone may still be accepted. */
const LATE_MS = 5_000;

interface Life {
  readonly from: number;
  to: number;
}

/** When each life of the desk ran, by its nonce: which orders could know of which. */
export class Lives {
  readonly #lives = new Map<string, Life>();
  #listCutAt = Number.NEGATIVE_INFINITY;

  begin(nonce: string, now: number): void {
    this.#lives.set(nonce, { from: now, to: Number.POSITIVE_INFINITY });
  }

  end(nonce: string, now: number): void {
    const life = this.#lives.get(nonce);
    if (life !== undefined) life.to = Math.min(life.to, now);
  }

  /** A list came back that did not tell all. */
  listCut(now: number): void {
    this.#listCutAt = now;
  }

  /** An order of a life that was over before another one began, whose lists have been cut short since: it may be hidden. */
  mayBeHidden(order: ClientId, from: ClientId): boolean {
    const [earlier, later] = [this.#lives.get(order.nonce), this.#lives.get(from.nonce)];
    if (earlier === undefined || later === undefined) return false;
    return earlier.to <= later.from && this.#listCutAt >= later.from;
  }

  /** An order with the desk's prefix that no desk of ours sent. */
  isStranger({ nonce }: ClientId): boolean {
    return nonce !== FIXED_NONCE && !this.#lives.has(nonce);
  }

  /** Two desks ran side by side. */
  overlap(one: ClientId, other: ClientId): boolean {
    const [a, b] = [this.#lives.get(one.nonce), this.#lives.get(other.nonce)];
    if (a === undefined || b === undefined || a === b) return false;
    return a.from < b.to && b.from < a.to;
  }

  /** Orders of two lives of which the earlier one is only just gone: its requests may still be on their way. */
  isSuccession(one: ClientId, other: ClientId, now: number): boolean {
    const [a, b] = [this.#lives.get(one.nonce), this.#lives.get(other.nonce)];
    if (a === undefined || b === undefined || a === b) return false;
    return now - Math.min(a.to, b.to) < LATE_MS;
  }
}
