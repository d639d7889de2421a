import { invariant } from "../core/invariant.ts";
import type { Gateway } from "../desk/ports.ts";
import { BINANCE_REQUESTS, BINANCE_STREAMS } from "./binance/hosts.ts";
import { type BinanceOptions, binanceUsdm } from "./binance-usdm.ts";
import { DirectClient } from "./direct-client.ts";

/** Binance USDT-M futures behind the desk's three ports, carried by our own client: orders go by the order socket. */
export function openBinanceDirect(options: BinanceOptions): Gateway {
  const { account, clock, log, keys, target, timeoutMs, isDemo = false } = options;
  // Its addresses are those of real money.
  invariant(!isDemo, "demo trading is carried by ccxt");
  const client = new DirectClient({
    keys,
    hosts: BINANCE_REQUESTS,
    target,
    now: () => clock.now(),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  return binanceUsdm({ account, client, clock, log, streams: BINANCE_STREAMS.live });
}
