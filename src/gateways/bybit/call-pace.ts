import { NoBudgetError } from "../exchange-client.ts";
import type { Urgency } from "../weight-budget.ts";

const SECOND_MS = 1_000;
/** Parts of an endpoint's limit that entries and readings may use; the rest is for closes. */
const SHARES: Readonly<Record<Urgency, number>> = { close: 1, entry: 0.6, read: 0.7 };
/** Requests a second for one account. @see Bybit v5 "Rate Limit", defaults without a VIP level */
const PER_SECOND: Readonly<Record<string, number>> = {
  "POST /v5/order/create": 10,
  "POST /v5/order/cancel": 10,
  "POST /v5/position/set-leverage": 10,
  "POST /v5/position/add-margin": 10,
  "POST /v5/account/set-margin-mode": 5,
  "GET /v5/order/realtime": 50,
  "GET /v5/order/history": 50,
  "GET /v5/execution/list": 50,
  "GET /v5/position/list": 50,
  "GET /v5/account/wallet-balance": 50,
  "GET /v5/account/info": 50,
  "GET /v5/account/fee-rate": 10,
  "GET /v5/account/transaction-log": 30,
  "GET /v5/user/query-api": 10,
};
/** What is not listed is public and counted by address alone. */
const PUBLIC_PER_SECOND = 50;

/** Counts our own calls by endpoint in a rolling second, so that a burst of entries never makes a close wait. */
export class CallPace {
  readonly #now: () => number;
  readonly #calls = new Map<string, number[]>();

  /** `now` is a clock that never jumps, in milliseconds: after a step back of the wall's nothing would leave until it caught up. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds until a call fits into its share of a second; 0 when it does now. */
  waitMs(name: string, urgency: Urgency): number {
    const calls = this.#recent(name);
    const isFull = calls.length >= limitOf(name) * SHARES[urgency];
    return isFull ? Math.max(1, (calls[0] ?? 0) + SECOND_MS - this.#now()) : 0;
  }

  /** Counts a call. Throws `NoBudgetError` when its share of this second is used; nothing must be sent then. */
  spend(name: string, urgency: Urgency): void {
    const calls = this.#recent(name);
    const limit = limitOf(name);
    if (this.waitMs(name, urgency) > 0) {
      throw new NoBudgetError(
        `${calls.length} of ${limit} calls to ${name} in this second are used; the rest is for closes`,
      );
    }
    calls.push(this.#now());
  }

  #recent(name: string): number[] {
    const calls = this.#calls.get(name) ?? [];
    this.#calls.set(name, calls);
    const now = this.#now();
    while (calls[0] !== undefined && calls[0] <= now - SECOND_MS) calls.shift();
    return calls;
  }
}

const limitOf = (name: string): number => PER_SECOND[name] ?? PUBLIC_PER_SECOND;
