import type { Capabilities, Clock, Gateway } from "../desk/ports.ts";
import { type ApiKeys, CcxtClient } from "./ccxt-client.ts";
import { askRights } from "./key-question.ts";
import { OkxAccount } from "./okx/account-feed.ts";
import { AccountMode } from "./okx/account-mode.ts";
import { AccountReading } from "./okx/account-reading.ts";
import { okxCountdown } from "./okx/countdown.ts";
import { failureOf } from "./okx/errors.ts";
import { OKX_STREAMS } from "./okx/hosts.ts";
import { readKeyRights } from "./okx/key-rights.ts";
import { OkxMarket } from "./okx/market-feed.ts";
import { PacedClient } from "./okx/pace.ts";
import { OKX, type OkxParts } from "./okx/parts.ts";
import { OKX_PROFILE } from "./okx/profile.ts";
import { OkxTrading } from "./okx/trading.ts";
import { OkxTranslation } from "./okx/translate.ts";
import type { Contract } from "./okx/words.ts";
import type { SocketTarget } from "./reroute.ts";

/** What a gateway to OKX is made of. */
export interface OkxOptions {
  readonly account: string;
  /** `password` is the passphrase that was chosen with the key. */
  readonly keys: ApiKeys;
  /** Loopback venue of the sim mode. */
  readonly target: SocketTarget | undefined;
  /** OKX's demo trading: keys of its own, the same REST host with another header, other stream hosts. */
  readonly isDemo?: boolean;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
  /** A request without an answer after this long is lost; 5 s unless set. */
  readonly timeoutMs?: number;
}

/** OKX's perpetual swaps behind the desk's three ports, carried by ccxt. */
export async function openOkx(options: OkxOptions): Promise<Gateway> {
  const { account, clock, log, keys } = options;
  const isDemo = options.isDemo === true;
  const client = await CcxtClient.open({
    profile: OKX_PROFILE,
    keys,
    target: options.target,
    isDemo,
    now: () => clock.now(),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return okx({ account, client, keys, clock, log, streams: OKX_STREAMS[isDemo ? "demo" : "live"] });
}

const OKX_CAN: Capabilities = {
  hedgeMode: true,
  restingStops: true,
  markPriceStops: true,
  postOnly: true,
  marginModePer: "order",
  // Those of triggered stops carry none, they are joined by order id.
  fillsCarryClientId: false,
  cancelAfter: true,
  forgetsCanceledAfterMs: 2 * 3_600_000,
};

/** OKX's perpetual swaps behind the desk's three ports, whoever carries the calls. */
export function okx(given: OkxParts): Gateway {
  const client = new PacedClient(given.client, given.clock);
  const parts: OkxParts = { ...given, client };
  const contracts = new Map<string, Contract>();
  const translation = new OkxTranslation({ account: parts.account, contracts });
  const mode = new AccountMode();
  const market = new OkxMarket(parts, contracts);
  const marketNow = (): number => market.lastAt;
  const shared = { account: parts.account, client, translation, mode, marketNow };
  const reading = new AccountReading(shared);
  const account = new OkxAccount(parts, { translation, contracts, reading, marketNow });
  client.tap((url, message) => {
    market.take(url, message);
    account.take(url, message);
  });
  return {
    venue: OKX,
    market,
    account,
    trading: new OkxTrading(shared),
    can: OKX_CAN,
    countdown: okxCountdown(client),
    keyRights: () => askRights(() => readKeyRights(client), failureOf),
  };
}
