import { afterEach, describe, expect, it } from "vitest";
import { stepOf } from "../../src/core/text.ts";
import { lots, ONE, rate, ticks } from "../../src/core/units.ts";
import type { Gateway, InstrumentSteps } from "../../src/desk/ports.ts";
import { contractOf } from "../../src/gateways/okx/instruments.ts";
import { MARKET_START } from "../venue/binance/served-venue.ts";
import { openBybitRig } from "./bybit/rig.ts";
import { openOkxRig } from "./okx/rig.ts";
import { type BinanceRig, marketOrder, openRig, order, soon, stopOrder } from "./rig.ts";

const FINE: InstrumentSteps = { tick: stepOf("0.1"), lot: stepOf("0.001") };
const known = new Map([["BTCUSDT", FINE]]);
let close = async (): Promise<void> => {};
afterEach(() => close());

async function openBinance(): Promise<BinanceRig> {
  const rig = await openRig();
  close = () => rig.close();
  await rig.start();
  return rig;
}

/** What rests and what was executed, as a reading of the account counts it. */
async function readingOf({ account }: Gateway) {
  const { truth } = await account.truth(["BTCUSDT"], MARKET_START);
  return {
    resting: truth.openOrders.map(({ price, lots: size }) => [price, size]),
    stops: truth.openConditionals.map(({ trigger, lots: size }) => [trigger, size]),
    fills: truth.fills.map(({ price, lots: size, tradeId }) => [price, size, tradeId]),
    books: truth.books.filter(({ lots: size }) => size !== 0).map(({ lots: size }) => size),
  };
}

describe("a restart after the exchange made its steps coarser", () => {
  it("reads all of before as it was, in the steps of before, and knows the present ones at once", async () => {
    const rig = await openBinance();
    await rig.gateway.trading.place(marketOrder({ lots: lots(13) }));
    await rig.gateway.trading.place(order({ price: ticks(490_003), lots: lots(11) }));
    await rig.gateway.trading.place(stopOrder({ trigger: ticks(480_007), lots: lots(13) }));
    const before = await readingOf(rig.gateway);
    expect(before).toMatchObject({ resting: [[490_003, 11]], stops: [[480_007, 13]], books: [13] });
    rig.venue.exchange.hand.setPriceStep("BTCUSDT", 5);
    rig.venue.exchange.hand.setLotStep("BTCUSDT", 10);
    const [info] = await rig.gateway.market.instruments(["BTCUSDT"], known);
    expect(info).toMatchObject({ instrument: FINE, priceStep: 5, lotStep: 10 });
    const told = await fetch(`http://127.0.0.1:${rig.venue.server.port}/fapi/v1/exchangeInfo`);
    expect(await told.text()).toContain('"minQty":"0.010","maxQty":"1000.000","stepSize":"0.010"');
    // The venue's smallest order is a whole step, which the step itself says.
    expect(info?.instrument.lotsMin).toBe(1);
    expect(await readingOf(rig.gateway)).toEqual(before);
    const changes = () => rig.market.filter((event) => event.type === "instrumentChanged");
    const toldBefore = changes().length;
    await rig.gateway.market.refresh();
    expect(changes()).toHaveLength(toldBefore);
    const sent = await rig.gateway.trading.place(order({ price: ticks(489_995), lots: lots(20) }));
    expect(sent).toMatchObject([{ type: "orderReport", price: 489_995, lots: 20 }]);
  });

  it("without knowledge of before: prices to the nearest tick, sizes exactly, since no size has more digits than the exchange says", async () => {
    const rig = await openBinance();
    await rig.gateway.trading.place(marketOrder({ lots: lots(13) }));
    await rig.gateway.trading.place(order({ price: ticks(490_003), lots: lots(11) }));
    rig.venue.exchange.hand.setPriceStep("BTCUSDT", 5);
    rig.venue.exchange.hand.setLotStep("BTCUSDT", 10);
    const [info] = await rig.gateway.market.instruments(["BTCUSDT"]);
    expect(info).toMatchObject({
      instrument: { tick: { text: "0.5" }, lot: { text: "0.001" } },
      lotStep: 10,
    });
    expect(info).not.toHaveProperty("priceStep");
    expect(await readingOf(rig.gateway)).toMatchObject({ resting: [[98_001, 11]], books: [13] });
  });

  it("and again when it made them finer: then they are counted finer, and nothing of before is lost", async () => {
    const rig = await openBinance();
    const coarse = new Map([["BTCUSDT", { tick: stepOf("0.5"), lot: stepOf("0.025") }]]);
    const [info] = await rig.gateway.market.instruments(["BTCUSDT"], coarse);
    expect(info).toMatchObject({ instrument: FINE });
    expect(info).not.toHaveProperty("priceStep");
    expect(info).not.toHaveProperty("lotStep");
    const odd = new Map([["BTCUSDT", { tick: stepOf("0.25"), lot: stepOf("0.001") }]]);
    const [both] = await rig.gateway.market.instruments(["BTCUSDT"], odd);
    expect(both).toMatchObject({ instrument: { tick: { text: "0.05" } }, priceStep: 2 });
  });
});

