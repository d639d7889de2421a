import type { ExposureOfBook, FillEvent, OrderReportEvent } from "./event.ts";
import type { InstrumentId } from "./instrument.ts";
import type { Millis, Value } from "./units.ts";

/** A position in an instrument that the desk does not trade: the account isn't flat, and its leverage is higher. */
export interface OtherPosition {
  readonly symbol: string;
  /** As the exchange writes it, without a sign. */
  readonly size: string;
  /** What its worth is counted in. */
  readonly asset: string;
  /** Its worth at the mark price, in steps of that asset; never negative. */
  readonly notional: Value;
}

/**
 * One reading of an account: what rests, what was, and what is held. Each list is complete for the instruments
 * and the time it covers, or the reading has failed as a whole: a failed query is never an empty list (I9).
 */
export interface Truth {
  /** Wall time before the first request: younger news of an order outweighs this reading. */
  readonly startedWallAt: Millis;
  readonly instruments: readonly InstrumentId[];
  /** Market time from which `history` and `fills` are complete. */
  readonly historyFrom: Millis;
  readonly openOrders: readonly OrderReportEvent[];
  readonly openConditionals: readonly OrderReportEvent[];
  /**
   * Orders that the exchange still remembers, oldest first: the closed ones, and where its history has them too, open
   * ones. What rests is told twice then, and one list may be older than the other.
   */
  readonly history: readonly OrderReportEvent[];
  readonly fills: readonly FillEvent[];
  readonly books: readonly ExposureOfBook[];
  readonly others: readonly OtherPosition[];
  readonly wallets: readonly { readonly asset: string; readonly wallet: Value }[];
  readonly isHedgeMode: boolean;
}
