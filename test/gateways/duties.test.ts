import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import { lots, ticks } from "../../src/core/units.ts";
import { openBinanceCoinm } from "../../src/gateways/binance-coinm.ts";
import { openBinanceUsdm } from "../../src/gateways/binance-usdm.ts";
import { KEY } from "../venue/binance/served-venue.ts";
import { openCoinmRig } from "./coinm-rig.ts";
import { type BinanceRig, hasty, marketOrder, openRig, order, stopOrder } from "./rig.ts";
import { type Fault, refusal } from "./wire.ts";

const PAGE = "<html><body>no</body></html>";
const page = (status: number): Fault => ({ type: "answer", status, body: PAGE });

describe("an answer that is no JSON", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
    await rig.gateway.market.instruments(["BTCUSDT"]);
  });
  afterEach(() => rig.close());

  it.each([
    [401, "auth"],
    [403, "unavailable"],
    [404, "other"],
    [451, "unavailable"],
  ] as const)(
    "HTTP %i was turned away before the exchange saw it: a refusal of kind %s",
    async (status, kind) => {
      rig.wire.spoil("POST /fapi/v1/order", page(status));
      const sent = order();
      expect(await rig.gateway.trading.place(sent)).toMatchObject([
        { type: "placeRejected", clientId: sent.clientId, kind, code: undefined, reason: `HTTP ${status}` },
      ]);
      rig.wire.spoil("GET /fapi/v1/order", page(status));
      expect(await rig.gateway.trading.query(sent)).toMatchObject({ type: "failed" });
      rig.wire.spoil("DELETE /fapi/v1/order", page(status));
      expect(await rig.gateway.trading.cancel(sent, undefined)).toMatchObject([
        { type: "cancelFailed", isGone: false },
      ]);
    },
  );

  it.each([400, 408, 409, 500, 502, 503, 504])(
    "HTTP %i proves nothing: the order is unknown",
    async (status) => {
      rig.wire.spoil("POST /fapi/v1/order", { ...(page(status) as object), isCarriedOut: true } as Fault);
      const sent = marketOrder();
      expect(await rig.gateway.trading.place(sent)).toMatchObject([{ type: "placeUnknown" }]);
      expect(await rig.gateway.trading.query(sent)).toMatchObject({ type: "found" });
    },
  );
});

describe("a setting that the exchange does not take", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
    await rig.gateway.market.instruments(["BTCUSDT"]);
    await rig.gateway.trading.setMarginMode("BTCUSDT", "cross");
    await rig.gateway.trading.setLeverage("BTCUSDT", 7);
  });
  afterEach(() => rig.close());
  const told = (events: readonly DeskEvent[]) => events.map((event) => ({ ...event, at: 0, wallAt: 0 }));
  const has = (leverage: number, marginMode: string) => [
    { type: "accountConfig", account: "main", instrument: "BTCUSDT", leverage, marginMode, at: 0, wallAt: 0 },
  ];
  const refused = (what: string, reason: unknown) => [
    { type: "configRefused", account: "main", instrument: "BTCUSDT", what, reason, at: 0, wallAt: 0 },
  ];
  const [tooMuch, ordersRest] = [/\(-4028\)$/, /\(-4047\)$/].map((end) => expect.stringMatching(end));

  it("is answered with what the exchange has, and with its reason, which is logged, too", async () => {
    expect(told(await rig.gateway.trading.setLeverage("BTCUSDT", 900))).toEqual([
      ...has(7, "cross"),
      ...refused("leverage", tooMuch),
    ]);
    await rig.gateway.trading.place(order());
    expect(told(await rig.gateway.trading.setMarginMode("BTCUSDT", "isolated"))).toEqual([
      ...has(7, "cross"),
      ...refused("marginMode", ordersRest),
    ]);
    expect(rig.log.map(({ fields }) => [fields?.["instrument"], fields?.["reason"]])).toEqual([
      ["BTCUSDT", tooMuch],
      ["BTCUSDT", ordersRest],
    ]);
  });

  it("is read back after a lost answer, too: it may have been taken", async () => {
    rig.wire.spoil("POST /fapi/v1/leverage", { type: "reset", isCarriedOut: true });
    expect(told(await rig.gateway.trading.setLeverage("BTCUSDT", 3))).toEqual(has(3, "cross"));
    rig.wire.spoil("POST /fapi/v1/leverage", { type: "reset" });
    expect(told(await rig.gateway.trading.setLeverage("BTCUSDT", 5))).toEqual([
      ...has(3, "cross"),
      ...refused("leverage", expect.any(String)),
    ]);
  });

  it("tells no guess when it can't be read back", async () => {
    rig.wire.spoilAll("GET /fapi/v1/symbolConfig", { type: "reset" });
    expect(told(await rig.gateway.trading.setLeverage("BTCUSDT", 3))).toEqual(
      refused("leverage", "what the exchange has now could not be read"),
    );
    expect(rig.log).toMatchObject([{ message: "the settings of the account could not be read back" }]);
  });
});

