import { invariant } from "../../core/invariant.ts";
import type { ApiKey } from "../binance/signature.ts";
import { DayStatistics } from "../binance/ticker.ts";
import type { Exchange } from "../exchange.ts";
import type { SkinContext } from "../web/skin.ts";
import { ACCOUNT_CALLS } from "./account-calls.ts";
import { AccountTopics } from "./account-topics.ts";
import type { Floor, House, Routes } from "./house.ts";
import { LIMITS, type Limits, Meter } from "./limits.ts";
import { MARKET_CALLS } from "./market-calls.ts";
import { MarketTopics } from "./market-topics.ts";
import { orderCalls } from "./order-calls.ts";
import { OrderNotes } from "./order-notes.ts";
import { positionCalls } from "./position-calls.ts";
import { QUERY_CALLS } from "./query-calls.ts";
import { Topics } from "./topics.ts";

/** What Bybit's protocol is laid over. */
export interface BybitOptions {
  /** One for each coin that positions settle in: linear contracts in one, inverse ones each in their own. */
  readonly exchanges: readonly Exchange[];
  /** Each key's account exists under the same name on every exchange. */
  readonly keys: readonly ApiKey[];
  readonly limits?: Partial<Limits>;
}

/** How often a book that stands still is repeated, wall milliseconds. */
const REPEAT_MS = 3_000;

/** Bybit's protocol without any network: calls go through `routes`, messages come out of `topics`. */
export interface BybitCore {
  readonly house: House;
  readonly routes: Routes;
  readonly topics: Topics;
  readonly market: MarketTopics;
  close(): void;
}

/** Lays Bybit's v5 protocol over exchanges. */
export function openBybitCore(options: BybitOptions, context: SkinContext): BybitCore {
  const floors = options.exchanges.map(floorOf);
  for (const { account } of options.keys) for (const { exchange } of floors) exchange.balance(account);
  const house: House = {
    floors,
    wall: context.wall,
    keys: new Map(options.keys.map((key) => [key.apiKey, key])),
    meter: new Meter({ ...LIMITS, ...options.limits }),
    notes: new OrderNotes(),
  };
  const topics = new Topics(context.frames);
  const market = new MarketTopics(house, topics);
  const accounts = new AccountTopics(house, topics);
  const stops = floors.map((floor) =>
    floor.exchange.listen((event) => {
      market.take(floor, event);
      accounts.take(floor, event);
    }),
  );
  let repeating: unknown;
  const repeat = (): void => {
    market.repeatStill();
    repeating = context.wall.setTimeout(repeat, REPEAT_MS);
  };
  repeating = context.wall.setTimeout(repeat, REPEAT_MS);
  return {
    house,
    topics,
    market,
    routes: {
      ...MARKET_CALLS,
      ...orderCalls((account, row) => accounts.refused(account, row)),
      ...QUERY_CALLS,
      ...positionCalls((account, floor, symbol) => accounts.changed(account, floor, symbol)),
      ...ACCOUNT_CALLS,
    },
    close: () => {
      for (const stop of stops) stop();
      context.wall.clearTimeout(repeating);
    },
  };
}

function floorOf(exchange: Exchange, index: number): Floor {
  const [first] = exchange.instruments;
  invariant(first !== undefined && first.kind !== "spot", "Bybit's protocol is laid over perpetuals");
  return {
    index,
    exchange,
    category: first.kind,
    settle: first.settle,
    instruments: new Map(exchange.instruments.map((each) => [each.id, each])),
    day: new DayStatistics(exchange),
  };
}
