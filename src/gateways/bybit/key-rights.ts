import type { KeyRights } from "../../desk/ports.ts";
import { object, PayloadError, whole } from "../binance/fields.ts";
import type { BybitLine } from "./line.ts";

/** What the key may do, from `/v5/user/query-api`. Rejects when it can't be read; demo trading does not offer it. */
export async function readKeyRights(line: BybitLine): Promise<KeyRights> {
  const key = await line.call("GET /v5/user/query-api", {}, "read");
  const permissions = object(key["permissions"], "permissions");
  const wallet = words(permissions["Wallet"], "permissions.Wallet");
  const contracts = words(permissions["ContractTrade"], "permissions.ContractTrade");
  const ips = words(key["ips"], "ips");
  return {
    canTrade: whole(key, "readOnly") === 0 && contracts.includes("Order") && contracts.includes("Position"),
    canWithdraw: wallet.includes("Withdraw"),
    canTransfer: wallet.some((right) => right.endsWith("Transfer")),
    isIpRestricted: ips.length > 0 && !ips.includes("*"),
  };
}

function words(raw: unknown, what: string): readonly string[] {
  if (!Array.isArray(raw)) throw new PayloadError(`${what} is no list`);
  return raw.map(String);
}
