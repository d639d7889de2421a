import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lots, ticks } from "../../../src/core/units.ts";
import { openOkx } from "../../../src/gateways/okx.ts";
import { OKX_KEY } from "../../venue/okx/served-okx.ts";
import { hasty } from "../rig.ts";
import type { Fault } from "../wire.ts";
import { marketOrder, type OkxRig, openOkxRig, order, stopOrder } from "./rig.ts";

const PLACE = "POST /api/v5/trade/order";
const PLACE_ALGO = "POST /api/v5/trade/order-algo";

/** An answer of OKX's, or of something in front of it. */
const says = (code: number, status = 200, isCarriedOut = false): Fault => ({
  type: "answer",
  status,
  body: JSON.stringify({ code: String(code), data: [], msg: `said ${code}` }),
  headers: { "Content-Type": "application/json" },
  isCarriedOut,
});

describe("what the OKX gateway makes of answers that never came", () => {
  let rig: OkxRig;
  beforeEach(async () => {
    rig = await openOkxRig();
    await rig.gateway.market.instruments(["BTC-USDT-SWAP"]);
  });
  afterEach(() => rig.close());

  const resting = () => rig.venue.exchange.openOrders("main").map(({ clientId }) => clientId);

  it("takes a lost answer for unknown, and finds the order by its own id", async () => {
    for (const fault of [
      { type: "reset", isCarriedOut: true } as const,
      says(50_004, 400, true),
      says(50_001, 503, true),
      says(50_026, 500, true),
      says(50_013, 429, true),
      says(51_149, 500, true),
      says(51_054, 500, true),
      { type: "answer", status: 502, body: "<html>bad gateway</html>", isCarriedOut: true } as const,
    ]) {
      rig.wire.spoil(PLACE, fault);
      const sent = order();
      expect(await rig.gateway.trading.place(sent)).toMatchObject([
        { type: "placeUnknown", clientId: sent.clientId },
      ]);
      expect(resting()).toContain(sent.clientId);
      expect(await rig.gateway.trading.query(sent)).toMatchObject({
        type: "found",
        events: [{ type: "orderReport", status: "open", clientId: sent.clientId }],
      });
    }
  });

  it("asks for the order whose id is taken, instead of taking it for refused", async () => {
    const sent = order();
    await rig.gateway.trading.place(sent);
    expect(await rig.gateway.trading.place(sent)).toMatchObject([
      { type: "placeUnknown", clientId: sent.clientId, reason: expect.stringContaining("(51016)") },
    ]);
    expect(resting()).toEqual([sent.clientId]);
    expect(await rig.gateway.trading.query(sent)).toMatchObject({ type: "found" });
    await rig.gateway.trading.place(marketOrder());
    const stop = stopOrder();
    await rig.gateway.trading.place(stop);
    for (const code of [51_065, 51_068]) {
      rig.wire.spoil(PLACE_ALGO, says(code, 200, false));
      expect(await rig.gateway.trading.place(stop)).toMatchObject([
        { type: "placeUnknown", clientId: stop.clientId },
      ]);
    }
    expect(await rig.gateway.trading.query(stop)).toMatchObject({ type: "found" });
  });

  it("does the same with a stop whose answer is lost", async () => {
    await rig.gateway.trading.place(marketOrder());
    rig.wire.spoil(PLACE_ALGO, { type: "reset", isCarriedOut: true });
    const stop = stopOrder();
    expect(await rig.gateway.trading.place(stop)).toMatchObject([{ type: "placeUnknown" }]);
    expect(await rig.gateway.trading.query(stop)).toMatchObject({
      type: "found",
      events: [{ type: "orderReport", source: "conditional", status: "open", clientId: stop.clientId }],
    });
  });

  it("takes an order whose id is there already for its own earlier copy, and finds it", async () => {
    const [sent, stop] = [order(), stopOrder()];
    await rig.gateway.trading.place(marketOrder());
    for (const facts of [sent, stop]) {
      expect(await rig.gateway.trading.place(facts)).toMatchObject([{ status: "open" }]);
      expect(await rig.gateway.trading.place(facts)).toMatchObject([{ type: "placeUnknown" }]);
      expect(await rig.gateway.trading.query(facts)).toMatchObject({
        type: "found",
        events: [{ status: "open", clientId: facts.clientId }],
      });
    }
  });

  it("knows a stop on the mark price that would trigger at once", async () => {
    await rig.gateway.trading.place(marketOrder());
    const late = stopOrder({ trigger: ticks(501_000) });
    expect(await rig.gateway.trading.place(late)).toMatchObject([
      { type: "placeRejected", kind: "wouldTrigger", code: 51_304 },
    ]);
  });

  it("says not found only when the lookup and both lists say so", async () => {
    const lost = order();
    rig.wire.spoil(PLACE, { type: "reset" });
    expect(await rig.gateway.trading.place(lost)).toMatchObject([{ type: "placeUnknown" }]);
    expect(await rig.gateway.trading.query(lost)).toEqual({ type: "notFound" });
    const there = order();
    await rig.gateway.trading.place(there);
    // The lookup has not seen it yet; the list of resting orders has.
    rig.wire.spoil("GET /api/v5/trade/order", says(51_603));
    expect(await rig.gateway.trading.query(there)).toMatchObject({ type: "found" });
    rig.wire.spoil("GET /api/v5/trade/orders-history", says(50_026, 500));
    expect(await rig.gateway.trading.query(lost)).toMatchObject({ type: "failed" });
    const stop = stopOrder();
    expect(await rig.gateway.trading.query(stop)).toEqual({ type: "notFound" });
    rig.wire.spoil("GET /api/v5/trade/orders-algo-history", { type: "reset" });
    expect(await rig.gateway.trading.query(stop)).toMatchObject({ type: "failed" });
  });

  it("knows an order that OKX took as open when its state can't be asked", async () => {
    rig.wire.spoil("GET /api/v5/trade/order", says(50_026, 500));
    const sent = marketOrder();
    const [report, ...more] = await rig.gateway.trading.place(sent);
    expect(more).toEqual([]);
    const [own] = rig.venue.exchange.orderHistory("main", {});
    expect(report).toMatchObject({
      type: "orderReport",
      status: "open",
      clientId: sent.clientId,
      venueOrderId: String(own?.orderId),
      lots: lots(10),
    });
  });

  it("tells refusals from troubles: each kind has its own meaning", async () => {
    const kinds: [number, number, string][] = [
      [50_011, 429, "rateLimit"],
      [50_005, 410, "unavailable"],
      [50_102, 401, "clock"],
      [50_113, 401, "auth"],
    ];
    for (const [code, status, kind] of kinds) {
      rig.wire.spoil(PLACE, says(code, status));
      expect(await rig.gateway.trading.place(order({ role: "close" }))).toMatchObject([
        { type: "placeRejected", kind, code },
      ]);
    }
    expect(resting()).toEqual([]);
  });

  it("does not call a lost cancel done", async () => {
    const sent = order();
    await rig.gateway.trading.place(sent);
    rig.wire.spoil("POST /api/v5/trade/cancel-order", { type: "reset" });
    expect(await rig.gateway.trading.cancel(sent, undefined)).toMatchObject([
      { type: "cancelFailed", clientId: sent.clientId, isGone: false },
    ]);
    expect(resting()).toEqual([sent.clientId]);
  });

  it("has no order carried out that arrives later than its window, plain or conditional", async () => {
    await rig.gateway.trading.place(marketOrder());
    rig.venue.wall.ahead = rig.gateway.trading.recvWindowMs - 1_000;
    expect(await rig.gateway.trading.place(order())).toMatchObject([{ type: "orderReport" }]);
    expect(await rig.gateway.trading.place(stopOrder())).toMatchObject([{ type: "orderReport" }]);
    rig.venue.wall.ahead = rig.gateway.trading.recvWindowMs + 100;
    expect(await rig.gateway.trading.place(order())).toMatchObject([
      { type: "placeRejected", kind: "clock", code: 50_036 },
    ]);
    expect(await rig.gateway.trading.place(stopOrder())).toMatchObject([
      { type: "placeRejected", kind: "clock", code: 50_102 },
    ]);
    expect(resting()).toHaveLength(1);
    expect(rig.venue.exchange.openConditionals("main")).toHaveLength(1);
  });

  it("fails a reading as a whole when one part can't be read", async () => {
    for (const call of [
      "GET /api/v5/account/balance",
      "GET /api/v5/account/positions",
      "GET /api/v5/trade/orders-algo-pending",
      "GET /api/v5/trade/fills-history",
    ]) {
      rig.wire.spoil(call, says(50_026, 500));
      await expect(rig.gateway.account.truth(["BTC-USDT-SWAP"], 0)).rejects.toThrow();
    }
    const { truth } = await rig.gateway.account.truth(["BTC-USDT-SWAP"], 0);
    expect(truth.openOrders).toEqual([]);
  });

  it("keeps a position's margin mode for its closes, and refuses to change it under the position", async () => {
    const { trading } = rig.gateway;
    await trading.setMarginMode("BTC-USDT-SWAP", "cross");
    await trading.place(marketOrder());
    await expect(trading.setMarginMode("BTC-USDT-SWAP", "isolated")).rejects.toThrow(/a position is held/);
    expect(rig.venue.exchange.marginMode("main", "BTC-USDT-SWAP")).toBe("cross");
    // Another gateway starts, and knows nothing of the choice.
    const { gateway, close } = await openSecond(rig);
    const { config } = await gateway.account.truth(["BTC-USDT-SWAP"], 0);
    expect(config).toMatchObject([{ marginMode: "cross" }]);
    const closing = marketOrder({ side: "sell", role: "close", isReduceOnly: true });
    expect(await gateway.trading.place(closing)).toMatchObject([{ status: "filled" }]);
    await close();
  });
});

/** Another gateway on the same account. */
async function openSecond(rig: OkxRig) {
  const gateway = await openOkx({
    account: "main",
    keys: { apiKey: OKX_KEY.apiKey, secret: OKX_KEY.secret, password: OKX_KEY.passphrase },
    target: { host: "127.0.0.1", port: rig.wire.port },
    clock: hasty,
    log: { warn: () => {} },
  });
  await gateway.market.instruments(["BTC-USDT-SWAP"]);
  return { gateway, close: () => gateway.market.stop() };
}
