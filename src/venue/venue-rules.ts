import type { VenueId } from "../core/instrument.ts";
import { type Rate, rate } from "../core/units.ts";
import type { SelfTradeMode } from "./venue-order.ts";

/** What may differ from exchange to exchange; see `VENUE_RULES` for what ships. */
export interface VenueRules {
  /** What becomes of a triggered reduce-only stop when take profits already use up the whole position. */
  readonly triggeredStopUnderFullTakeProfit: "refuse" | "expireTakeProfit";
  readonly fundingIntervalMs: number;
  /** Longs pay shorts this at each funding time, unless the market source says otherwise. */
  readonly fundingRate: Rate;
  /** Unfilled closed orders are forgotten after this much market time. */
  readonly historyForgetMs: number;
  /** A limit buy may stand this far above the mark, a limit sell this far below. */
  readonly priceBand: Rate;
  /** MARGIN_CALL goes out when maintenance / equity reaches this. */
  readonly marginCallRatio: Rate;
  /** Counted with the maintenance rate: the taker fee to close, where an exchange demands that too. */
  readonly closeFeeInMaintenance: Rate;
  /** Whether conditional orders stay when a countdown cancels everything else; unverified at Binance, so both exist. */
  readonly conditionalsSurviveCountdown: boolean;
  /** What an order does that would meet its own account's, unless it says so itself. */
  readonly selfTrade: SelfTradeMode;
}

/**
 * Funding every 8 hours at 0.01 %, prices within 5 % of the mark, margin call at 80 %, unfilled orders forgotten after
 * 3 days; no fee in the maintenance margin; conditional orders survive a countdown (they are another service, and Binance's
 * plain cancel-all does not reach them either); orders of one account trade with each other, as its connector's default NONE says.
 */
export const VENUE_RULES: VenueRules = {
  triggeredStopUnderFullTakeProfit: "refuse",
  fundingIntervalMs: 8 * 3_600_000,
  fundingRate: rate(10_000),
  historyForgetMs: 3 * 86_400_000,
  priceBand: rate(5_000_000),
  marginCallRatio: rate(80_000_000),
  closeFeeInMaintenance: rate(0),
  conditionalsSurviveCountdown: true,
  selfTrade: "none",
};

/** What an exchange does unlike `VENUE_RULES`: Bybit (0.055 %) and OKX (0.05 %) count the taker fee to close as maintenance. */
export function rulesOf(venue: VenueId): Partial<VenueRules> {
  if (venue === "bybit") return { closeFeeInMaintenance: rate(55_000), historyForgetMs: 86_400_000 };
  return venue === "okx" ? { closeFeeInMaintenance: rate(50_000), historyForgetMs: 2 * 3_600_000 } : {};
}
