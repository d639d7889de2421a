import {
  type Instrument,
  type InstrumentId,
  type MarginBracket,
  unitOf,
  type VenueId,
} from "../core/instrument.ts";
import { exactCount, moneyOf, rateOf, type Step, stepOf, VALUE_STEP } from "../core/text.ts";
import { lots, ticks, value } from "../core/units.ts";

/** An instrument as an exchange's tables write it, in texts. */
export interface Sheet {
  readonly id: InstrumentId;
  readonly kind: "linear" | "inverse";
  readonly base: string;
  readonly tick: string;
  /** The step of quantities as the exchange writes them: base asset, or contracts. */
  readonly lot: string;
  /** What one lot is, where the exchange counts contracts: base asset (linear) or quote (inverse). */
  readonly lotWorth?: string;
  readonly priceMin: string;
  readonly priceMax: string;
  readonly lotsMax: string;
  readonly notionalMin: string;
  readonly ordersMax: number;
  /** Cap of the tier in the settle asset, its maintenance rate, its largest leverage. */
  readonly tiers: readonly (readonly [cap: string, maintenance: string, leverageMax: number])[];
}

/** What all instruments of an exchange share. */
export interface House {
  readonly venue: VenueId;
  readonly makerFee: string;
  readonly takerFee: string;
  readonly liquidationFee: string;
}

/** Conditional orders that may rest at once unless an instrument says otherwise. @see Binance change log, 2025-12-29 */
export const CONDITIONAL_ORDERS_MAX = 200;

/** The instrument of a sheet. */
export function instrumentOf(house: House, sheet: Sheet): Instrument {
  const isInverse = sheet.kind === "inverse";
  const tick = stepOf(sheet.tick);
  const lot = stepOf(sheet.lot);
  const worth = sheet.lotWorth ?? sheet.lot;
  const count = (text: string, step: Step, field: string): number =>
    exactCount(text, step, `${sheet.id} ${field}`);
  const lotsMax = lots(count(sheet.lotsMax, lot, "lotsMax"));
  return {
    id: sheet.id,
    venue: house.venue,
    kind: sheet.kind,
    base: sheet.base,
    quote: isInverse ? "USD" : "USDT",
    settle: isInverse ? sheet.base : "USDT",
    tick,
    lot,
    unit: isInverse ? count(worth, VALUE_STEP, "lotWorth") : unitOf(tick, stepOf(worth)),
    priceMin: ticks(count(sheet.priceMin, tick, "priceMin")),
    priceMax: ticks(count(sheet.priceMax, tick, "priceMax")),
    lotsMin: lots(1),
    lotsMax,
    marketLotsMax: lotsMax,
    notionalMin: moneyOf(sheet.notionalMin, `${sheet.id} notionalMin`),
    ordersMax: sheet.ordersMax,
    conditionalOrdersMax: CONDITIONAL_ORDERS_MAX,
    makerFee: rateOf(house.makerFee, "makerFee"),
    takerFee: rateOf(house.takerFee, "takerFee"),
    liquidationFee: rateOf(house.liquidationFee, "liquidationFee"),
  };
}

/** The tiers of a sheet. deduction = floor x (rate - rate below) + deduction below: what keeps the maintenance margin continuous. */
export function bracketsOf(sheet: Sheet): readonly MarginBracket[] {
  const found: MarginBracket[] = [];
  for (const [cap, maintenance, leverageMax] of sheet.tiers) {
    const below = found[found.length - 1];
    const floor = below?.cap ?? value(0);
    const part = rateOf(maintenance, `${sheet.id} maintenance`);
    const step = below === undefined ? 0 : (floor / 1e8) * (part - below.maintenance);
    found.push({
      floor,
      cap: moneyOf(cap, `${sheet.id} cap`),
      maintenance: part,
      deduction: value((below?.deduction ?? 0) + step),
      leverageMax,
    });
  }
  return found;
}
