import type { InstrumentId } from "../../core/instrument.ts";
import { type Payload, PayloadError, text } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { AccountMode, MarginMode } from "./account-mode.ts";
import { rowsOf } from "./words.ts";

/** The leverage of an instrument in one margin mode: the highest of its sides, as OKX can have one for each. */
export async function readLeverage(
  client: ExchangeClient,
  instrument: InstrumentId,
  mode: MarginMode,
): Promise<number> {
  const params = { instId: instrument, mgnMode: mode };
  const rows = rowsOf(
    await client.call("GET /api/v5/account/leverage-info", params, "read"),
    "leverage-info",
  );
  const leverage = Math.max(
    ...rows.filter((row) => isOf(row, instrument)).map((row) => Number(text(row, "lever"))),
  );
  if (!(leverage > 0)) throw new PayloadError(`leverage-info has nothing for ${instrument}`);
  return leverage;
}

const isOf = (row: Payload, instrument: InstrumentId): boolean => text(row, "instId") === instrument;

/** Sets the leverage of an instrument in one margin mode; isolated books of a hedge account each have their own. */
export async function writeLeverage(
  client: ExchangeClient,
  account: AccountMode,
  instrument: InstrumentId,
  mode: MarginMode,
  leverage: number,
): Promise<void> {
  const hasSides = mode === "isolated" && (await account.isHedge(client));
  const params = { instId: instrument, lever: String(leverage), mgnMode: mode };
  for (const side of hasSides ? [{ posSide: "long" }, { posSide: "short" }] : [{}]) {
    await client.call("POST /api/v5/account/set-leverage", { ...params, ...side }, "entry");
  }
}
