import type { CcxtProfile } from "../ccxt-client.ts";
import { BINANCE_WEIGHTS } from "../weight-budget.ts";

/** Calls that need no key; everything else is signed, or carries the key alone (listen keys). */
const PUBLIC =
  /^(ping|time|exchangeInfo|depth|trades|aggTrades|klines|markPriceKlines|premiumIndex|fundingRate|fundingInfo|ticker\/.*|openInterest)$/;

/** Binance USDT-M futures as ccxt carries it. */
export const BINANCE_USDM_PROFILE: CcxtProfile = {
  exchange: "binanceusdm",
  weights: BINANCE_WEIGHTS,
  options: {},
  usedHeader: "X-Mbx-Used-Weight-1m",
  route: binanceRoute,
  standing: binanceStanding,
};

/** Binance COIN-M futures as ccxt carries it: the same words, and since 2026-06-30 the same pool of weight. */
export const BINANCE_COINM_PROFILE: CcxtProfile = { ...BINANCE_USDM_PROFILE, exchange: "binancecoinm" };

/** Whether a call, its path without family and version, needs no key. */
export const isPublicCall = (path: string): boolean => PUBLIC.test(path);

/** What an error's text says of our standing with the exchange. */
export function binanceStanding(message: string): "ordersRefused" | "banned" | undefined {
  if (/"code":\s*"?-1015/.test(message)) return "ordersRefused";
  return / 429 | 418 |"code":\s*"?-1003/.test(message) ? "banned" : undefined;
}

/** "/fapi/v3/balance" is `balance` in ccxt's section `fapiPrivateV3`; version 1 carries no number. */
function binanceRoute(_method: string, address: string): { readonly api: string; readonly path: string } {
  const found = /^\/(fapi|dapi|sapi)\/v(\d)\/(.+)$/.exec(address);
  if (found === null) throw new TypeError(`Binance has no call ${address}`);
  const [, family = "", version = "", path = ""] = found;
  const suffix = version === "1" ? "" : `V${version}`;
  if (family === "sapi") return { api: `sapi${suffix}`, path };
  return { api: `${family}${isPublicCall(path) ? "Public" : "Private"}${suffix}`, path };
}
