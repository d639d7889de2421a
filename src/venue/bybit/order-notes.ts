import type { AccountId, InstrumentId } from "../../core/instrument.ts";
import { type Lots, lots, signOf, type Value, value } from "../../core/units.ts";
import type { VenueTrade } from "../exchange.ts";

/** An order as Bybit's messages and lists show it. */
export type OrderRow = Readonly<Record<string, unknown>> & {
  readonly category: string;
  readonly symbol: string;
  readonly orderId: string;
  readonly orderLinkId: string;
  readonly createdTime: string;
};

/** What the executions of an order cost and brought. */
interface OrderTally {
  readonly fee: Value;
  readonly realized: Value;
}

/** A funding payment as it was told. */
export interface Funding {
  readonly floor: number;
  readonly at: number;
  readonly instrument: InstrumentId;
  readonly row: object;
}

/** Closed orders that Bybit's realtime list remembers at most. */
const REFUSED_KEPT = 500;

/**
 * What Bybit tells and the exchange does not keep: sums of fees by order, how much of an execution closed a position,
 * funding payments as executions, orders that matching refused, and which ids clients have used.
 */
export class OrderNotes {
  readonly #tallies = new Map<string, OrderTally>();
  readonly #held = new Map<string, number>();
  readonly #closed = new Map<string, Lots>();
  readonly #refused = new Map<AccountId, OrderRow[]>();
  readonly #fundings = new Map<AccountId, Funding[]>();
  readonly #links = new Map<AccountId, Set<string>>();
  #count = 0;

  /** Adds an execution to its order's sums and to its position. Every execution must pass here once, in order. */
  note(floor: number, trade: VenueTrade): void {
    const book = `${floor} ${trade.account} ${trade.instrument} ${trade.positionSide}`;
    const held = this.#held.get(book) ?? 0;
    const change = signOf(trade.side) * trade.lots;
    this.#held.set(book, held + change);
    const closes = held !== 0 && held > 0 !== change > 0;
    if (closes) {
      this.#closed.set(nameOf(floor, trade), lots(Math.min(Math.abs(held), trade.lots)));
    }
    const name = `${floor} ${trade.orderId}`;
    const before = this.tally(floor, trade.orderId);
    this.#tallies.set(name, {
      fee: value(before.fee + trade.fee),
      realized: value(before.realized + trade.realized),
    });
  }

  tally(floor: number, orderId: number): OrderTally {
    return this.#tallies.get(`${floor} ${orderId}`) ?? { fee: value(0), realized: value(0) };
  }

  /** How much of a position an execution closed. */
  closed(floor: number, trade: VenueTrade): Lots {
    return this.#closed.get(nameOf(floor, trade)) ?? lots(0);
  }

  /** Keeps a funding payment. */
  fund(account: AccountId, funding: Funding): void {
    const kept = this.#fundings.get(account) ?? [];
    this.#fundings.set(account, kept);
    kept.push(funding);
  }

  /** An account's funding payments, oldest first. */
  fundings(account: AccountId): readonly Funding[] {
    return this.#fundings.get(account) ?? [];
  }

  /** Takes a client's own id; false when the account has ever used it. */
  claim(account: AccountId, orderLinkId: string): boolean {
    const used = this.#links.get(account) ?? new Set();
    this.#links.set(account, used);
    if (used.has(orderLinkId)) return false;
    used.add(orderLinkId);
    return true;
  }

  /** Gives an id back: the order under it was refused. */
  release(account: AccountId, orderLinkId: string): void {
    this.#links.get(account)?.delete(orderLinkId);
  }

  /** A number for the next order that is accepted and then refused. */
  nextCount(): number {
    this.#count += 1;
    return this.#count;
  }

  /** Keeps an order that was accepted and then cancelled by the matching before it did anything. */
  refuse(account: AccountId, row: OrderRow): void {
    const rows = this.#refused.get(account) ?? [];
    this.#refused.set(account, rows);
    rows.push(row);
    if (rows.length > REFUSED_KEPT) rows.shift();
  }

  /** Such orders of an account, oldest first. */
  refused(account: AccountId): readonly OrderRow[] {
    return this.#refused.get(account) ?? [];
  }
}

const nameOf = (floor: number, { orderId, tradeId }: VenueTrade): string => `${floor} ${orderId} ${tradeId}`;
