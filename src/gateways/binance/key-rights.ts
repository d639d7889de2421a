import type { KeyRights } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { object, yes } from "./fields.ts";

/** What the key may do, from `/sapi/v1/account/apiRestrictions`. Rejects when it can't be read. */
export async function readKeyRights(client: ExchangeClient): Promise<KeyRights> {
  const rights = object(
    await client.call("GET /sapi/v1/account/apiRestrictions", {}, "read"),
    "apiRestrictions",
  );
  return {
    canTrade: yes(rights, "enableFutures"),
    canWithdraw: yes(rights, "enableWithdrawals"),
    canTransfer: yes(rights, "enableInternalTransfer") || yes(rights, "permitsUniversalTransfer"),
    isIpRestricted: yes(rights, "ipRestrict"),
  };
}
