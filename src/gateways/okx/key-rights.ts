import type { KeyRights } from "../../desk/ports.ts";
import { text } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { filled, rowOf } from "./words.ts";

/**
 * What the key may do, from `/api/v5/account/config`. Rejects when it can't be read. OKX knows no right to transfer: a key that
 * trades can move money between the accounts of its own owner, and one that withdraws can move it away.
 */
export async function readKeyRights(client: ExchangeClient): Promise<KeyRights> {
  const config = rowOf(await client.call("GET /api/v5/account/config", {}, "read"), "config");
  const rights = text(config, "perm").split(",");
  const canWithdraw = rights.includes("withdraw");
  return {
    canTrade: rights.includes("trade"),
    canWithdraw,
    canTransfer: canWithdraw,
    isIpRestricted: filled(config, "ip") !== undefined,
  };
}
