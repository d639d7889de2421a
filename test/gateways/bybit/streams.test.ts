import { afterEach, describe, expect, it } from "vitest";
import type { DeskEvent } from "../../../src/core/event.ts";
import { lots, millis, ONE, ticks, value } from "../../../src/core/units.ts";
import { CALM, type Weather } from "../../../src/venue/faults/weather.ts";
import { marketOrder, order, soon } from "../rig.ts";
import { type BybitRig, openBybitRig } from "./rig.ts";

let rig: BybitRig;
afterEach(() => rig.close());

const of = <T extends DeskEvent["type"]>(events: readonly DeskEvent[], type: T) =>
  events.filter((event): event is Extract<DeskEvent, { type: T }> => event.type === type);

describe("Bybit's private stream", () => {
  it("says that it was down, comes back by itself, and tells what happens then", async () => {
    rig = await openBybitRig();
    await rig.start();
    expect(rig.wire.cut("/v5/private")).toBe(1);
    await soon(() => of(rig.account, "resynced").length === 1, "the stream is back");
    expect(rig.account.map(({ type }) => type)).toEqual(["gap", "resynced"]);
    const facts = order();
    await rig.gateway.trading.place(facts);
    await soon(() => of(rig.account, "orderReport").length === 1, "the order is told");
    expect(rig.log).toEqual([]);
  });

  it("is not up before the exchange acknowledged login and subscription", async () => {
    rig = await openBybitRig();
    await rig.gateway.market.instruments(["BTCUSDT"]);
    rig.wire.mute("/v5/private");
    let isUp = false;
    const starting = rig.gateway.account
      .start((event) => rig.account.push(event))
      .then(() => {
        isUp = true;
      });
    await soon(() => of(rig.account, "gap").length === 1, "nobody acknowledged");
    expect(isUp).toBe(false);
    expect(of(rig.account, "gap")[0]?.reason).toContain("did not acknowledge");
    rig.wire.unmute("/v5/private");
    await starting;
    expect(of(rig.account, "gap")).toHaveLength(1);
  });

  it("gives the start up after three refused logins, in the exchange's words, and dials no more", async () => {
    rig = await openBybitRig({ secret: "another secret" });
    const starting = rig.gateway.account.start((event) => rig.account.push(event));
    await expect(starting).rejects.toThrow(
      "Bybit refused the login 3 times (Params Error); check the keys in .env",
    );
    const dialled = () => rig.wire.opened.filter((path) => path.startsWith("/v5/private")).length;
    expect(dialled()).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(dialled()).toBe(3);
    expect(JSON.stringify([rig.account, rig.log])).not.toContain("another secret");
  });

  it("goes on for ever when the exchange refuses a login after the first success", async () => {
    rig = await openBybitRig();
    await rig.start();
    const known = rig.venue.core.house.keys as Map<string, unknown>;
    const [key] = [...known];
    known.clear();
    rig.wire.cut("/v5/private");
    const dialled = () => rig.wire.opened.filter((path) => path.startsWith("/v5/private")).length;
    await soon(() => dialled() > 5, "five more attempts");
    expect(of(rig.account, "gap")).toHaveLength(1);
    if (key !== undefined) known.set(...key);
    await soon(() => of(rig.account, "resynced").length === 1, "the stream is back");
  });

  it("tells why a wallet moved: trades, funding, transfers, and nothing of wallets that stand", async () => {
    rig = await openBybitRig({ venue: { rules: { fundingIntervalMs: 60_000 } } });
    await rig.start();
    await rig.gateway.account.truth(["BTCUSDT"], rig.venue.usdt.now());
    await rig.gateway.trading.place(marketOrder({ lots: lots(100) }));
    await soon(() => of(rig.account, "balance").length === 1, "the trade");
    const { nextFundingAt } = rig.venue.usdt.mark("BTCUSDT");
    while (rig.venue.usdt.now() < nextFundingAt) rig.venue.usdt.step(millis(nextFundingAt));
    await soon(() => of(rig.account, "balance").length === 2, "the funding");
    rig.venue.usdt.deposit("main", value(500 * ONE));
    await soon(() => of(rig.account, "balance").length === 3, "the deposit");
    rig.venue.usdt.deposit("main", value(-100 * ONE));
    await soon(() => of(rig.account, "balance").length === 4, "the withdrawal");
    expect(of(rig.account, "balance").map(({ cause, asset }) => [cause, asset])).toEqual([
      ["trade", "USDT"],
      ["funding", "USDT"],
      ["transfer", "USDT"],
      ["transfer", "USDT"],
    ]);
    expect(of(rig.account, "balance").at(-1)?.wallet).toBe(rig.venue.usdt.balance("main").wallet);
    const [paid, ...more] = of(rig.account, "fundingPaid");
    expect(more).toEqual([]);
    expect(paid).toMatchObject({ instrument: "BTCUSDT", amount: rig.venue.usdt.balance("main").funding });
    expect(paid?.amount).toBeLessThan(0);
  });

  it("knows a liquidation and a deleveraging from a trade", async () => {
    rig = await openBybitRig();
    await rig.start();
    await rig.gateway.trading.setMarginMode("BTCUSDT", "isolated");
    await rig.gateway.trading.place(marketOrder({ lots: lots(100) }));
    rig.venue.usdt.hand.deleverage("main", "BTCUSDT", "both", lots(40));
    await soon(() => of(rig.account, "fill").length > 1, "the deleveraging");
    rig.venue.move(470_000);
    await soon(() => of(rig.account, "position").at(-1)?.lots === 0, "the liquidation");
    const fills = of(rig.account, "fill");
    expect(fills.map(({ origin }) => origin).filter((one, at, all) => one !== all[at - 1])).toEqual([
      "client",
      "adl",
      "liquidation",
    ]);
    expect(of(rig.account, "orderReport").map(({ origin }) => origin)).toContain("liquidation");
    expect(fills.filter(({ origin }) => origin !== "client").every(({ clientId }) => clientId === "")).toBe(
      true,
    );
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], rig.venue.usdt.now() - 60_000);
    const bare = fills.map(({ wallAt: _wallAt, ...rest }) => rest);
    expect(truth.fills.map(({ wallAt: _wallAt, ...rest }) => rest)).toEqual(bare);
    expect(truth.books.filter((book) => book.lots !== 0)).toEqual([]);
  });

  it("keeps the two books of hedge mode apart, on the stream and in the history", async () => {
    rig = await openBybitRig({ venue: { hedgeMode: true } });
    await rig.start();
    const long = marketOrder({ positionSide: "long", lots: lots(20) });
    const short = marketOrder({ positionSide: "short", side: "sell", lots: lots(10) });
    const closing = marketOrder({ positionSide: "long", side: "sell", role: "close", lots: lots(5) });
    for (const facts of [long, short, closing]) {
      expect(await rig.gateway.trading.place(facts)).toMatchObject([{ status: "filled" }]);
    }
    await soon(() => of(rig.account, "fill").length === 3, "three fills");
    const books = ["long", "short", "long"];
    expect(of(rig.account, "fill").map(({ positionSide }) => positionSide)).toEqual(books);
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], rig.venue.usdt.now() - 60_000);
    expect(truth.isHedgeMode).toBe(true);
    expect(truth.fills.map(({ positionSide }) => positionSide)).toEqual(books);
    expect(truth.history.map(({ positionSide }) => positionSide)).toEqual(books);
    expect(truth.books.map(({ positionSide, lots: held }) => [positionSide, held]).sort()).toEqual([
      ["long", 15],
      ["short", -10],
    ]);
  });
});

