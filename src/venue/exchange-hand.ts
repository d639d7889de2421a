import type { AccountId, InstrumentId, MarginBracket } from "../core/instrument.ts";
import type { Lots, Millis } from "../core/units.ts";
import type { PositionSide } from "./venue-order.ts";
import type { VenueRules } from "./venue-rules.ts";

/** Whether an instrument trades, only lets positions shrink until its announced end, or has ended. */
export type InstrumentStatus = "trading" | "settling" | "closed";

/** What can happen to an exchange from outside its rules: used by faults, stories and simulations. Told as events. */
export interface ExchangeHand {
  /**
   * From now on prices of new orders must be whole multiples of `step` of our ticks (a coarser tick), and the market's own
   * prices are. Resting orders stay where they are. Throws `InvariantError` unless `step` is a whole number from 1.
   */
  setPriceStep(instrument: InstrumentId, step: number): void;
  /** The same for quantities. What closes a whole position is exempt, so that no odd remainder is stuck. */
  setLotStep(instrument: InstrumentId, step: number): void;
  /** Other margin tiers, the lowest first; who no longer has the margin they ask for is liquidated at once. */
  setBrackets(instrument: InstrumentId, brackets: readonly MarginBracket[]): void;
  /**
   * Announces the end of an instrument: increases are refused from now, at market time `at` all orders expire and
   * positions are settled at the mark price (client id "settlement_autoclose-..."), without a fee.
   */
  delist(instrument: InstrumentId, at: Millis): void;
  /** Auto-deleveraging: closes up to `lots` of the book at the mark price, without a fee; order client id "adl_autoclose", change CALCULATED. */
  deleverage(account: AccountId, instrument: InstrumentId, positionSide: PositionSide, lots: Lots): void;
  /** The next `count` stops (not take profits) of the account are refused: at placement, or when they trigger. */
  refuseStops(account: AccountId, when: "placed" | "triggered", count: number): void;
  /** Changes rules from now on; another funding interval counts from the next funding time. */
  setRules(rules: Partial<VenueRules>): void;
}
