import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBinanceDirect } from "../../src/gateways/binance-direct.ts";
import { KEY } from "../venue/binance/served-venue.ts";
import { type BinanceRig, hasty, openRig, order } from "./rig.ts";

/** As some of Binance's symbols have them: no double holds it. */
const ID = "8389765612825190229";

describe("an order id of nineteen digits", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());

  const options = () => ({
    account: "main",
    keys: { apiKey: KEY.apiKey, secret: KEY.secret },
    target: { host: "127.0.0.1", port: rig.wire.port },
    clock: hasty,
    log: { warn: () => {} },
  });

  it.each(["ccxt", "our own client"])(
    "keeps its digits through %s: its fills are asked and told",
    async (carrier) => {
      const gateway = carrier === "ccxt" ? rig.gateway : openBinanceDirect(options());
      await gateway.market.instruments(["BTCUSDT"]);
      const sent = order();
      const common = `"symbol":"BTCUSDT","orderId":${ID},"side":"BUY","positionSide":"BOTH"`;
      const placed = `{${common},"clientOrderId":"${sent.clientId}","status":"FILLED","reduceOnly":false,"origQty":"0.010","price":"49000.0","updateTime":1700000000000}`;
      const trade = `[{${common},"id":5,"price":"49000.0","qty":"0.010","commission":"0.1","commissionAsset":"USDT","realizedPnl":"0","maker":true,"time":1700000000000}]`;
      rig.wire.spoilAll("GET /fapi/v1/order", { type: "answer", status: 200, body: placed });
      rig.wire.spoilAll("GET /fapi/v1/userTrades", { type: "answer", status: 200, body: trade });
      expect(await gateway.trading.query(sent)).toMatchObject({
        type: "found",
        events: [
          { type: "fill", clientId: sent.clientId, venueOrderId: ID, lots: 10 },
          { type: "orderReport", clientId: sent.clientId, venueOrderId: ID, status: "filled" },
        ],
      });
      expect(rig.wire.last("GET /fapi/v1/userTrades")).toMatchObject({ orderId: ID });
      if (carrier !== "ccxt") await gateway.market.stop();
    },
  );

  it("is joined to its fills in a reading of the account", async () => {
    const { exchange } = rig.venue;
    await rig.start();
    const from = exchange.now() - 1_000;
    const row = (id: string, clientId: string) =>
      `{"symbol":"BTCUSDT","orderId":${id},"side":"BUY","positionSide":"BOTH","clientOrderId":"${clientId}","status":"FILLED","reduceOnly":false,"origQty":"0.010","price":"49000.0","time":${exchange.now()},"updateTime":${exchange.now()}}`;
    const two = "8389765612825190230";
    const trade = `{"symbol":"BTCUSDT","orderId":${two},"side":"BUY","positionSide":"BOTH","id":5,"price":"49000.0","qty":"0.010","commission":"0.1","commissionAsset":"USDT","realizedPnl":"0","maker":true,"time":${exchange.now()}}`;
    rig.wire.spoilAll("GET /fapi/v1/allOrders", {
      type: "answer",
      status: 200,
      body: `[${row(two, "second")},${row(ID, "first")}]`,
    });
    rig.wire.spoilAll("GET /fapi/v1/userTrades", { type: "answer", status: 200, body: `[${trade}]` });
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], from);
    expect(truth.history.map(({ venueOrderId, clientId }) => [venueOrderId, clientId])).toEqual([
      [ID, "first"],
      [two, "second"],
    ]);
    expect(truth.fills).toMatchObject([{ venueOrderId: two, clientId: "second" }]);
  });

  it("demo trading is never carried by the client that only knows the addresses of real money", () => {
    expect(() => openBinanceDirect({ ...options(), isDemo: true })).toThrow(
      "demo trading is carried by ccxt",
    );
  });
});
