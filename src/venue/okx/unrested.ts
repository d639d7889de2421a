import type { AccountId } from "../../core/instrument.ts";
import { lots, type Millis, value } from "../../core/units.ts";
import type { OrderRequest, RejectReason, VenueOrder } from "../exchange.ts";

/** Ids of their own, far from those of the exchange. */
const FIRST_ID = 9_000_000_000_000;
/** OKX shows cancelled orders without a fill for two hours. */
const KEPT_MS = 2 * 3_600_000;

/** What an order wanted that it could not have; OKX finds out only after it accepted the order. */
const CAUSES: Partial<Record<RejectReason, string>> = {
  wouldTakePostOnly: "31",
  cannotFillFillOrKill: "13",
  noLiquidity: "14",
};

/** An order that never rested, and OKX's number for why. */
interface UnrestedOrder extends VenueOrder {
  readonly cancelSource: string;
}

/**
 * Orders that OKX accepts and then cancels at once, where the exchange itself refuses: post-only ones that would take,
 * fill-or-kill ones that can't be filled, market orders without a counterpart.
 */
export class Unrested {
  readonly #orders: UnrestedOrder[] = [];
  readonly #onEnd: (order: VenueOrder) => void;
  #lastId = FIRST_ID;

  /** `onEnd` hears of each, accepted and ended in one. */
  constructor(onEnd: (order: VenueOrder) => void) {
    this.#onEnd = onEnd;
  }

  /** Notes such an order; undefined when the reason is one for which OKX refuses at once. */
  add(
    account: AccountId,
    request: OrderRequest,
    reason: RejectReason,
    at: Millis,
  ): UnrestedOrder | undefined {
    const cancelSource = CAUSES[reason];
    if (cancelSource === undefined) return undefined;
    const stale = this.#orders.findIndex(({ updatedAt }) => updatedAt > at - KEPT_MS);
    this.#orders.splice(0, stale < 0 ? this.#orders.length : stale);
    this.#lastId += 1;
    const order: UnrestedOrder = {
      orderId: this.#lastId,
      clientId: request.clientId,
      account,
      request,
      status: "expired",
      filled: lots(0),
      cost: value(0),
      createdAt: at,
      updatedAt: at,
      origin: "client",
      cancelSource,
    };
    this.#orders.push(order);
    this.#onEnd(order);
    return order;
  }

  /** An account's, oldest first. */
  of(account: AccountId, instrument: string): readonly UnrestedOrder[] {
    return this.#orders.filter((each) => each.account === account && each.request.instrument === instrument);
  }

  /** OKX's number for why an order ended that never rested; undefined for any other order. */
  causeOf(orderId: number): string | undefined {
    return this.#orders.find((each) => each.orderId === orderId)?.cancelSource;
  }
}
