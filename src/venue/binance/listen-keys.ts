import { randomBytes } from "node:crypto";
import type { AccountId } from "../../core/instrument.ts";
import type { WallClock } from "../web/wall.ts";

interface Held {
  readonly key: string;
  readonly account: AccountId;
  timer: unknown;
}

/**
 * The keys that open an account's private stream: one per account, alive for `lifeMs` of wall time after it was
 * asked for or kept alive, then reported expired and dead for good.
 */
export class ListenKeys {
  readonly #byAccount = new Map<AccountId, Held>();
  readonly #byKey = new Map<string, Held>();
  readonly #wall: WallClock;
  readonly #lifeMs: number;
  readonly #onExpired: (key: string, account: AccountId) => void;

  constructor(wall: WallClock, lifeMs: number, onExpired: (key: string, account: AccountId) => void) {
    this.#wall = wall;
    this.#lifeMs = lifeMs;
    this.#onExpired = onExpired;
  }

  /** The account's living key, with its life renewed, or a new one. */
  open(account: AccountId): string {
    const held = this.#byAccount.get(account) ?? this.#create(account);
    this.#renew(held);
    return held.key;
  }

  /** Renews the account's key; undefined when it has none that lives (-1125 on Binance). */
  keepAlive(account: AccountId): string | undefined {
    const held = this.#byAccount.get(account);
    if (held === undefined) return undefined;
    this.#renew(held);
    return held.key;
  }

  /** Ends the account's key without an expiry message; the key that ended, if there was one. */
  closeOf(account: AccountId): string | undefined {
    const held = this.#byAccount.get(account);
    if (held === undefined) return undefined;
    this.#forget(held);
    return held.key;
  }

  /** Whose stream a key opens; undefined for a dead or unknown one. */
  accountOf(key: string): AccountId | undefined {
    return this.#byKey.get(key)?.account;
  }

  /** The account's living key, without renewing it. */
  keyOf(account: AccountId): string | undefined {
    return this.#byAccount.get(account)?.key;
  }

  /** Lets every key expire now. */
  expireAll(): void {
    for (const held of [...this.#byKey.values()]) this.#expire(held);
  }

  /** Forgets every key and its timer, silently. */
  close(): void {
    for (const held of [...this.#byKey.values()]) this.#forget(held);
  }

  #create(account: AccountId): Held {
    const held: Held = { key: randomBytes(32).toString("hex"), account, timer: undefined };
    this.#byAccount.set(account, held);
    this.#byKey.set(held.key, held);
    return held;
  }

  #renew(held: Held): void {
    this.#wall.clearTimeout(held.timer);
    held.timer = this.#wall.setTimeout(() => this.#expire(held), this.#lifeMs);
  }

  #expire(held: Held): void {
    this.#forget(held);
    this.#onExpired(held.key, held.account);
  }

  #forget(held: Held): void {
    this.#wall.clearTimeout(held.timer);
    this.#byKey.delete(held.key);
    this.#byAccount.delete(held.account);
  }
}
