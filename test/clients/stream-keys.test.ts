import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invariant } from "../../src/core/invariant.ts";
import { value } from "../../src/core/units.ts";
import { type Served, serveVenue, until } from "../venue/binance/served-venue.ts";
import { type Connector, openConnector } from "./connector.ts";
import { connectorTypes } from "./declared-types.ts";
import { EVENT_EXCEPTIONS, EVENTS_NOT_SERVED, STREAMS_NOT_SERVED } from "./exceptions.ts";

const BTC = { symbol: "btcusdt" };

/** How each served stream is asked for. */
const STREAMS: Readonly<Record<string, object>> = {
  aggregateTradeStreams: BTC,
  allMarketLiquidationOrderStreams: {},
  allMarketMiniTickersStream: {},
  allMarketTickersStreams: {},
  continuousContractKlineCandlestickStreams: { pair: "btcusdt", contractType: "perpetual", interval: "1w" },
  contractInfoStream: {},
  individualSymbolMiniTickerStream: BTC,
  individualSymbolTickerStreams: BTC,
  klineCandlestickStreams: { ...BTC, interval: "1M" },
  liquidationOrderStreams: BTC,
  markPriceStream: { ...BTC, updateSpeed: "1s" },
  markPriceStreamForAllMarket: { updateSpeed: "1s" },
  allBookTickersStream: {},
  diffBookDepthStreams: { ...BTC, updateSpeed: "100ms" },
  individualSymbolBookTickerStreams: BTC,
  partialBookDepthStreams: { ...BTC, levels: 5 },
  rpiDiffBookDepthStreams: BTC,
};

interface Stream {
  on(event: "message", listen: (message: unknown) => void): void;
}

