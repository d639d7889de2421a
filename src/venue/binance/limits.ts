import { Refusal } from "./refusal.ts";

/** How much a client may ask. Windows lie on the wall clock. */
export interface Limits {
  /** Request weight per address and minute. */
  readonly weightPerMinute: number;
  /** Orders per account in ten seconds and in a minute. */
  readonly ordersPerTenSeconds: number;
  readonly ordersPerMinute: number;
  /** After so many 429s within one window the address is banned (418). */
  readonly warningsBeforeBan: number;
  /** Length of the first ban; each further one doubles it, up to three days. */
  readonly banMs: number;
}

/** Binance's published limits for a plain account. */
export const LIMITS: Limits = {
  weightPerMinute: 2_400,
  ordersPerTenSeconds: 300,
  ordersPerMinute: 1_200,
  warningsBeforeBan: 20,
  banMs: 120_000,
};

const MINUTE = 60_000;
const TEN_SECONDS = 10_000;
const BAN_LONGEST = 3 * 24 * 3_600_000;

interface Used {
  window: number;
  count: number;
}

interface Address {
  readonly weight: Used;
  warnings: number;
  bans: number;
  bannedUntil: number;
}

/** Counts request weight per address and orders per account, and says when enough is enough. */
export class Meter {
  readonly limits: Limits;
  readonly #addresses = new Map<string, Address>();
  readonly #orders = new Map<string, { readonly short: Used; readonly long: Used }>();

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Books `weight` for an address. 429 with Retry-After above the limit; 418 for one that didn't listen. */
  spend(address: string, weight: number, now: number): Refusal | undefined {
    const from = this.#address(address);
    if (now < from.bannedUntil) return banned(address, from.bannedUntil, now);
    if (roll(from.weight, MINUTE, now)) from.warnings = 0;
    from.weight.count += weight;
    if (from.weight.count <= this.limits.weightPerMinute) return undefined;
    from.warnings += 1;
    if (from.warnings > this.limits.warningsBeforeBan) {
      from.bannedUntil = now + Math.min(this.limits.banMs * 2 ** from.bans, BAN_LONGEST);
      from.bans += 1;
      return banned(address, from.bannedUntil, now);
    }
    return new Refusal(
      -1003,
      `Too many requests; current limit of IP(${address}) is ${this.limits.weightPerMinute} requests per minute. Please use the websocket for live updates to avoid polling the API.`,
      429,
      Math.ceil((MINUTE - (now % MINUTE)) / 1000),
    );
  }

  /** Books `orders` for an account; 429 with code -1015 above either limit (then none of them counts). */
  order(account: string, orders: number, now: number): Refusal | undefined {
    const { short, long } = this.#account(account);
    roll(short, TEN_SECONDS, now);
    roll(long, MINUTE, now);
    const { ordersPerTenSeconds, ordersPerMinute } = this.limits;
    if (short.count + orders > ordersPerTenSeconds) {
      return tooManyOrders(ordersPerTenSeconds, "10 SECOND");
    }
    if (long.count + orders > ordersPerMinute) return tooManyOrders(ordersPerMinute, "1 MINUTE");
    short.count += orders;
    long.count += orders;
    return undefined;
  }

  /** Weight that an address used in the current minute. */
  weightUsed(address: string, now: number): number {
    const { weight } = this.#address(address);
    roll(weight, MINUTE, now);
    return weight.count;
  }

  /** Orders that an account sent in the current ten seconds and minute. */
  ordersUsed(account: string, now: number): { readonly tenSeconds: number; readonly minute: number } {
    const { short, long } = this.#account(account);
    roll(short, TEN_SECONDS, now);
    roll(long, MINUTE, now);
    return { tenSeconds: short.count, minute: long.count };
  }

  #address(name: string): Address {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    const fresh = { weight: { window: 0, count: 0 }, warnings: 0, bans: 0, bannedUntil: 0 };
    this.#addresses.set(name, fresh);
    return fresh;
  }

  #account(name: string): { readonly short: Used; readonly long: Used } {
    const known = this.#orders.get(name);
    if (known !== undefined) return known;
    const fresh = { short: { window: 0, count: 0 }, long: { window: 0, count: 0 } };
    this.#orders.set(name, fresh);
    return fresh;
  }
}

/** Starts a new window when its time has come; true if it did. */
function roll(used: Used, length: number, now: number): boolean {
  const window = Math.floor(now / length);
  if (window === used.window) return false;
  used.window = window;
  used.count = 0;
  return true;
}

const banned = (address: string, until: number, now: number): Refusal =>
  new Refusal(
    -1003,
    `Way too many requests; IP(${address}) banned until ${until}. Please use the websocket for live updates to avoid bans.`,
    418,
    Math.ceil((until - now) / 1000),
  );

const tooManyOrders = (limit: number, interval: string): Refusal =>
  new Refusal(-1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`, 429);
