import type { Instrument } from "../core/instrument.ts";
import type { Capabilities, Clock, Gateway } from "../desk/ports.ts";
import { BinanceAccount } from "./binance/account-feed.ts";
import { BINANCE_STREAMS } from "./binance/hosts.ts";
import { readKeyRights } from "./binance/key-rights.ts";
import { BINANCE_USDM, BinanceMarket, type BinanceParts } from "./binance/market-feed.ts";
import { BINANCE_USDM_PROFILE } from "./binance/profile.ts";
import { BinanceTrading } from "./binance/trading.ts";
import { Translation } from "./binance/translate.ts";
import { type ApiKeys, CcxtClient } from "./ccxt-client.ts";
import type { SocketTarget } from "./reroute.ts";

/** What a gateway to Binance USDT-M futures is made of. */
export interface BinanceOptions {
  readonly account: string;
  readonly keys: ApiKeys;
  /** Loopback venue of the sim mode. */
  readonly target: SocketTarget | undefined;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
  /** A request without an answer after this long is lost; 5 s unless set. */
  readonly timeoutMs?: number;
}

/** Binance USDT-M futures behind the desk's three ports, carried by ccxt. */
export async function openBinanceUsdm(options: BinanceOptions): Promise<Gateway> {
  const { account, clock, log } = options;
  const client = await CcxtClient.open({
    profile: BINANCE_USDM_PROFILE,
    keys: options.keys,
    target: options.target,
    now: () => clock.now(),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return binanceUsdm({ account, client, clock, log, streams: BINANCE_STREAMS.live });
}

const BINANCE_CAN: Capabilities = {
  hedgeMode: true,
  restingStops: true,
  markPriceStops: true,
  postOnly: true,
  marginModePer: "instrument",
  fillsCarryClientId: false,
  cancelAfter: true,
  forgetsCanceledAfterMs: 3 * 86_400_000,
};

/** Binance USDT-M futures behind the desk's three ports, whoever carries the calls. */
export function binanceUsdm(parts: BinanceParts): Gateway {
  const { account: name, client } = parts;
  const instruments = new Map<string, Instrument>();
  const translation = new Translation({ account: name, venue: BINANCE_USDM, instruments });
  const market = new BinanceMarket(parts, translation, instruments);
  const account = new BinanceAccount(parts, translation, () => market.lastAt);
  client.tap((url, message) => {
    market.take(url, message);
    account.take(url, message);
  });
  return {
    venue: BINANCE_USDM,
    market,
    account,
    trading: new BinanceTrading(name, client, translation),
    can: BINANCE_CAN,
    keyRights: () => readKeyRights(client),
  };
}