describe("every streamed message has all that Binance's connector declares", () => {
  const types = connectorTypes();
  const streams = types.methodsOf("WebsocketStreamsConnection", "WebsocketStream");
  const events = types.eventsOf("UserDataStreamEventsResponse");
  const heard = new Map<string, unknown[]>();
  const told: Record<string, unknown>[] = [];
  let venue: Served;
  beforeAll(async () => {
    // The connector asks for each stream with a message of its own.
    venue = await serveVenue({ socketLife: { messagesPerSecond: 100 } });
    await listen(await openConnector(venue.server.port), heard, told);
    tell(venue);
    await until(() => heard.size === Object.keys(STREAMS).length, "every stream says something");
    await until(() => told.some(({ e }) => e === "listenKeyExpired"), "the key's end is told");
  });
  afterAll(() => venue.close());

  it("serves each of its streams, or says why not", () => {
    const known = [...heard.keys(), ...Object.keys(STREAMS_NOT_SERVED), "userData"].sort();
    expect(known).toEqual([...streams.keys()].sort());
  });

  it("sends each of its private events, or says why not", () => {
    const known = [...new Set(told.map(({ e }) => String(e))), ...Object.keys(EVENTS_NOT_SERVED)].sort();
    expect(known).toEqual([...events.keys()].sort());
  });

  it.each([...streams].filter(([name]) => name in STREAMS))("%s: %s", (name, type) => {
    const found = (heard.get(name) ?? []).flatMap((message) => types.shortfalls(type, message));
    expect(found).toEqual([]);
  });

  it.each([...events].filter(([e]) => !(e in EVENTS_NOT_SERVED)))("%s: %s", (event, type) => {
    const found = told.filter(({ e }) => e === event).flatMap((message) => types.shortfalls(type, message));
    expect([...new Set(found)].sort()).toEqual(Object.keys(EVENT_EXCEPTIONS[event] ?? {}).sort());
  });

  it("tells the commission with every fill", () => {
    const type = events.get("ORDER_TRADE_UPDATE") ?? "";
    const fills = told.filter(({ e, o }) => e === "ORDER_TRADE_UPDATE" && Number((o as { l: string }).l) > 0);
    expect(fills.length).toBeGreaterThan(2);
    for (const fill of fills) expect(types.shortfalls(type, fill)).toEqual([]);
  });

  it("tells a conditional order's life with the order that its trigger made", () => {
    const lives = told.filter(({ e }) => e === "ALGO_UPDATE").map(({ o }) => o as Record<string, unknown>);
    const fired = lives.filter(({ caid }) => caid === "fires");
    expect(fired.map(({ X }) => X)).toEqual(["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]);
    const [placed, , triggered, finished] = fired;
    expect(placed).toMatchObject({ ai: "", aq: "0", act: "0", ia: false, tt: 0, rm: "" });
    expect(triggered).toMatchObject({ aq: "0.000", ap: "0.00000000", act: "MARKET", ia: true });
    expect(triggered?.["ai"]).toMatch(/^\d+$/);
    expect(finished).toMatchObject({ ai: triggered?.["ai"], aq: "0.005", act: "MARKET" });
    expect(Number(finished?.["ap"])).toBeGreaterThan(49_000);
    const refused = lives.filter(({ caid }) => caid === "refused").at(-1);
    expect(refused).toMatchObject({ X: "REJECTED", ai: "", rm: "Order would be rejected." });
    const rejects = told.filter(({ e }) => e === "CONDITIONAL_ORDER_TRIGGER_REJECT");
    expect(rejects.map(({ or }) => or)).toEqual([
      { s: "BTCUSDT", i: refused?.["aid"], r: "Order would be rejected." },
    ]);
  });
});

/** Listens to all streams and to the account's own. */
async function listen(
  { restAPI, websocketStreams }: Connector,
  heard: Map<string, unknown[]>,
  told: Record<string, unknown>[],
): Promise<void> {
  const connection = await websocketStreams.connect();
  let answers = 0;
  connection.on("message", (text: string) => {
    if ("result" in JSON.parse(text)) answers += 1;
  });
  const methods = connection as unknown as Record<string, (fields: object) => Stream>;
  for (const [name, fields] of Object.entries(STREAMS)) {
    const method = methods[name];
    invariant(method !== undefined, `the connector has a stream ${name}`);
    method.call(connection, fields).on("message", (message) => {
      heard.set(name, [...(heard.get(name) ?? []), message]);
    });
  }
  const { listenKey } = await (await restAPI.startUserDataStream()).data();
  connection.userData(listenKey ?? "").on("message", (message) => {
    told.push({ ...message });
  });
  await until(() => answers > Object.keys(STREAMS).length, "all subscriptions are confirmed");
}

/** A life in which everything happens that is worth a message. */
function tell({ exchange, move, server }: Served): void {
  const order = {
    instrument: "BTCUSDT",
    clientId: "",
    side: "buy",
    positionSide: "both",
    kind: "limit",
    timeInForce: "GTC",
    price: 490_000 as never,
    lots: 10 as never,
    reduceOnly: false,
  } as const;
  const stop = {
    ...order,
    side: "sell",
    kind: "stopMarket",
    lots: 5 as never,
    closePosition: false,
    reduceOnly: true,
    workingType: "mark",
    price: undefined as never,
  } as const;
  exchange.deposit("main", value(100_000_000));
  exchange.setMarginMode("main", "BTCUSDT", "isolated");
  exchange.setLeverage("main", "BTCUSDT", 50);
  exchange.place("main", { ...order, clientId: "rests" });
  exchange.amend("main", "BTCUSDT", { clientId: "rests" }, { price: 489_000 as never });
  exchange.cancel("main", "BTCUSDT", { clientId: "rests" });
  exchange.place("main", { ...order, kind: "market", price: undefined as never });
  exchange.placeConditional("main", { ...stop, clientId: "refused", trigger: 499_000 as never });
  exchange.placeConditional("main", { ...stop, clientId: "fires", trigger: 497_000 as never });
  exchange.hand.refuseStops("main", "triggered", 1);
  exchange.hand.setBrackets("BTCUSDT", exchange.brackets("BTCUSDT"));
  for (let price = 500_500; price > 486_000; price -= 400) move(price);
  server.expireListenKeys();
}
