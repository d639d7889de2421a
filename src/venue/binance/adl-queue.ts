import type { AccountId, Instrument } from "../../core/instrument.ts";
import { notional } from "../../core/instrument.ts";
import { lots } from "../../core/units.ts";
import type { VenuePosition } from "../exchange.ts";
import type { Venue } from "./route.ts";

/**
 * Where a position stands among all of its direction when the exchange has to deleverage: 4 goes first, 0 last; one
 * without profit is last. Ranked by profit times effective leverage.
 * @see Binance's page on auto-deleveraging
 */
export function adlQuantile(
  venue: Pick<Venue, "exchange" | "keys">,
  account: AccountId,
  position: VenuePosition,
  instrument: Instrument,
): number {
  const { exchange, keys } = venue;
  const own = rankOf(venue, account, position, instrument);
  if (own <= 0) return 0;
  const accounts = new Set([...keys.values()].map((key) => key.account)).add(account);
  let all = 0;
  let notAhead = 0;
  for (const each of accounts) {
    for (const other of exchange.positions(each)) {
      if (other.instrument !== instrument.id || other.lots * position.lots <= 0) continue;
      all += 1;
      if (rankOf(venue, each, other, instrument) <= own) notAhead += 1;
    }
  }
  return all === 0 ? 0 : Math.ceil((notAhead / all) * 5) - 1;
}

/** Only compared, never booked: plain fractions will do. */
function rankOf(
  { exchange }: Pick<Venue, "exchange">,
  account: AccountId,
  position: VenuePosition,
  instrument: Instrument,
): number {
  if (position.lots === 0 || position.unrealized <= 0) return 0;
  const worth = notional(instrument, position.mark, lots(Math.abs(position.lots)), "nearest");
  const wallet =
    position.marginMode === "isolated" ? position.isolatedWallet : exchange.balance(account).crossWallet;
  const leverage = worth / Math.max(1, wallet + position.unrealized);
  return (position.unrealized / Math.max(1, Math.abs(position.cost))) * leverage;
}
