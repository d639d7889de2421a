import type { Instrument } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import { AccountStreams } from "../binance/account-streams.ts";
import type { BinanceCore, BinanceOptions } from "../binance/core.ts";
import { LIMITS, Meter } from "../binance/limits.ts";
import { ListenKeys } from "../binance/listen-keys.ts";
import { MarketStreams } from "../binance/market-streams.ts";
import { memoryOf } from "../binance/memory.ts";
import type { Venue } from "../binance/route.ts";
import type { Exchange } from "../exchange.ts";
import type { SkinContext } from "../web/skin.ts";
import { coinmCalls } from "./calls.ts";
import { Routing } from "./routing.ts";
import { CoinmStreams } from "./streams.ts";

/** What COIN-M's protocol is laid over: one exchange for each settle asset, all with the keys' accounts. */
export interface CoinmOptions extends Omit<BinanceOptions, "exchange"> {
  readonly exchanges: readonly Exchange[];
}

/** COIN-M's protocol without any network: one set of listen keys, limits and streams over all settle assets. */
export function openCoinmCore(options: CoinmOptions, context: SkinContext): BinanceCore {
  const { exchanges } = options;
  for (const exchange of exchanges) for (const { account } of options.keys) exchange.balance(account);
  const listenKeys = new ListenKeys(context.wall, options.listenKeyMs ?? 3_600_000, (key) =>
    feeds[0]?.accounts.expire(key),
  );
  const shared = {
    wall: context.wall,
    weather: context.weather,
    keys: new Map(options.keys.map((key) => [key.apiKey, key])),
    listenKeys,
    meter: new Meter({ ...LIMITS, ...options.limits }),
  };
  const venues = exchanges.map(
    (exchange): Venue => ({
      ...shared,
      exchange,
      instruments: inverseOf(exchange),
      ...memoryOf(exchange, context.wall),
    }),
  );
  const routing = new Routing(venues);
  const streams = new CoinmStreams(
    context.frames,
    (stream) => listenKeys.accountOf(stream),
    (symbol, id) => routing.idFrom(id, routing.venueOf(new Map([["symbol", symbol]]))),
  );
  const feeds = venues.map((venue) => {
    const { exchange, instruments } = venue;
    const market = new MarketStreams(exchange, instruments, streams, venue);
    const accounts = new AccountStreams(exchange, instruments, streams, listenKeys);
    const stop = exchange.listen(
      (event) => {
        market.take(event);
        accounts.take(event);
      },
      { depth: () => streams.isDepthHeard },
    );
    return { accounts, stop };
  });
  const [front] = venues;
  invariant(front !== undefined, "COIN-M has at least one settle asset");
  const instruments = new Map(venues.flatMap((venue) => [...venue.instruments]));
  return {
    venue: { ...front, instruments, calls: coinmCalls(routing) },
    streams,
    close: () => {
      for (const { stop } of feeds) stop();
      for (const { countdowns } of venues) countdowns.close();
      listenKeys.close();
    },
  };
}

const inverseOf = ({ instruments }: Exchange): ReadonlyMap<string, Instrument> =>
  new Map(instruments.filter(({ kind }) => kind === "inverse").map((each) => [each.id, each]));
