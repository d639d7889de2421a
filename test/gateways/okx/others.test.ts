import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeskEvent } from "../../../src/core/event.ts";
import type { ExchangeClient } from "../../../src/gateways/exchange-client.ts";
import { OKX_STREAMS } from "../../../src/gateways/okx/hosts.ts";
import { okx } from "../../../src/gateways/okx.ts";
import { HandClock, settled } from "../rig.ts";
import { type OkxRig, openOkxRig, order, stopOrder } from "./rig.ts";

/** An order as OKX shows those of every kind, with what differs from kind to kind. */
const resting = (ordId: string, instType: string, instId: string, change: object = {}) => ({
  accFillSz: "0",
  cTime: "1746057600000",
  category: "normal",
  clOrdId: "",
  instId,
  instType,
  ordId,
  ordType: "limit",
  posSide: "net",
  px: "60000",
  reduceOnly: "false",
  side: "buy",
  state: "live",
  sz: "3",
  tdMode: "cross",
  uTime: "1746057600001",
  ...change,
});
const ORDERS = [
  resting("11", "FUTURES", "BTC-USDT-260925", { posSide: "long" }),
  resting("12", "MARGIN", "BTC-USDT", { sz: "0.00190433573", ccy: "BTC", posSide: "" }),
  resting("13", "OPTION", "BTC-USD-260925-60000-C", { px: "", pxVol: "0.6", pxUsd: "", reduceOnly: "" }),
  resting("14", "EVENTS", "BTC-ABOVE-DAILY-260224-1600-65000", {
    posSide: "yes",
    outcome: "yes",
    px: "0.45",
  }),
  resting("15", "SPOT", "ETH-USDT", { tdMode: "cash", posSide: "", reduceOnly: "" }),
];
const STOPS = [
  {
    ...resting("", "FUTURES", "BTC-USDT-260925"),
    algoId: "21",
    algoClOrdId: "",
    slTriggerPx: "55000",
    state: "live",
  },
  { ...resting("", "SPOT", "ETH-USDT"), algoId: "22", algoClOrdId: "", tpTriggerPx: "9000", state: "pause" },
];
const held = (instType: string, instId: string, change: object) => ({
  avgPx: "62961.4",
  ccy: "USDT",
  instId,
  instType,
  lever: "5",
  liqPx: "",
  margin: "",
  markPx: "62891.9",
  mgnMode: "cross",
  mmr: "0.1",
  notionalUsd: "119.75",
  pos: "1",
  posCcy: "",
  posSide: "net",
  ...change,
});
const POSITIONS = [
  held("FUTURES", "BTC-USDT-260925", { pos: "-2" }),
  held("MARGIN", "BTC-USDT", {
    pos: "0.00190433573",
    posCcy: "BTC",
    ccy: "BTC",
    liab: "-99.99",
    liabCcy: "USDT",
  }),
  held("OPTION", "BTC-USD-260925-60000-C", {
    ccy: "BTC",
    lever: "",
    margin: "",
    notionalUsd: "",
    optVal: "0.01",
  }),
  held("MARGIN", "ETH-USDT", { pos: "0", notionalUsd: "" }),
];
const FOREIGN = ["BTC-USDT-260925", "BTC-USDT", "BTC-USD-260925-60000-C", ORDERS[3]?.instId];

