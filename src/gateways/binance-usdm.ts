import type { Clock, Gateway } from "../desk/ports.ts";
import { USDM } from "./binance/dialect.ts";
import { binanceGateway } from "./binance/gateway.ts";
import { BINANCE_STREAMS } from "./binance/hosts.ts";
import type { BinanceParts } from "./binance/market-feed.ts";
import { BINANCE_USDM_PROFILE } from "./binance/profile.ts";
import { type ApiKeys, CcxtClient, type CcxtProfile } from "./ccxt-client.ts";
import type { SocketTarget } from "./reroute.ts";

/** What a gateway to Binance futures is made of. */
export interface BinanceOptions {
  readonly account: string;
  readonly keys: ApiKeys;
  /** Loopback venue of the sim mode. */
  readonly target: SocketTarget | undefined;
  /** Binance's demo trading instead of real money. */
  readonly isDemo?: boolean;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
  /** A request without an answer after this long is lost; 5 s unless set. */
  readonly timeoutMs?: number;
}

/** Binance USDT-M futures behind the desk's three ports, carried by ccxt. */
export async function openBinanceUsdm(options: BinanceOptions): Promise<Gateway> {
  return binanceUsdm(await carried(options, BINANCE_USDM_PROFILE, BINANCE_STREAMS));
}

/** Binance USDT-M futures behind the desk's three ports, whoever carries the calls. */
export const binanceUsdm = (parts: BinanceParts): Gateway => binanceGateway(parts, USDM);

/** Binance futures as ccxt carries them, with the streams of real money or of demo trading. */
export async function carried(
  options: BinanceOptions,
  profile: CcxtProfile,
  streams: { readonly live: string; readonly demo: string },
): Promise<BinanceParts> {
  const { account, clock, log, isDemo = false } = options;
  const client = await CcxtClient.open({
    profile,
    keys: options.keys,
    target: options.target,
    isDemo,
    now: () => clock.now(),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return { account, client, clock, log, streams: isDemo ? streams.demo : streams.live };
}
