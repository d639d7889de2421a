import type { Gateway } from "../desk/ports.ts";
import { COINM } from "./binance/dialect.ts";
import { binanceGateway } from "./binance/gateway.ts";
import { COINM_STREAMS } from "./binance/hosts.ts";
import type { BinanceParts } from "./binance/market-feed.ts";
import { BINANCE_COINM_PROFILE } from "./binance/profile.ts";
import { type BinanceOptions, carried } from "./binance-usdm.ts";

/** Binance COIN-M futures behind the desk's three ports, carried by ccxt. */
export async function openBinanceCoinm(options: BinanceOptions): Promise<Gateway> {
  return binanceCoinm(await carried(options, BINANCE_COINM_PROFILE, COINM_STREAMS));
}

/** Binance COIN-M futures behind the desk's three ports, whoever carries the calls. */
export const binanceCoinm = (parts: BinanceParts): Gateway => binanceGateway(parts, COINM);
