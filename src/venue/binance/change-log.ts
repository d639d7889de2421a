import type { AccountId, InstrumentId } from "../../core/instrument.ts";
import type { Lots, Millis, Ticks, Value } from "../../core/units.ts";
import type { PositionSide } from "../exchange.ts";

/** A change of a resting order by its owner. */
export interface Amendment {
  readonly id: number;
  readonly at: Millis;
  readonly instrument: InstrumentId;
  readonly orderId: number;
  readonly clientId: string;
  readonly price: { readonly before: Ticks; readonly after: Ticks };
  readonly lots: { readonly before: Lots; readonly after: Lots };
  /** How often this order was amended, this time included. */
  readonly count: number;
  /** The number that the client gave the change, if any. */
  readonly modifyId: number | undefined;
}

/** Isolated margin that an owner added (above zero) or took out. */
export interface MarginChange {
  readonly at: Millis;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly amount: Value;
}

interface Changes {
  readonly amendments: Amendment[];
  readonly margins: MarginChange[];
}

/** What owners changed through this protocol, as its history calls show it. Kept for the life of the venue. */
export class ChangeLog {
  readonly #accounts = new Map<AccountId, Changes>();
  #lastId = 0;

  /** Writes down an amendment; its id and count are made here. */
  amended(account: AccountId, amendment: Omit<Amendment, "id" | "count">): void {
    const { amendments } = this.#of(account);
    this.#lastId += 1;
    const before = amendments.filter((each) => each.orderId === amendment.orderId).length;
    amendments.push({ ...amendment, id: this.#lastId, count: before + 1 });
  }

  /** Writes down a change of isolated margin. */
  marginChanged(account: AccountId, change: MarginChange): void {
    this.#of(account).margins.push(change);
  }

  /** Oldest first. */
  amendments(account: AccountId): readonly Amendment[] {
    return this.#of(account).amendments;
  }

  /** Oldest first. */
  marginChanges(account: AccountId): readonly MarginChange[] {
    return this.#of(account).margins;
  }

  #of(account: AccountId): Changes {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const fresh: Changes = { amendments: [], margins: [] };
    this.#accounts.set(account, fresh);
    return fresh;
  }
}