describe("Bybit's market stream", () => {
  it("says that it was down, and comes back with what stands now", async () => {
    rig = await openBybitRig({ symbols: ["BTCUSDT", "BTCUSD"] });
    await rig.start();
    rig.wire.cut("/v5/public/inverse");
    await soon(() => of(rig.market, "resynced").length > 0, "the stream is back");
    expect(of(rig.market, "gap")[0]).toMatchObject({ stream: "market" });
    rig.venue.move(501_000, "BTCUSD");
    await soon(
      () => of(rig.market, "mark").some((event) => event.instrument === "BTCUSD" && event.mark === 501_000),
      "the mark",
    );
  });

  it("asks anew for a book that lost a message, and shows it whole again", async () => {
    let losing = 0;
    const lossy: Weather = {
      ...CALM,
      frame: ({ stream }) => {
        if (losing === 0 || !stream.startsWith("orderbook.50.")) return [0];
        losing -= 1;
        return [];
      },
    };
    rig = await openBybitRig({ venue: { weather: lossy } });
    await rig.start();
    await soon(() => of(rig.market, "depth").length > 0, "the first book");
    losing = 1;
    rig.venue.move(500_500);
    rig.venue.move(499_500);
    await soon(() => rig.log.some((line) => line.includes("a book has a hole")), "the hole is seen");
    rig.venue.move(500_900);
    const own = () => rig.venue.usdt.depth("BTCUSDT", 20);
    await soon(() => {
      const shown = of(rig.market, "depth").at(-1);
      return (
        JSON.stringify(shown?.bids) === JSON.stringify(own().bids.map((level) => [level.price, level.lots]))
      );
    }, "the book is whole");
  });

  it("notices a socket that says nothing though it is open", async () => {
    rig = await openBybitRig();
    await rig.start();
    rig.wire.mute("/v5/public");
    await soon(() => of(rig.market, "gap").length > 0, "the silence");
    expect(of(rig.market, "gap")[0]?.reason).toContain("nothing was heard");
  });

  it("tells once that an instrument changed, in the steps that the desk started with", async () => {
    rig = await openBybitRig();
    await rig.start();
    const changes = () => of(rig.market, "instrumentChanged");
    await rig.gateway.market.refresh();
    expect(changes()).toEqual([]);
    rig.venue.usdt.hand.setPriceStep("BTCUSDT", 5);
    rig.venue.usdt.hand.setLotStep("BTCUSDT", 10);
    await rig.gateway.market.refresh();
    await rig.gateway.market.refresh();
    expect(changes()).toMatchObject([
      { instrument: "BTCUSDT", venue: "bybit", priceStep: 5, lotStep: 10, status: "trading" },
    ]);
    rig.venue.usdt.hand.delist("BTCUSDT", millis(rig.venue.usdt.now() + 86_400_000));
    await rig.gateway.market.refresh();
    expect(changes().map(({ status }) => status)).toEqual(["trading", "closeOnly"]);
    expect(await rig.gateway.trading.place(order({ price: ticks(490_000), lots: lots(10) }))).toMatchObject([
      { type: "placeRejected", kind: "unavailable", code: 110023 },
    ]);
  });
});