describe("what a person has on the account beside perpetual swaps", () => {
  let rig: OkxRig;
  beforeEach(async () => {
    rig = await openOkxRig();
    await rig.gateway.market.instruments(["BTC-USDT-SWAP"]);
  });
  afterEach(() => rig.close());

  const says = (call: string, data: readonly object[]) =>
    rig.wire.spoilAll(call, {
      type: "answer",
      status: 200,
      body: JSON.stringify({ code: "0", msg: "", data }),
      headers: { "Content-Type": "application/json" },
    });

  it("is in a reading: positions and resting orders of every kind, but no exchange of coins", async () => {
    says("GET /api/v5/trade/orders-pending", ORDERS);
    says("GET /api/v5/account/positions", POSITIONS);
    rig.wire.spoil("GET /api/v5/trade/orders-algo-pending", {
      type: "answer",
      status: 200,
      body: JSON.stringify({ code: "0", msg: "", data: STOPS }),
      headers: { "Content-Type": "application/json" },
    });
    const { truth } = await rig.gateway.account.truth(["BTC-USDT-SWAP"], 0);
    expect(truth.others).toEqual([
      { symbol: "BTC-USDT-260925", size: "2", asset: "USDT", notional: 11_975_000_000 },
      { symbol: "BTC-USDT", size: "0.00190433573", asset: "USD", notional: 11_975_000_000 },
      { symbol: "BTC-USD-260925-60000-C", size: "1", asset: "USD", notional: 0 },
    ]);
    expect(truth.books).toEqual([]);
    expect(truth.openOrders.map(({ instrument }) => instrument)).toEqual(FOREIGN.toReversed());
    expect(
      truth.openOrders.every((each) => each.status === "open" && each.clientId === each.venueOrderId),
    ).toBe(true);
    expect(truth.openConditionals).toMatchObject([{ instrument: "BTC-USDT-260925", venueOrderId: "a21" }]);
    for (const call of ["trade/orders-pending", "account/positions", "trade/orders-algo-pending"]) {
      expect(rig.wire.last(`GET /api/v5/${call}`)).not.toHaveProperty("instType");
    }
  });

  it("leaves ours as they are, which the venue lists without being asked for a kind", async () => {
    const [entry, stop] = [order(), stopOrder()];
    for (const facts of [entry, stop]) await rig.gateway.trading.place(facts);
    const { truth } = await rig.gateway.account.truth(["BTC-USDT-SWAP"], 0);
    expect(truth.openOrders).toMatchObject([{ clientId: entry.clientId, lots: 10 }]);
    expect(truth.openConditionals).toMatchObject([{ clientId: stop.clientId, lots: 10 }]);
    expect(truth.others).toEqual([]);
  });
});

describe("news of what a person has beside perpetual swaps", () => {
  it("is told like any foreign order, whatever words it uses, and breaks no stream", async () => {
    const sent: { readonly url: string; readonly args: readonly object[] }[] = [];
    const cuts: unknown[] = [];
    let tell: (url: string, message: unknown) => void = () => {};
    const client = {
      socket: (url: string, hello: { readonly args: readonly object[] }) => {
        sent.push({ url, args: hello.args });
        const broken = new Promise(() => {});
        return {
          url,
          connected: Promise.resolve(),
          broken,
          send: () => {},
          cut: (why: Error) => cuts.push(why),
        };
      },
      now: () => 1_800_000_000_000,
      tap: (look: typeof tell) => {
        tell = look;
      },
    } as unknown as ExchangeClient;
    const streams = OKX_STREAMS.live;
    const clock = new HandClock();
    const { account } = okx({
      account: "main",
      client,
      streams,
      keys: undefined,
      clock,
      log: { warn: () => {} },
    });
    const events: DeskEvent[] = [];
    const started = account.start((event) => events.push(event));
    await settled();
    expect(sent[0]?.args).toContainEqual({ channel: "orders", instType: "ANY" });
    expect(sent[1]?.args).toEqual([{ channel: "orders-algo", instType: "ANY" }]);
    for (const { url, args } of sent) for (const arg of args) tell(url, { event: "subscribe", arg });
    await started;
    const news = {
      code: "0",
      execType: "T",
      fillSz: "1",
      fillPx: "0.45",
      tradeId: "7",
      fillTime: "1746057600001",
    };
    for (const row of ORDERS) {
      const arg = { channel: "orders", instType: "ANY", uid: "1" };
      tell(streams.private, {
        arg,
        data: [{ ...row, ...news, state: row.instType === "EVENTS" ? "settling" : "filled" }],
      });
    }
    for (const row of STOPS) {
      tell(streams.business, {
        arg: { channel: "orders-algo", instType: "ANY" },
        data: [{ ...row, state: "canceled" }],
      });
    }
    expect(cuts).toEqual([]);
    expect(events.map((event) => event.type === "orderReport" && [event.instrument, event.status])).toEqual([
      ...FOREIGN.map((instrument, at) => [instrument, at === 3 ? "open" : "filled"]),
      ["BTC-USDT-260925", "canceled"],
    ]);
    await account.stop();
  });
});
