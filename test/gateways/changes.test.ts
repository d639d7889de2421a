import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import { millis, value } from "../../src/core/units.ts";
import { statusOf } from "../../src/gateways/binance/instruments.ts";
import { openCoinmRig } from "./coinm-rig.ts";
import { symbol } from "./payloads.ts";
import { type BinanceRig, openRig, soon } from "./rig.ts";
import { refusal } from "./wire.ts";

const changesOf = (events: readonly DeskEvent[]) =>
  events.filter((event) => event.type === "instrumentChanged");

describe("a contract that changes under the desk is told once", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
    await rig.start();
  });
  afterEach(() => rig.close());

  it("nothing is told while nothing has changed, and fees are not asked for again", async () => {
    const before = rig.wire.count("GET /fapi/v1/commissionRate");
    await rig.gateway.market.refresh();
    await rig.gateway.market.refresh();
    expect(changesOf(rig.market)).toEqual([]);
    expect(rig.wire.count("GET /fapi/v1/commissionRate")).toBe(before);
  });

  it("a coarser tick and lot: how many of ours make one, and again when it changes back", async () => {
    const { hand } = rig.venue.exchange;
    hand.setPriceStep("BTCUSDT", 5);
    hand.setLotStep("BTCUSDT", 10);
    await rig.gateway.market.refresh();
    await rig.gateway.market.refresh();
    expect(changesOf(rig.market)).toMatchObject([
      { venue: "binanceusdm", instrument: "BTCUSDT", priceStep: 5, lotStep: 10, status: "trading" },
    ]);
    hand.setPriceStep("BTCUSDT", 1);
    hand.setLotStep("BTCUSDT", 1);
    await rig.gateway.market.refresh();
    expect(changesOf(rig.market).slice(1)).toMatchObject([{ priceStep: 1, lotStep: 1 }]);
  });

  it("the exchange's own message is enough: new tiers are read soon, without being asked for", async () => {
    const [tier] = rig.venue.exchange.brackets("BTCUSDT");
    if (tier === undefined) throw new Error("no tier");
    rig.venue.exchange.hand.setBrackets("BTCUSDT", [
      { ...tier, cap: value(2_000_000_000_000), leverageMax: 20 },
    ]);
    await soon(() => changesOf(rig.market).length > 0, "the change is told");
    expect(changesOf(rig.market)).toMatchObject([
      { instrument: "BTCUSDT", brackets: [{ cap: 2_000_000_000_000, leverageMax: 20 }], status: "trading" },
    ]);
    await rig.gateway.market.refresh();
    expect(changesOf(rig.market)).toHaveLength(1);
  });

  it("is read a while later when the first reading fails", async () => {
    rig.wire.spoil("GET /fapi/v1/exchangeInfo", { type: "reset" });
    rig.venue.exchange.hand.setPriceStep("BTCUSDT", 2);
    await soon(() => changesOf(rig.market).length > 0, "the change is told");
    expect(rig.log.map(({ message }) => message)).toEqual(["a changed contract could not be read"]);
    expect(changesOf(rig.market)).toMatchObject([{ priceStep: 2 }]);
  });

  it("a delisting: closes only once it is announced, and gone when it has come", async () => {
    const end = millis(rig.venue.exchange.now() + 3_000);
    rig.venue.exchange.hand.delist("BTCUSDT", end);
    await soon(() => changesOf(rig.market).length === 1, "the announcement is told");
    while (rig.venue.exchange.now() <= end) rig.venue.move(500_000);
    await rig.gateway.market.refresh();
    expect(changesOf(rig.market).map(({ status }) => status)).toEqual(["closeOnly", "gone"]);
  });

  it("a symbol that the exchange does not even list any more is gone", async () => {
    const others = { symbols: [{ ...symbol, symbol: "ETHUSDT" }] };
    rig.wire.spoil("GET /fapi/v1/exchangeInfo", {
      type: "answer",
      status: 200,
      body: JSON.stringify(others),
    });
    await rig.gateway.market.refresh();
    expect(changesOf(rig.market)).toMatchObject([{ instrument: "BTCUSDT", status: "gone", priceStep: 1 }]);
  });

  it("a reading that fails tells nothing, and says so", async () => {
    rig.wire.spoil("GET /fapi/v1/leverageBracket", refusal(-1007, 503));
    await expect(rig.gateway.market.refresh()).rejects.toThrow(/-1007/);
    expect(changesOf(rig.market)).toEqual([]);
  });
});

describe("what is wrong from the start", () => {
  it("is told when the market starts: a contract that is being delisted takes no increases", async () => {
    const rig = await openRig();
    try {
      rig.venue.exchange.hand.delist("BTCUSDT", millis(rig.venue.exchange.now() + 60_000));
      await rig.start();
      expect(changesOf(rig.market)).toMatchObject([{ instrument: "BTCUSDT", status: "closeOnly" }]);
      await rig.gateway.market.refresh();
      expect(changesOf(rig.market)).toHaveLength(1);
    } finally {
      await rig.close();
    }
  });

  it("COIN-M's contracts are told the same way", async () => {
    const rig = await openCoinmRig();
    try {
      await rig.start();
      rig.venue.eth.hand.setPriceStep("ETHUSD_PERP", 10);
      await soon(() => changesOf(rig.market).length === 1, "the change is told");
      expect(changesOf(rig.market)).toMatchObject([
        { venue: "binancecoinm", instrument: "ETHUSD_PERP", priceStep: 10, lotStep: 1, status: "trading" },
      ]);
    } finally {
      await rig.close();
    }
  });
});

describe("the exchange's words for where a contract stands", () => {
  const NOW = 1_746_057_600_000;
  const NEVER = 4_133_404_800_000;
  it.each([
    ["TRADING", NEVER, "trading"],
    ["TRADING", NOW + 86_400_000, "closeOnly"],
    ["PENDING_TRADING", NEVER, "gone"],
    ["PRE_DELIVERING", NOW + 60_000, "closeOnly"],
    ["PRE_SETTLE", NOW + 60_000, "closeOnly"],
    ["SETTLING", NOW + 60_000, "closeOnly"],
    ["SETTLING", NOW - 1, "gone"],
    ["DELIVERING", NOW, "gone"],
    ["CLOSE", NEVER, "gone"],
    ["A_NEW_WORD", NEVER, "closeOnly"],
  ])("%s with the delivery date %i is %s", (word, deliveryDate, status) => {
    expect(statusOf({ ...symbol, status: word, deliveryDate }, NOW)).toBe(status);
    expect(statusOf({ contractStatus: word, deliveryDate }, NOW)).toBe(status);
  });
});
