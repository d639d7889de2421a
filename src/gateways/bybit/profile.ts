import type { CcxtProfile } from "../ccxt-client.ts";
import type { WeightLimits } from "../weight-budget.ts";
import type { BybitWorld } from "./hosts.ts";

/** Bybit counts requests by endpoint, not by weight: `CallPace` keeps those limits, this one only knows of bans. */
const NO_WEIGHTS: WeightLimits = { perMinute: 1, entryShare: 1, readShare: 1 };

/** "Terminate all HTTP sessions and wait for at least 10 minutes." @see Bybit "Rate Limit", HTTP IP limit */
const BAN_SECONDS = 600;

/** Bybit as ccxt carries it. Demo trading is switched by the client, the testnet by ccxt's own option. */
export const bybitProfile = (world: BybitWorld): CcxtProfile => ({
  exchange: "bybit",
  weights: NO_WEIGHTS,
  options: world === "testnet" ? { testnet: true } : {},
  route: (_method, address) => {
    const path = /^\/(v5\/.+)$/.exec(address)?.[1];
    if (path === undefined) throw new TypeError(`Bybit has no call ${address}`);
    return { api: path.startsWith("v5/market/") ? "public" : "private", path };
  },
  isPong,
  banSeconds: BAN_SECONDS,
  standing: (message) => {
    if (/"retCode"\s*:\s*"?10006\b/.test(message)) return "ordersRefused";
    return / 403 |"retCode"\s*:\s*"?100(?:18|09)\b/.test(message) ? "banned" : undefined;
  },
});

/** The answer to a ping: {"op":"pong"} on private sockets, {"op":"ping","ret_msg":"pong"} on public ones. */
function isPong(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { op, ret_msg } = message as { op?: unknown; ret_msg?: unknown };
  return op === "pong" || (op === "ping" && ret_msg === "pong");
}
