import type { InstrumentId } from "../../core/instrument.ts";
import type { PositionSide } from "../../core/order.ts";

/** One thing a book, found many times a turn: without making a key of two names each time. */
export class ByBook<T> {
  readonly #found = new Map<InstrumentId, { readonly [Side in PositionSide]: T | undefined }>();

  get(instrument: InstrumentId, positionSide: PositionSide): T | undefined {
    return this.#found.get(instrument)?.[positionSide];
  }

  set(instrument: InstrumentId, positionSide: PositionSide, thing: T): void {
    const of = this.#found.get(instrument) ?? { both: undefined, long: undefined, short: undefined };
    this.#found.set(instrument, { ...of, [positionSide]: thing });
  }
}
