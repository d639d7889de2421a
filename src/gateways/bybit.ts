import type { Instrument } from "../core/instrument.ts";
import type { Capabilities, Clock, Gateway } from "../desk/ports.ts";
import { BybitAccount } from "./bybit/account-feed.ts";
import { failureOf } from "./bybit/errors.ts";
import { BYBIT_STREAMS, type BybitWorld } from "./bybit/hosts.ts";
import { readKeyRights } from "./bybit/key-rights.ts";
import { BybitLine } from "./bybit/line.ts";
import { loginOf } from "./bybit/login.ts";
import { BYBIT, BybitMarket, type BybitParts } from "./bybit/market-feed.ts";
import { bybitProfile } from "./bybit/profile.ts";
import { BybitTrading } from "./bybit/trading.ts";
import { Translation } from "./bybit/translate.ts";
import { type ApiKeys, CcxtClient } from "./ccxt-client.ts";
import { askRights } from "./key-question.ts";
import type { SocketTarget } from "./reroute.ts";

/** What a gateway to Bybit is made of. */
export interface BybitOptions {
  readonly account: string;
  readonly keys: ApiKeys;
  /** Real money, Bybit's demo trading, or its testnet; real money unless set. */
  readonly world?: BybitWorld;
  /** Loopback venue of the sim mode. */
  readonly target: SocketTarget | undefined;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
  /** A request without an answer after this long is lost; 5 s unless set. */
  readonly timeoutMs?: number;
}

/** A unified Bybit account (v5) with linear and inverse perpetuals behind the desk's three ports, carried by ccxt. */
export async function openBybit(options: BybitOptions): Promise<Gateway> {
  const { account, keys, clock, log, world = "live" } = options;
  const client = await CcxtClient.open({
    profile: bybitProfile(world),
    keys,
    target: options.target,
    isDemo: world === "demo",
    now: () => clock.now(),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const login = (now: number): object => loginOf(keys, now);
  return bybit({
    account,
    client,
    clock,
    log,
    login,
    streams: BYBIT_STREAMS[world],
    isDemo: world === "demo",
  });
}

const BYBIT_CAN: Capabilities = {
  hedgeMode: true,
  restingStops: true,
  markPriceStops: true,
  postOnly: true,
  marginModePer: "account",
  fillsCarryClientId: true,
  // Disconnect protection exists, but has to be set up for an account and is not per symbol.
  cancelAfter: false,
  forgetsCanceledAfterMs: 86_400_000,
};

/** A unified Bybit account behind the desk's three ports, whoever carries the calls. */
export function bybit(parts: BybitParts): Gateway {
  const { account: name, client } = parts;
  const instruments = new Map<string, Instrument>();
  const translation = new Translation({ account: name, instruments });
  const line = new BybitLine(client, parts.clock);
  const market = new BybitMarket(parts, line, instruments);
  const account = new BybitAccount(parts, line, translation, () => market.lastAt);
  client.tap((url, message) => {
    market.take(url, message);
    account.take(url, message);
  });
  return {
    venue: BYBIT,
    market,
    account,
    trading: new BybitTrading(parts, line, translation),
    can: BYBIT_CAN,
    keyRights: () => askRights(() => readKeyRights(line), failureOf),
  };
}