describe("Bybit's instruments", () => {
  it("that are being delisted already are told when the market starts, once", async () => {
    rig = await openBybitRig();
    rig.venue.usdt.hand.delist("BTCUSDT", millis(rig.venue.usdt.now() + 86_400_000));
    await rig.start();
    await rig.gateway.market.refresh();
    expect(of(rig.market, "instrumentChanged")).toMatchObject([
      { instrument: "BTCUSDT", venue: "bybit", priceStep: 1, lotStep: 1, status: "closeOnly" },
    ]);
  });
});

describe("Bybit's account", () => {
  it("tells what the key may do", async () => {
    rig = await openBybitRig();
    expect(await rig.gateway.keyRights()).toEqual({
      canTrade: true,
      canWithdraw: false,
      canTransfer: false,
      isIpRestricted: true,
    });
    expect(rig.gateway.can).toMatchObject({ marginModePer: "account", fillsCarryClientId: true });
  });

  it("changes the margin mode of all symbols at once, and of none while one is in use", async () => {
    rig = await openBybitRig();
    await rig.start();
    await rig.gateway.trading.setMarginMode("BTCUSDT", "isolated");
    expect(rig.venue.usdt.marginMode("main", "ETHUSDT")).toBe("isolated");
    await rig.gateway.trading.place(order());
    await expect(rig.gateway.trading.setMarginMode("BTCUSDT", "cross")).rejects.toThrow(/3400045/);
    expect(rig.venue.usdt.marginMode("main", "ETHUSDT")).toBe("isolated");
  });
});
