import { type Millis, millis } from "../core/units.ts";

/** How urgent a call is: closes and cancels may use all of the budget, reading and entries leave a reserve. */
export type Urgency = "close" | "entry" | "read";

/** The exchange's limit of request weight per minute, and our share of it. */
export interface WeightLimits {
  readonly perMinute: number;
  /** Parts of the limit that entries and readings may use. */
  readonly entryShare: number;
  readonly readShare: number;
}

/** Binance USDT-M: 2,400 a minute (exchangeInfo.rateLimits); a fifth is kept for closes. */
export const BINANCE_WEIGHTS: WeightLimits = { perMinute: 2_400, entryShare: 0.8, readShare: 0.7 };

const MINUTE_MS = 60_000;

/** The shorter of Binance's two windows in which it counts orders. */
const ORDER_WINDOW_MS = 10_000;

/** Counts request weight as the exchange reports it and keeps a reserve for closes. */
export class WeightBudget {
  readonly #limits: WeightLimits;
  readonly #now: () => number;
  #used = 0;
  #minute = 0;
  #bannedUntil = 0;
  #entriesFrom = 0;

  constructor(limits: WeightLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Milliseconds until the exchange answers again; 0 when it does. */
  get waitMs(): number {
    return Math.max(0, this.#bannedUntil - this.#now());
  }

  /** What a refusal for asking too much adds, so that the desk knows how long nothing gets through. */
  get standstill(): { readonly waitMs?: Millis } {
    return this.waitMs > 0 ? { waitMs: millis(Math.ceil(this.waitMs)) } : {};
  }

  /** Weight used in this minute, as far as we know. */
  get used(): number {
    this.#roll();
    return this.#used;
  }

  /** Whether a call may go out now. During a ban nothing may: more calls make it longer. */
  may(urgency: Urgency): boolean {
    if (this.waitMs > 0) return false;
    if (urgency === "entry" && this.#now() < this.#entriesFrom) return false;
    this.#roll();
    const share =
      urgency === "close" ? 1 : urgency === "entry" ? this.#limits.entryShare : this.#limits.readShare;
    return this.#used < this.#limits.perMinute * share;
  }

  /** Milliseconds for which what is long should wait: half of this minute's weight is used, and the rest is for what is urgent. */
  get restMs(): number {
    if (this.waitMs > 0 || this.used < this.#limits.perMinute / 2) return 0;
    return MINUTE_MS - (this.#now() % MINUTE_MS);
  }

  /** Why a call may not go out, for people and logs. */
  why(urgency: Urgency): string {
    if (this.waitMs > 0) return `the exchange wants no requests for another ${Math.ceil(this.waitMs)} ms`;
    if (urgency === "entry" && this.#now() < this.#entriesFrom)
      return "the exchange wants no more orders just now";
    return `${this.used} of ${this.#limits.perMinute} request weight of this minute is used; the rest is for closes`;
  }

  /** Takes the exchange's own count from an answer's headers. */
  told(used: number): void {
    this.#roll();
    this.#used = Math.max(this.#used, used);
  }

  /** The exchange said 429 or 418. */
  banned(retryAfterSeconds: number | undefined): void {
    this.#bannedUntil = Math.max(this.#bannedUntil, this.#now() + (retryAfterSeconds ?? 60) * 1000);
  }

  /** The exchange takes no more orders in this window (-1015). It is no ban: cancels and readings go on. */
  ordersRefused(): void {
    this.#entriesFrom = this.#now() + ORDER_WINDOW_MS;
  }

  #roll(): void {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#used = 0;
  }
}
