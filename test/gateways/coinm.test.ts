import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FillEvent } from "../../src/core/event.ts";
import { lots, ticks } from "../../src/core/units.ts";
import { type CoinmRig, openCoinmRig } from "./coinm-rig.ts";
import { marketOrder, order, soon, stopOrder } from "./rig.ts";

describe("COIN-M: two coins on one account", () => {
  let rig: CoinmRig;
  beforeEach(async () => {
    rig = await openCoinmRig();
    await rig.start();
  });
  afterEach(() => rig.close());
  const btc = { instrument: "BTCUSD_PERP" } as const;
  const eth = { instrument: "ETHUSD_PERP" } as const;
  const BOTH = ["BTCUSD_PERP", "ETHUSD_PERP"];
  const from = () => rig.venue.btc.now() - 60_000;
  const fills = (): readonly FillEvent[] => rig.account.filter((event) => event.type === "fill");

  it("tells contracts, their worth and tiers in the coin", async () => {
    const infos = await rig.gateway.market.instruments(BOTH);
    expect(infos.map(({ instrument }) => instrument)).toEqual([
      rig.venue.btc.instruments[0],
      rig.venue.eth.instruments[0],
    ]);
    expect(infos.map(({ brackets }) => brackets)).toEqual(
      [rig.venue.btc, rig.venue.eth].map((exchange, at) => exchange.brackets(BOTH[at] ?? "")),
    );
  });

  it("places what it is asked for, with our own names", async () => {
    await rig.gateway.trading.place(order({ ...btc, price: ticks(490_000), lots: lots(12) }));
    expect(rig.wire.last("POST /dapi/v1/order")).toMatchObject({
      symbol: "BTCUSD_PERP",
      quantity: "12",
      price: "49000.0",
      timeInForce: "GTX",
      newClientOrderId: expect.stringMatching(/^pdsk7qe/),
    });
    await rig.gateway.trading.place(marketOrder({ ...eth, lots: lots(30) }));
    const stop = stopOrder({ ...eth, trigger: ticks(240_000), lots: lots(30) });
    await rig.gateway.trading.place(stop);
    const asked = rig.wire.last("POST /dapi/v1/algoOrder");
    expect(asked).toMatchObject({ algoType: "CONDITIONAL", clientAlgoId: stop.clientId, reduceOnly: "true" });
    expect(asked).not.toHaveProperty("newClientOrderId");
    expect(rig.wire.asked.every(({ host }) => host === "dapi.binance.com")).toBe(true);
    expect(new Set(rig.wire.socketHosts)).toEqual(new Set(["dstream.binance.com"]));
  });

  it("tells executions of both, each with its own coin's fee, and both wallets", async () => {
    const [bought, sold] = [
      marketOrder({ ...btc, lots: lots(10) }),
      marketOrder({ ...eth, side: "sell", lots: lots(40) }),
    ];
    await rig.gateway.trading.place(bought);
    await rig.gateway.trading.place(sold);
    await soon(() => fills().length >= 2, "both fills are told");
    expect(fills().map(({ instrument, feeAsset, lots: size }) => [instrument, feeAsset, size])).toEqual([
      ["BTCUSD_PERP", "BTC", 10],
      ["ETHUSD_PERP", "ETH", 40],
    ]);
    const { truth, config } = await rig.gateway.account.truth(BOTH, from());
    expect(truth.wallets).toEqual([
      { asset: "BTC", wallet: rig.venue.btc.balance("main").wallet },
      { asset: "ETH", wallet: rig.venue.eth.balance("main").wallet },
    ]);
    const without = ({ wallAt: _wallAt, ...rest }: FillEvent) => rest;
    expect(truth.fills.map(without)).toEqual(fills().map(without));
    expect(config).toMatchObject([
      { instrument: "BTCUSD_PERP", leverage: 20, marginMode: "cross" },
      { instrument: "ETHUSD_PERP", leverage: 20, marginMode: "cross" },
    ]);
  });

  it("shows each book as the exchange has it; the maintenance margin, which it does not tell, from the tiers", async () => {
    await rig.gateway.trading.setMarginMode("BTCUSD_PERP", "isolated");
    await rig.gateway.trading.setLeverage("BTCUSD_PERP", 3);
    await rig.gateway.trading.place(marketOrder({ ...btc, lots: lots(250) }));
    await rig.gateway.trading.place(marketOrder({ ...eth, side: "sell", lots: lots(400) }));
    rig.venue.move(505_000);
    const exposure = await rig.gateway.account.exposure();
    if (exposure.type !== "exposure") throw new Error("no exposure");
    const own = [rig.venue.btc, rig.venue.eth].flatMap((exchange) =>
      exchange.positions("main").filter((each) => each.lots !== 0),
    );
    const shown = exposure.books.filter((book) => book.lots !== 0);
    expect(shown).toHaveLength(2);
    for (const [at, book] of shown.entries()) {
      const position = own[at];
      expect(book).toMatchObject({
        instrument: position?.instrument,
        lots: position?.lots,
        mark: position?.mark,
        liquidation: position?.liquidation,
        marginMode: position?.marginMode,
        leverage: position?.leverage,
        isolatedWallet: position?.isolatedWallet,
      });
      // Ours is rounded up, and never below theirs.
      const difference = book.maintenanceMargin - (position?.maintenanceMargin ?? 0);
      expect([0, 1]).toContain(difference);
    }
  });

  it("keeps the numbers of the coins' conditional orders apart, on the stream and in readings", async () => {
    await rig.gateway.trading.place(marketOrder({ ...btc, lots: lots(5) }));
    await rig.gateway.trading.place(marketOrder({ ...eth, lots: lots(5) }));
    const stops = [
      stopOrder({ ...btc, trigger: ticks(480_000), lots: lots(5) }),
      stopOrder({ ...eth, trigger: ticks(240_000), lots: lots(5) }),
    ];
    const reports = [];
    for (const stop of stops) reports.push(...(await rig.gateway.trading.place(stop)));
    const ids = reports.map((report) => (report.type === "orderReport" ? report.venueOrderId : ""));
    expect(new Set(ids).size).toBe(2);
    await soon(
      () =>
        rig.account.filter((event) => event.type === "orderReport" && event.source === "conditional")
          .length === 2,
      "both are told",
    );
    const told = rig.account.flatMap((event) =>
      event.type === "orderReport" && event.source === "conditional" ? [event.venueOrderId] : [],
    );
    expect(told).toEqual(ids);
    const { truth } = await rig.gateway.account.truth(BOTH, from());
    expect(truth.openConditionals.map(({ venueOrderId }) => venueOrderId)).toEqual(ids);
    const [, second] = stops;
    if (second === undefined) throw new Error("no stop");
    expect(await rig.gateway.trading.cancel(second, ids[1])).toMatchObject([
      { type: "orderReport", status: "canceled", instrument: "ETHUSD_PERP" },
    ]);
    expect(rig.venue.btc.openConditionals("main")).toHaveLength(1);
  });

  it("lives through an expired listen key as USDT-M does", async () => {
    rig.venue.served.server.expireListenKeys();
    await soon(() => rig.account.some(({ type }) => type === "resynced"), "the account is back");
    await rig.gateway.trading.place(marketOrder({ ...eth, lots: lots(3) }));
    await soon(() => fills().length === 1, "a fill is told again");
    expect(rig.wire.count("POST /dapi/v1/listenKey")).toBe(2);
  });

  it("trades both sides of a contract in hedge mode", async () => {
    for (const exchange of [rig.venue.btc, rig.venue.eth]) exchange.setHedgeMode("main", true);
    await rig.gateway.trading.place(marketOrder({ ...eth, lots: lots(6), positionSide: "long" }));
    await rig.gateway.trading.place(
      marketOrder({ ...eth, side: "sell", lots: lots(4), positionSide: "short" }),
    );
    const { truth } = await rig.gateway.account.truth(BOTH, from());
    expect(truth.isHedgeMode).toBe(true);
    const held = truth.books.filter((book) => book.lots !== 0);
    expect(held.map(({ positionSide, lots: size }) => [positionSide, size])).toEqual([
      ["long", 6],
      ["short", -4],
    ]);
  });
});
