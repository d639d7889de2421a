import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { millis, ticks } from "../../../src/core/units.ts";
import { marketOrder, order, stopOrder } from "../rig.ts";
import type { Fault } from "../wire.ts";
import { type BybitRig, openBybitRig } from "./rig.ts";

const CREATE = "POST /v5/order/create";
const REALTIME = "GET /v5/order/realtime";
const HISTORY = "GET /v5/order/history";

/** Bybit's no as it looks on the wire. */
const no = (retCode: number, more: Partial<Fault> = {}): Fault =>
  ({
    type: "answer",
    status: 200,
    body: JSON.stringify({ retCode, retMsg: `said ${retCode}`, result: {}, retExtInfo: {}, time: 1 }),
    headers: { "content-type": "application/json" },
    ...more,
  }) as Fault;
const badGateway: Fault = { type: "answer", status: 502, body: "<html>502 Bad Gateway</html>" };

describe("an answer of Bybit that is lost", () => {
  let rig: BybitRig;
  beforeEach(async () => {
    rig = await openBybitRig({ timeoutMs: 400 });
    await rig.gateway.market.instruments(["BTCUSDT"]);
  });
  afterEach(() => rig.close());
  const place = (facts = order()) => rig.gateway.trading.place(facts);
  const resting = () => rig.venue.usdt.openOrders("main").map(({ clientId }) => clientId);

  it.each([
    ["an answer that never comes", { type: "hang", isCarriedOut: true }],
    ["a connection that breaks", { type: "resetMidAnswer", isCarriedOut: true }],
    ["a page of a proxy", { ...badGateway, isCarriedOut: true }],
    ["a server timeout", no(10000, { isCarriedOut: true } as never)],
    ["an internal error", no(10016, { isCarriedOut: true } as never)],
    ["a claim that the id is taken", no(110072, { isCarriedOut: true } as never)],
  ] as const)(
    "leaves the outcome unknown after %s, and the order is found by its id",
    async (_what, fault) => {
      const facts = order();
      rig.wire.spoil(CREATE, fault as Fault);
      expect(await place(facts)).toMatchObject([{ type: "placeUnknown", clientId: facts.clientId }]);
      expect(resting()).toEqual([facts.clientId]);
      expect(await rig.gateway.trading.query(facts)).toMatchObject({
        type: "found",
        events: [{ type: "orderReport", status: "open", clientId: facts.clientId }],
      });
    },
  );

  it("an order that is taken and rejected in one breath is refused, so that refusals are counted", async () => {
    const facts = order();
    const row = {
      symbol: "BTCUSDT",
      orderId: "a1",
      orderLinkId: facts.clientId,
      side: "Buy",
      orderType: "Limit",
      price: "49000",
      qty: "0.010",
      positionIdx: 0,
      orderStatus: "Rejected",
      rejectReason: "EC_Others",
      cancelType: "UNKNOWN",
      stopOrderType: "",
      cumExecQty: "0",
      reduceOnly: false,
      createdTime: "1757837618905",
      updatedTime: "1757837618909",
    };
    rig.wire.spoil(
      REALTIME,
      no(0, { body: JSON.stringify({ retCode: 0, retMsg: "OK", result: { list: [row] } }) } as never),
    );
    expect(await place(facts)).toEqual([
      expect.objectContaining({
        type: "placeRejected",
        clientId: facts.clientId,
        kind: "other",
        reason: "EC_Others",
      }),
    ]);
  });

  it("finds nothing when the request never arrived, and says so only when both lists are silent", async () => {
    const facts = order();
    rig.wire.spoil(CREATE, { type: "reset" });
    expect(await place(facts)).toMatchObject([{ type: "placeUnknown" }]);
    expect(await rig.gateway.trading.query(facts)).toEqual({ type: "notFound" });
    expect([rig.wire.count(REALTIME), rig.wire.count(HISTORY)]).toEqual([1, 1]);
    for (const spoilt of [REALTIME, HISTORY]) {
      rig.wire.spoil(spoilt, badGateway);
      expect(await rig.gateway.trading.query(facts)).toMatchObject({ type: "failed" });
    }
  });

  it("takes an accepted order for resting when nobody tells more, and never for filled", async () => {
    const facts = marketOrder();
    rig.wire.spoil(REALTIME, badGateway);
    const [report, ...more] = await place(facts);
    expect(more).toEqual([]);
    expect(report).toMatchObject({ type: "orderReport", status: "open", clientId: facts.clientId });
    const answer = await rig.gateway.trading.query(facts);
    expect(answer.type === "found" && answer.events.map(({ type }) => type)).toEqual(["fill", "orderReport"]);
  });

  it("does not call a cancel done, or an order gone, that it knows nothing of", async () => {
    const facts = order();
    await place(facts);
    rig.wire.spoil("POST /v5/order/cancel", { ...badGateway, isCarriedOut: true });
    expect(await rig.gateway.trading.cancel(facts, undefined)).toMatchObject([
      { type: "cancelFailed", isGone: false },
    ]);
    expect(await rig.gateway.trading.query(facts)).toMatchObject({ events: [{ status: "canceled" }] });
  });

  it("stops entries for a while after too many orders, but no closes", async () => {
    await place(marketOrder());
    rig.wire.spoil(CREATE, no(10006));
    expect(await place()).toMatchObject([{ type: "placeRejected", kind: "rateLimit", code: 10006 }]);
    const asked = rig.wire.count(CREATE);
    expect(await place()).toMatchObject([{ type: "placeRejected", kind: "rateLimit", code: undefined }]);
    expect(rig.wire.count(CREATE)).toBe(asked);
    expect(await place(stopOrder())).toMatchObject([{ type: "orderReport", status: "open" }]);
  });

  it("goes on at once after 429: the exchange is under load, nobody asked too much", async () => {
    const close = () => marketOrder({ role: "close", side: "sell", isReduceOnly: true });
    await place(marketOrder());
    rig.wire.spoil(CREATE, no(429));
    const [refused] = await place(close());
    expect(refused).toMatchObject({ type: "placeRejected", kind: "unavailable", code: 429 });
    expect(refused).not.toHaveProperty("waitMs");
    expect(await place()).toMatchObject([{ type: "orderReport", status: "open" }]);
    expect(await place(close())).toMatchObject([{ type: "orderReport", status: "filled" }]);
  });

  it("asks nothing more of an exchange that shut it out", async () => {
    rig.wire.spoil(CREATE, { type: "answer", status: 403, body: "<html>access too frequent</html>" });
    const [first] = await place();
    expect(first).toMatchObject({ type: "placeRejected", kind: "rateLimit" });
    const asked = rig.wire.asked.length;
    expect(await rig.gateway.trading.query(order())).toMatchObject({ type: "failed" });
    const [refused] = await place(marketOrder({ role: "close", side: "sell" }));
    expect(refused).toMatchObject({ type: "placeRejected", kind: "rateLimit" });
    const reason = refused?.type === "placeRejected" ? refused.reason : "";
    // Ten minutes, as Bybit asks for, less the moment that the question took.
    expect(Number(/another (\d+) ms/.exec(reason)?.[1]) / 1_000).toBeCloseTo(600, -1);
    // The desk hears it, too.
    for (const event of [first, refused])
      expect((event?.type === "placeRejected" ? (event.waitMs ?? 0) : 0) / 1_000).toBeCloseTo(600, -1);
    expect(rig.wire.asked).toHaveLength(asked);
  });

  it("keeps part of each second's orders for closes", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => place()));
    const kinds = answers.map(([event]) => (event?.type === "placeRejected" ? event.kind : event?.type));
    expect(kinds.filter((kind) => kind === "orderReport")).toHaveLength(6);
    expect(kinds.filter((kind) => kind === "rateLimit")).toHaveLength(2);
    const close = marketOrder({ role: "close", side: "sell", isReduceOnly: true });
    expect(await place(close)).toMatchObject([{ type: "placeRejected", kind: "reduceOnly", code: 110017 }]);
  });

  it("does not read an account before the market told its time", async () => {
    await expect(rig.gateway.account.truth(["BTCUSDT"], 0)).rejects.toThrow(/has not spoken yet/);
  });

  it("does not take part of an account for the whole", async () => {
    await rig.start();
    const truth = () => rig.gateway.account.truth(["BTCUSDT"], rig.venue.usdt.now() - 60_000);
    await place(marketOrder());
    await place(marketOrder({ role: "close", side: "sell", isReduceOnly: true }));
    for (const call of [
      "GET /v5/account/info",
      "GET /v5/position/list",
      HISTORY,
      "GET /v5/execution/list",
      "GET /v5/account/transaction-log",
      REALTIME,
      "GET /v5/account/wallet-balance",
    ]) {
      rig.wire.spoil(call, no(10016));
      await expect(truth(), call).rejects.toThrow(/10016/);
    }
    expect((await truth()).truth.fills).toHaveLength(2);
  });

  it("reads an account's history over more windows than one, page by page", async () => {
    await rig.start();
    for (let at = 0; at < 6; at += 1) {
      const facts = order({ price: ticks(490_000 - at) });
      await place(facts);
      await rig.gateway.trading.cancel(facts, undefined);
    }
    const now = rig.venue.usdt.now();
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], now - 10 * 86_400_000);
    expect(truth.history.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "canceled"));
    expect(truth.history.map(({ price }) => price)).toEqual([
      490_000, 489_999, 489_998, 489_997, 489_996, 489_995,
    ]);
    expect(truth.historyFrom).toBe(millis(now - 10 * 86_400_000));
  });
});
