import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invariant } from "../../src/core/invariant.ts";
import { type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { openConnector } from "./connector.ts";
import { connectorTypes } from "./declared-types.ts";
import { SOCKET_API_EXCEPTIONS, SOCKET_API_NOT_SERVED } from "./exceptions.ts";

const BTC = { symbol: "BTCUSDT" };
const LIMIT = { ...BTC, side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: 0.01, price: 49_000 };
const STOP = { ...BTC, algoType: "CONDITIONAL", side: "SELL", type: "STOP_MARKET", quantity: 0.01 };
const ONE = { ...BTC, origClientOrderId: "one" };

/** Every method of the socket API at least once. */
const STEPS: readonly (readonly [method: string, fields?: object])[] = [
  ["orderBook", BTC],
  ["symbolOrderBookTicker", BTC],
  ["symbolOrderBookTicker", {}],
  ["symbolPriceTicker", BTC],
  ["symbolPriceTicker", {}],
  ["newOrder", { ...LIMIT, newClientOrderId: "one" }],
  ["queryOrder", ONE],
  ["modifyOrder", { ...ONE, side: "BUY", quantity: 0.02, price: 48_500 }],
  ["cancelOrder", ONE],
  ["newOrder", { ...BTC, side: "BUY", type: "MARKET", quantity: 0.01 }],
  ["newAlgoOrder", { ...STOP, triggerPrice: 40_000, clientAlgoId: "stop" }],
  ["cancelAlgoOrder", { clientAlgoId: "stop" }],
  ["positionInformation", BTC],
  ["positionInformationV2", BTC],
  ["accountInformation", {}],
  ["accountInformationV2", {}],
  ["futuresAccountBalance", {}],
  ["futuresAccountBalanceV2", {}],
  ["startUserDataStream", {}],
  ["keepaliveUserDataStream", {}],
  ["closeUserDataStream", {}],
];

type Method = (fields?: object) => Promise<unknown>;

describe("every message of the socket API has all that Binance's connector declares", () => {
  const types = connectorTypes();
  const declared = types.methodsOf("WebsocketAPIConnection", "WebsocketApiResponse");
  const seen = new Map<string, unknown[]>();
  let venue: Served;
  beforeAll(async () => {
    venue = await serveVenue();
    const { websocketAPI } = await openConnector(venue.server.port);
    const connection = await websocketAPI.connect();
    let last: unknown;
    connection.on("message", (text: string) => {
      last = JSON.parse(text);
    });
    const methods = connection as unknown as Record<string, Method>;
    for (const [name, fields] of STEPS) {
      const method = methods[name];
      invariant(method !== undefined, `the connector has a method ${name}`);
      await method.call(connection, fields);
      seen.set(name, [...(seen.get(name) ?? []), last]);
    }
  });
  afterAll(() => venue.close());

  it("serves each of its methods, or says why not", () => {
    const known = [...seen.keys(), ...Object.keys(SOCKET_API_NOT_SERVED)].sort();
    expect(known).toEqual([...declared.keys()].sort());
  });

  it.each([...declared].filter(([name]) => !(name in SOCKET_API_NOT_SERVED)))("%s: %s", (name, type) => {
    const found = (seen.get(name) ?? []).flatMap((message) => types.shortfalls(type, message));
    expect([...new Set(found)].sort()).toEqual(Object.keys(SOCKET_API_EXCEPTIONS[name] ?? {}).sort());
  });

  it("answers what it refuses with the code and words of REST", async () => {
    const { websocketAPI } = await openConnector(venue.server.port);
    const connection = await websocketAPI.connect();
    const refused = await connection
      .queryOrder({ ...ONE, origClientOrderId: "none" })
      .catch((error) => error);
    expect(refused).toMatchObject({ code: -2013, msg: "Order does not exist." });
  });
});
