import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CALLS, perform } from "../../../src/venue/binance/calls.ts";
import { LIMITS, Meter } from "../../../src/venue/binance/limits.ts";
import { ListenKeys } from "../../../src/venue/binance/listen-keys.ts";
import { memoryOf } from "../../../src/venue/binance/memory.ts";
import { Refusal } from "../../../src/venue/binance/refusal.ts";
import type { Venue } from "../../../src/venue/binance/route.ts";
import { CALM } from "../../../src/venue/faults/weather.ts";
import { KEY, type Served, serveVenue, TestWall } from "./served-venue.ts";

const TEXTS = [
  "",
  "0",
  "-1",
  "1",
  "0.01",
  "49000",
  "49000.05",
  "9007199254740991",
  "1e9",
  "1.",
  "x",
  "[]",
  "{}",
  "true",
];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  symbol: ["BTCUSDT", "ETHUSDT", "__proto__", "XUSDT"],
  side: ["BUY", "SELL", "toString"],
  type: [
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
    "1",
    "2",
    "constructor",
  ],
  timeInForce: ["GTC", "IOC", "FOK", "GTX"],
  positionSide: ["BOTH", "LONG", "SHORT"],
  algoType: ["CONDITIONAL"],
  interval: ["1m", "5m", "1d", "3d", "1w", "1M", "hasOwnProperty"],
  pair: ["BTCUSDT", "__proto__"],
  contractType: ["PERPETUAL", "CURRENT_QUARTER"],
  callbackRate: ["1.0", "0.05"],
  countdownTime: ["0", "120000"],
  autoCloseType: ["LIQUIDATION", "ADL"],
  selfTradePreventionMode: ["NONE", "EXPIRE_BOTH"],
  marginType: ["ISOLATED", "CROSSED"],
  workingType: ["MARK_PRICE", "CONTRACT_PRICE"],
  dualSidePosition: ["true", "false"],
  batchOrders: ['[{"symbol":"BTCUSDT"}]', "[1,null,[]]", '{"a":1}'],
  orderIdList: ["[1,2]", "[null]"],
};
const NUMBERS =
  "price quantity triggerPrice leverage amount limit startTime endTime fromId orderId algoId modifyId activatePrice page reduceOnly closePosition newClientOrderId origClientOrderId".split(
    " ",
  );

const fields = fc.record(
  Object.fromEntries([
    ...Object.entries(WORDS).map(([name, words]) => [name, fc.constantFrom(...words, ...TEXTS)]),
    ...NUMBERS.map((name) => [name, fc.constantFrom(...TEXTS)]),
  ]),
  { requiredKeys: [] },
);

describe("the calls of the protocol", () => {
  let served: Served;
  let venue: Venue;
  beforeAll(async () => {
    served = await serveVenue();
    const { exchange } = served;
    const wall = new TestWall();
    venue = {
      exchange,
      instruments: new Map(exchange.instruments.map((each) => [each.id, each])),
      wall,
      keys: new Map([[KEY.apiKey, KEY]]),
      listenKeys: new ListenKeys(wall, 60_000, () => {}),
      meter: new Meter({ ...LIMITS, weightPerMinute: 1e9, ordersPerMinute: 1e9, ordersPerTenSeconds: 1e9 }),
      weather: CALM,
      ...memoryOf(exchange, wall),
    };
  });
  afterAll(async () => {
    venue.listenKeys.close();
    venue.countdowns.close();
    await served.close();
  });

  it("never break on what a client sends: an answer or one of Binance's refusals, always JSON", () => {
    const bugs: unknown[] = [];
    const answered = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(CALLS)), fields, (call, sent) => {
        const form = new Map(
          Object.entries(sent).filter((pair): pair is [string, string] => pair[1] !== undefined),
        );
        const { reply } = perform(
          venue,
          call,
          form,
          "here",
          () => KEY,
          (error) => bugs.push(error),
        );
        expect(bugs).toEqual([]);
        expect(JSON.parse(JSON.stringify(reply instanceof Refusal ? reply.body : reply))).toBeTypeOf(
          "object",
        );
        if (!(reply instanceof Refusal)) answered.add(call);
      }),
      { numRuns: 3_000, seed: 20_250_501 },
    );
    // The twin of "never breaks": with decent fields it does answer.
    expect(answered.size).toBeGreaterThan(20);
  });

  it("keep the account whole whatever was sent", () => {
    for (const account of ["main", "other"]) {
      const { wallet, start, realized, fees, funding } = served.exchange.balance(account);
      expect(wallet).toBe(start + realized - fees + funding);
    }
  });
});
