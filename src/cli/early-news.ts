import type { DeskEvent } from "../core/event.ts";
import type { InstrumentId } from "../core/instrument.ts";
import type { InstrumentChangedEvent } from "../core/market-event.ts";

/**
 * What streams say before there is a desk to tell it to, and would not say again: how the account's stream stands, and
 * which instruments are not traded as they should be. All else is in the first reading of the account, or comes anew.
 */
export class EarlyNews {
  #last: DeskEvent | undefined;
  readonly #instruments = new Map<InstrumentId, InstrumentChangedEvent>();

  /** The last break or return of the account's stream, unless it never broke, and the last word on each instrument. */
  get kept(): readonly DeskEvent[] {
    return [...this.#instruments.values(), ...(this.#last === undefined ? [] : [this.#last])];
  }

  account(event: DeskEvent): void {
    if (event.type === "gap" || event.type === "resynced") this.#last = event;
  }

  market(event: DeskEvent): void {
    if (event.type === "instrumentChanged") this.#instruments.set(event.instrument, event);
  }
}
