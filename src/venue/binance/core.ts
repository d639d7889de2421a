import type { Exchange } from "../exchange.ts";
import type { SkinContext } from "../web/skin.ts";
import { AccountStreams } from "./account-streams.ts";
import { LIMITS, type Limits, Meter } from "./limits.ts";
import { ListenKeys } from "./listen-keys.ts";
import { MarketStreams } from "./market-streams.ts";
import { memoryOf } from "./memory.ts";
import type { Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";
import { Streams } from "./streams.ts";

/** What Binance's protocol is laid over. */
export interface BinanceOptions {
  readonly exchange: Exchange;
  readonly keys: readonly ApiKey[];
  readonly limits?: Partial<Limits> | undefined;
  readonly listenKeyMs?: number | undefined;
}

/** Binance's protocol without any network: calls go through `perform`, messages come out of `streams`. */
export interface BinanceCore {
  readonly venue: Venue;
  readonly streams: Streams;
  close(): void;
}

/** Lays Binance's USDT-M protocol over an exchange. */
export function openBinanceCore(options: BinanceOptions, context: SkinContext): BinanceCore {
  const { exchange } = options;
  // A key for an account that the exchange doesn't have is a mistake to hear of now rather than at its first call.
  for (const { account } of options.keys) exchange.balance(account);
  const traded = exchange.instruments.filter((each) => each.kind === "linear");
  const instruments = new Map(traded.map((each) => [each.id, each]));
  const listenKeys = new ListenKeys(context.wall, options.listenKeyMs ?? 3_600_000, (key) =>
    accounts.expire(key),
  );
  const streams = new Streams("binanceusdm", context.frames, (stream) => listenKeys.accountOf(stream));
  const accounts = new AccountStreams(exchange, instruments, streams, listenKeys);
  const venue: Venue = {
    exchange,
    instruments,
    wall: context.wall,
    weather: context.weather,
    keys: new Map(options.keys.map((key) => [key.apiKey, key])),
    listenKeys,
    meter: new Meter({ ...LIMITS, ...options.limits }),
    ...memoryOf(exchange, context.wall),
  };
  const market = new MarketStreams(exchange, instruments, streams, venue);
  const stopListening = exchange.listen(
    (event) => {
      market.take(event);
      accounts.take(event);
    },
    { depth: () => streams.isDepthHeard },
  );
  return {
    venue,
    streams,
    close: () => {
      stopListening();
      listenKeys.close();
      venue.countdowns.close();
    },
  };
}