describe("the other exchanges keep counting in the steps of before", () => {
  it("Bybit", async () => {
    const rig = await openBybitRig();
    close = () => rig.close();
    await rig.start();
    await rig.gateway.trading.place(order({ price: ticks(490_003), lots: lots(11) }));
    const before = await readingOf(rig.gateway);
    expect(before.resting).toEqual([[490_003, 11]]);
    rig.venue.usdt.hand.setPriceStep("BTCUSDT", 5);
    rig.venue.usdt.hand.setLotStep("BTCUSDT", 10);
    const [info] = await rig.gateway.market.instruments(["BTCUSDT"], known);
    expect(info).toMatchObject({ instrument: { ...FINE, lotsMin: 1 }, priceStep: 5, lotStep: 10 });
    expect(await readingOf(rig.gateway)).toEqual(before);
    const sent = await rig.gateway.trading.place(order({ price: ticks(489_995), lots: lots(20) }));
    expect(sent).toMatchObject([{ type: "orderReport", price: 489_995, lots: 20 }]);
    // Without knowledge of before a size between two lots is not guessed.
    await rig.gateway.market.instruments(["BTCUSDT"]);
    await expect(readingOf(rig.gateway)).rejects.toThrow(
      'symbol "BTCUSDT" has a size of 0.011 on this account',
    );
  });

  it("OKX, on the wire in contracts", async () => {
    const rig = await openOkxRig();
    close = () => rig.close();
    await rig.start();
    const id = "BTC-USDT-SWAP";
    const [first] = await rig.gateway.market.instruments([id]);
    if (first === undefined) throw new Error("nothing was read");
    const counted = new Map([[id, first.instrument]]);
    await rig.gateway.trading.place(order({ instrument: id, price: ticks(490_003), lots: lots(11) }));
    rig.venue.exchange.hand.setPriceStep(id, 5);
    rig.venue.exchange.hand.setLotStep(id, 10);
    const [info] = await rig.gateway.market.instruments([id], counted);
    const { tick, lot, unit } = first.instrument;
    expect(info).toMatchObject({
      instrument: { tick, lot, unit, lotsMin: 1 },
      priceStep: 5,
      lotStep: 10,
    });
    const { truth } = await rig.gateway.account.truth([id], MARKET_START);
    expect(truth.openOrders).toMatchObject([{ price: 490_003, lots: 11 }]);
    const sent = await rig.gateway.trading.place(
      order({ instrument: id, price: ticks(489_995), lots: lots(20) }),
    );
    expect(sent).toMatchObject([{ type: "orderReport", price: 489_995, lots: 20 }]);
  });

  it("OKX's inverse contracts keep their worth however fine they are counted", () => {
    const row = {
      instId: "BTC-USD-SWAP",
      instType: "SWAP",
      instFamily: "BTC-USD",
      ctType: "inverse",
      ctVal: "100",
      settleCcy: "BTC",
      tickSz: "0.1",
      lotSz: "1",
      minSz: "1",
      maxLmtSz: "1000",
      maxMktSz: "500",
    };
    const fees = { maker: rate(0), taker: rate(0) };
    const steps = { tick: stepOf("0.1"), lot: stepOf("0.1") };
    expect(contractOf(row, fees, "okx", steps)).toMatchObject({
      instrument: { lot: { text: "0.1" }, unit: 10 * ONE, lotsMin: 1, lotsMax: 10_000 },
      lot: { text: "0.1" },
      lotStep: 10,
    });
    expect(contractOf(row, fees, "okx")).toMatchObject({ instrument: { unit: 100 * ONE, lotsMin: 1 } });
  });
});

describe("two orders of one account that meet", () => {
  it("are two executions, under the same two ids on the stream, in the history and when one is asked for", async () => {
    const rig = await openBinance();
    const { trading } = rig.gateway;
    const { bid: touch = ticks(0) } = rig.market.findLast((event) => event.type === "top") ?? {};
    const resting = order({ price: touch, lots: lots(10) });
    await trading.place(resting);
    const taking = order({ side: "sell", price: touch, lots: lots(10), isPostOnly: false });
    await trading.place(taking);
    const streamed = () => rig.account.filter((event) => event.type === "fill");
    await soon(() => streamed().length >= 2, "the stream tells of both");
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], MARKET_START);
    const met = truth.fills.filter(({ price }) => price === touch);
    expect(met.map(({ clientId }) => clientId).sort()).toEqual([resting.clientId, taking.clientId].sort());
    const ids = met.map(({ tradeId }) => tradeId);
    expect(new Set(ids.map((id) => id.slice(0, -1))).size).toBe(1);
    expect(ids.map((id) => id.at(-1)).sort()).toEqual(["b", "s"]);
    expect(
      streamed()
        .map(({ tradeId }) => tradeId)
        .sort(),
    ).toEqual([...ids].sort());
    const asked = await trading.query(resting);
    expect(asked.type === "found" && asked.events.filter(({ type }) => type === "fill")).toMatchObject([
      { tradeId: ids.find((id) => id.endsWith("b")) },
    ]);
  });
});
