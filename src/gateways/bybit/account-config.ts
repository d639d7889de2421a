import type { AccountConfigEvent } from "../../core/event.ts";
import type { Times } from "../../core/market-event.ts";
import { type Payload, PayloadError, text } from "../binance/fields.ts";
import { UnfitAccountError } from "../exchange-client.ts";
import type { BybitLine } from "./line.ts";

const MODES: Readonly<Record<string, "isolated" | "cross">> = {
  ISOLATED_MARGIN: "isolated",
  REGULAR_MARGIN: "cross",
};

/** The account's one margin mode. Rejects for portfolio margin: its positions have no margin and no liquidation price. */
export async function marginModeOf(line: BybitLine): Promise<"isolated" | "cross"> {
  const word = text(await line.call("GET /v5/account/info", {}, "read"), "marginMode");
  const found = MODES[word];
  if (found === undefined)
    throw new UnfitAccountError(
      `Bybit says margin mode "${word}": set the account to isolated or cross margin`,
    );
  return found;
}

/**
 * Leverage and margin mode of a symbol from its rows of `position/list`. With isolated margin the two books of hedge mode may
 * differ in leverage: the higher one counts. Throws `PayloadError` without rows.
 */
export function configOf(
  symbol: string,
  rows: readonly Payload[],
  marginMode: "isolated" | "cross",
  account: string,
  times: Times,
): AccountConfigEvent {
  if (rows.length === 0) throw new PayloadError(`position/list does not tell of ${symbol}`);
  const leverage = Math.max(...rows.map(leverageOf));
  return { type: "accountConfig", ...times, account, instrument: symbol, leverage, marginMode };
}

/** Bybit's leverage may have decimals. */
function leverageOf(row: Payload): number {
  const found = Number(text(row, "leverage"));
  if (!(found > 0)) throw new PayloadError(`leverage "${text(row, "leverage")}" is no number above 0`);
  return found;
}
