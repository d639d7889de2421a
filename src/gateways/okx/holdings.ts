import type { ExposureOfBook } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { PositionSide } from "../../core/order.ts";
import { type Lots, lots, value } from "../../core/units.ts";
import { optionalText, type Payload, text } from "../binance/fields.ts";
import { heldLots } from "./translate.ts";
import { type Contract, member, POSITION_SIDES } from "./words.ts";

/** What one book holds. */
interface Held {
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  readonly lots: Lots;
}

/**
 * Books from the `positions` channel. OKX can hold a cross and an isolated position in one instrument at once; a book is
 * both of them, since that is what an order of ours and the account's owner together have.
 */
export class Holdings {
  readonly #byId = new Map<string, Held>();

  /** A row of the channel: what its book holds now. Undefined for an instrument that is not traded here. */
  take(row: Payload, contracts: ReadonlyMap<string, Contract>): Held | undefined {
    const contract = contracts.get(text(row, "instId"));
    if (contract === undefined) return undefined;
    const positionSide = member(POSITION_SIDES, row, "posSide");
    const instrument = contract.instrument.id;
    const id = optionalText(row, "posId") ?? `${instrument} ${positionSide} ${text(row, "mgnMode")}`;
    this.#byId.set(id, { instrument, positionSide, lots: heldLots(row, contract) });
    let sum = 0;
    for (const held of this.#byId.values()) {
      if (held.instrument === instrument && held.positionSide === positionSide) sum += held.lots;
    }
    return { instrument, positionSide, lots: lots(sum) };
  }

  /** After a gap: the channel begins with what is held, and says nothing of what is gone. */
  forget(): void {
    this.#byId.clear();
  }
}

/** Positions of one book in both margin modes as one; its liquidation price is then nobody's to say. */
export function joined(books: readonly ExposureOfBook[]): readonly ExposureOfBook[] {
  const found = new Map<string, ExposureOfBook>();
  for (const book of books) {
    const name = `${book.instrument} ${book.positionSide}`;
    const other = found.get(name);
    found.set(
      name,
      other === undefined || other.lots === 0 ? book : book.lots === 0 ? other : both(other, book),
    );
  }
  return [...found.values()];
}

function both(one: ExposureOfBook, other: ExposureOfBook): ExposureOfBook {
  const larger = Math.abs(one.lots) >= Math.abs(other.lots) ? one : other;
  return {
    ...larger,
    lots: lots(one.lots + other.lots),
    liquidation: undefined,
    isolatedWallet: value(one.isolatedWallet + other.isolatedWallet),
    maintenanceMargin: value(one.maintenanceMargin + other.maintenanceMargin),
  };
}