describe("what a key may do", () => {
  const rightsOf = async (permissions: object, spoil?: Fault) => {
    const rig = await openRig({ server: { keys: [{ ...KEY, permissions }] } });
    try {
      if (spoil !== undefined) rig.wire.spoil("GET /sapi/v1/account/apiRestrictions", spoil);
      return await rig.gateway.keyRights();
    } finally {
      await rig.close();
    }
  };
  it("is read from the exchange: trading alone, or more than it should", async () => {
    const plain = { canTrade: true, canWithdraw: false, canTransfer: false, isIpRestricted: true };
    expect(await rightsOf({})).toEqual(plain);
    expect(await rightsOf({ withdrawals: true })).toEqual({ ...plain, canWithdraw: true });
    expect(await rightsOf({ internalTransfer: true })).toEqual({ ...plain, canTransfer: true });
    expect(await rightsOf({ ipRestricted: false })).toEqual({ ...plain, isIpRestricted: false });
  });

  it.each<[string, Fault]>([
    ["a refusal", refusal(-2015, 401)],
    ["a broken line", { type: "reset" }],
    ["an answer without the field", { type: "answer", status: 200, body: '{"enableFutures":true}' }],
    ["a word that is neither yes nor no", { type: "answer", status: 200, body: '{"enableFutures":"maybe"}' }],
  ])("is unreadable after %s, and never taken for harmless", async (_name, fault) => {
    await expect(rightsOf({}, fault)).rejects.toThrow();
  });
});

describe("demo trading", () => {
  it.each([
    ["USDT-M", openBinanceUsdm, "BTCUSDT", "demo-fapi.binance.com", "fstream.binancefuture.com"],
    ["COIN-M", openBinanceCoinm, "BTCUSD_PERP", "demo-dapi.binance.com", "dstream.binancefuture.com"],
  ] as const)("of %s uses none but the hosts of demo trading", async (_name, open, symbol, host, streams) => {
    const rig = await openCoinmRig();
    const gateway = await open({
      account: "main",
      keys: { apiKey: KEY.apiKey, secret: KEY.secret },
      target: { host: "127.0.0.1", port: rig.wire.port },
      isDemo: true,
      clock: hasty,
      log: { warn: () => {} },
    });
    try {
      await gateway.market.instruments([symbol]);
      await gateway.market.start([symbol], () => {});
      await gateway.account.start(() => {});
      await gateway.trading.setLeverage(symbol, 3);
      expect([...new Set(rig.wire.asked.map((asked) => asked.host))]).toEqual([host]);
      expect(rig.wire.socketHosts).toEqual([streams, streams, streams]);
    } finally {
      await gateway.account.stop();
      await gateway.market.stop();
      await rig.close();
    }
  });
});

describe("a reading of the account", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());
  const from = () => rig.venue.exchange.now() - 60_000;
  const weightOf = async (work: () => Promise<unknown>): Promise<number> => {
    const used = async () => {
      const answer = await fetch(`${rig.venue.server.url}/fapi/v1/ping`);
      return Number(answer.headers.get("x-mbx-used-weight-1m"));
    };
    const before = await used();
    await work();
    const spent = (await used()) - before - 1;
    // A minute that began in between starts at nothing.
    return spent > 0 ? spent : weightOf(work);
  };

  it("shows what others do in symbols that are not traded here, conditional orders too", async () => {
    await rig.start();
    const other = {
      instrument: "ETHUSDT",
      clientId: "web_1",
      positionSide: "both",
      reduceOnly: false,
    } as const;
    const { exchange } = rig.venue;
    exchange.place("main", {
      ...other,
      side: "buy",
      kind: "limit",
      timeInForce: "GTC",
      price: ticks(240_000),
      lots: lots(100),
    });
    exchange.placeConditional("main", {
      ...other,
      clientId: "web_2",
      side: "buy",
      kind: "stopMarket",
      trigger: ticks(260_000),
      lots: lots(100),
      closePosition: false,
      workingType: "mark",
      timeInForce: "GTC",
    });
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], from());
    const shown = [...truth.openOrders, ...truth.openConditionals];
    expect(shown).toMatchObject([
      { instrument: "ETHUSDT", clientId: "web_1", source: "order", status: "open", lots: 0 },
      { instrument: "ETHUSDT", clientId: "web_2", source: "conditional", status: "open", lots: 0 },
    ]);
    expect(shown.map((each) => "price" in each || "trigger" in each)).toEqual([false, false]);
  });

  it("costs a fifth of a minute's weight for a whole start, and little more for every one after the first", async () => {
    await rig.start();
    await rig.gateway.trading.place(stopOrder({ isReduceOnly: false }));
    const read = () => rig.gateway.account.truth(["BTCUSDT"], from());
    const first = await weightOf(read);
    const second = await weightOf(read);
    expect([first, second]).toEqual([115, 37]);
    const exposure = await weightOf(() => rig.gateway.account.exposure());
    // The start of a desk: exposure and three readings.
    expect(exposure + first + second * 2).toBeLessThanOrEqual(200);
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], from());
    expect(truth.openConditionals).toHaveLength(1);
  });

  it("asks for all symbols again once the private stream may have missed something", async () => {
    await rig.start();
    const wide = () =>
      rig.wire.asked.filter(
        ({ call, fields }) => call === "GET /fapi/v1/openOrders" && fields["symbol"] === undefined,
      ).length;
    await rig.gateway.account.truth(["BTCUSDT"], from());
    await rig.gateway.account.truth(["BTCUSDT"], from());
    expect(wide()).toBe(1);
    rig.wire.cut("/private/");
    await expect.poll(() => rig.account.some(({ type }) => type === "resynced")).toBe(true);
    await rig.gateway.account.truth(["BTCUSDT"], from());
    expect(wide()).toBe(2);
  });
});
