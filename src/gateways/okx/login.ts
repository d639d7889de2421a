import { createHmac } from "node:crypto";
import type { ApiKeys } from "../ccxt-client.ts";

/** The message that opens an account on a private socket. @see OKX v5 "WebSocket: Login" */
export function loginMessage(keys: ApiKeys, wallNow: number): object {
  const timestamp = String(Math.floor(wallNow / 1_000));
  const sign = createHmac("sha256", keys.secret).update(`${timestamp}GET/users/self/verify`).digest("base64");
  const args = [{ apiKey: keys.apiKey, passphrase: keys.password ?? "", timestamp, sign }];
  return { op: "login", args };
}
