import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invariant } from "../../src/core/invariant.ts";
import { MARKET_START, type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { type Connector, openConnector } from "./connector.ts";
import { connectorTypes } from "./declared-types.ts";
import { REST_EXCEPTIONS, REST_NOT_SERVED, TOGETHER } from "./exceptions.ts";
import { REST_STEPS } from "./rest-steps.ts";

/** What each method answered, in order. */
type Seen = ReadonlyMap<string, readonly unknown[]>;

describe("every REST answer has all that Binance's connector declares", () => {
  const types = connectorTypes();
  const declared = types.methodsOf("RestAPI", "RestApiResponse");
  let venue: Served;
  let seen: Seen;
  beforeAll(async () => {
    // Funding is due five seconds after the start.
    venue = await serveVenue({}, MARKET_START - 5_000);
    seen = await answers(await openConnector(venue.server.port), venue);
  });
  afterAll(() => venue.close());

  it("serves each of its calls, or says why not", () => {
    const known = [...seen.keys(), ...Object.keys(REST_NOT_SERVED)].sort();
    expect(known).toEqual([...declared.keys()].sort());
  });

  it.each([...declared].filter(([method]) => !(method in REST_NOT_SERVED)))("%s: %s", (method, type) => {
    const found = (seen.get(method) ?? []).flatMap((payload) =>
      types.shortfalls(type, payload, TOGETHER[method]),
    );
    expect([...new Set(found)].sort()).toEqual(Object.keys(REST_EXCEPTIONS[method] ?? {}).sort());
  });

  it.each(["placeMultipleOrders", "cancelMultipleOrders", "modifyMultipleOrders"])(
    "%s shows an order for what was done and a refusal for what was not",
    (method) => {
      const [done, refused] = (seen.get(method) ?? [])[0] as readonly object[];
      const type = declared.get(method) ?? "";
      expect(types.shortfalls(type, [done])).toEqual(["[].code is missing", "[].msg is missing"]);
      expect(Object.keys(refused ?? {})).toEqual(["code", "msg"]);
    },
  );

  it("reads every kind of filter with the fields that Binance gives it", () => {
    const [info] = (seen.get("exchangeInformation") ?? []) as readonly { symbols: { filters: object[] }[] }[];
    const kinds = info?.symbols[0]?.filters.map((filter) => Object.keys(filter).join(" "));
    expect(kinds).toEqual([
      "filterType minPrice maxPrice tickSize",
      "filterType minQty maxQty stepSize",
      "filterType minQty maxQty stepSize",
      "filterType limit",
      "filterType limit",
      "filterType notional",
      "filterType multiplierUp multiplierDown multiplierDecimal",
      "filterType positionControlSide",
    ]);
  });
});

/** Goes through the story with the connector. */
async function answers(connector: Connector, venue: Served): Promise<Seen> {
  const seen = new Map<string, unknown[]>();
  const methods = connector.restAPI as unknown as Record<string, Method>;
  for (const step of REST_STEPS) {
    if ("happens" in step) {
      step.happens(venue);
      continue;
    }
    const method = methods[step.call];
    invariant(method !== undefined, `the connector has a method ${step.call}`);
    const answer = await method.call(connector.restAPI, step.with).catch((error: unknown) => {
      throw new Error(`${step.call} ${JSON.stringify(step.with)}: ${String(error)}`, { cause: error });
    });
    seen.set(step.call, [...(seen.get(step.call) ?? []), await answer.data()]);
  }
  return seen;
}

type Method = (fields?: object) => Promise<{ data(): Promise<unknown> }>;
