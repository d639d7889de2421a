import { afterEach, describe, expect, it } from "vitest";
import type { DeskEvent } from "../../../src/core/event.ts";
import { lots, millis, ticks, value } from "../../../src/core/units.ts";
import { soon } from "../rig.ts";
import { marketOrder, type OkxRig, openOkxRig, order, type RigOptions, stopOrder } from "./rig.ts";

type Of<T extends DeskEvent["type"]> = Extract<DeskEvent, { type: T }>;

describe("what the OKX gateway hears", () => {
  let rig: OkxRig;
  afterEach(() => rig.close());

  const started = async (options: RigOptions = {}): Promise<void> => {
    rig = await openOkxRig(options);
    await rig.start();
  };
  const told = <T extends DeskEvent["type"]>(type: T): readonly Of<T>[] =>
    rig.account.filter((event) => event.type === type) as never;

  it("tells when the market starts that a swap ends, though nothing changed since it was read", async () => {
    rig = await openOkxRig();
    rig.venue.exchange.hand.delist("BTC-USDT-SWAP", millis(rig.venue.exchange.now() + 86_400_000));
    await rig.start();
    await rig.gateway.market.refresh();
    expect(rig.market.filter(({ type }) => type === "instrumentChanged")).toMatchObject([
      { instrument: "BTC-USDT-SWAP", venue: "okx", status: "closeOnly" },
    ]);
  });

  it("notices a broken private socket, and is there again only after login and subscription", async () => {
    await started();
    expect(rig.wire.cut("/ws/v5/private")).toBe(1);
    await soon(() => told("resynced").length === 1, "the stream is back");
    expect(told("gap")).toMatchObject([{ stream: "account", account: "main" }]);
    const sent = order();
    await rig.gateway.trading.place(sent);
    await soon(
      () => told("orderReport").some(({ clientId }) => clientId === sent.clientId),
      "the order is told",
    );
    rig.wire.cut("/ws/v5/business");
    await soon(() => told("resynced").length === 2, "the other one is back");
    await rig.gateway.trading.place(marketOrder());
    const stop = stopOrder();
    await rig.gateway.trading.place(stop);
    await soon(
      () => told("orderReport").some(({ clientId }) => clientId === stop.clientId),
      "the stop is told",
    );
    expect(rig.warnings).toEqual([]);
  });

  it("takes silence of the market for a dead socket", async () => {
    await started();
    rig.wire.mute("/ws/v5/public");
    await soon(() => rig.market.some(({ type }) => type === "gap"), "silence is noticed");
    rig.wire.unmute("/ws/v5/public");
    await soon(() => rig.market.some(({ type }) => type === "resynced"), "the market is back");
  });

  it("gives the start up after three refused logins, in OKX's words, and does not tell its keys", async () => {
    rig = await openOkxRig({ key: { passphrase: "another one" } });
    const starting = rig.gateway.account.start((event) => rig.account.push(event));
    await expect(starting).rejects.toThrow(
      "OKX refused the login 3 times (60009: Login failed.); check the keys in .env",
    );
    expect(told("gap")[0]?.reason).toBe("OKX refused the login or a subscription (60009)");
    expect(JSON.stringify([rig.account, rig.warnings])).not.toMatch(/okx-test|another one/);
    const dialled = rig.wire.opened.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(rig.wire.opened).toHaveLength(dialled);
  });

  it("tells what funding paid for a position, and that it moved the wallet", async () => {
    await started({ fundingMs: 60_000 });
    await rig.gateway.trading.place(marketOrder({ lots: lots(1_000) }));
    for (let second = 0; second < 62; second += 1) rig.venue.move(500_000);
    await soon(() => told("fundingPaid").length > 0, "funding is told");
    const paid = rig.venue.exchange.income("main", {}).filter(({ type }) => type === "funding");
    expect(told("fundingPaid").map(({ instrument, amount }) => [instrument, amount])).toEqual(
      paid.map(({ instrument, amount }) => [instrument, amount]),
    );
    // 0.1 BTC at 50,000, 0.01 %.
    expect(paid[0]?.amount).toBe(-50_000_000);
    const moved = told("balance").filter(({ cause }) => cause === "funding");
    expect(moved.at(-1)?.wallet).toBe(rig.venue.exchange.balance("main").wallet);
  });

  it("tells a wallet with isolated margins in it, and whether trading or a transfer moved it", async () => {
    await started();
    await rig.gateway.trading.place(marketOrder({ lots: lots(1_000) }));
    await soon(() => told("balance").length > 0, "the trade moved the wallet");
    const own = () => rig.venue.exchange.balance("main");
    expect(own().crossWallet).toBeLessThan(own().wallet);
    expect(told("balance").at(-1)).toMatchObject({ asset: "USDT", wallet: own().wallet, cause: "trade" });
    rig.venue.exchange.deposit("main", value(500_000_000));
    await soon(() => told("balance").at(-1)?.cause === "transfer", "the transfer is told");
    expect(told("balance").at(-1)?.wallet).toBe(own().wallet);
  });

  it("tells a liquidation as one, on the stream and in the history", async () => {
    await started();
    await rig.gateway.trading.place(marketOrder({ lots: lots(1_000) }));
    for (const price of [485_000, 475_000, 470_000]) rig.venue.move(price);
    await soon(() => told("position").at(-1)?.lots === 0, "the position is gone");
    const forced = told("fill").filter(({ origin }) => origin === "liquidation");
    expect(forced.reduce((sum, fill) => sum + fill.lots, 0)).toBe(1_000);
    expect(
      forced.every(({ clientId, venueOrderId, side }) => clientId === venueOrderId && side === "sell"),
    ).toBe(true);
    const { truth } = await rig.gateway.account.truth(["BTC-USDT-SWAP"], 0);
    expect(
      truth.fills.filter(({ origin }) => origin === "liquidation").map(({ tradeId }) => tradeId),
    ).toEqual(forced.map(({ tradeId }) => tradeId));
    expect(truth.history.find(({ origin }) => origin === "liquidation")).toMatchObject({ status: "filled" });
    expect(truth.books.filter((book) => book.lots !== 0)).toEqual([]);
  });

  it("keeps two books in hedge mode: entries, stops and closes name theirs", async () => {
    await started({ hedgeMode: true });
    const { trading } = rig.gateway;
    await trading.setLeverage("BTC-USDT-SWAP", 3);
    for (const [positionSide, side] of [
      ["long", "buy"],
      ["short", "sell"],
    ] as const) {
      const placed = await trading.place(marketOrder({ positionSide, side }));
      expect(placed).toMatchObject([{ status: "filled", positionSide }]);
    }
    const stop = stopOrder({ positionSide: "short", side: "buy", trigger: ticks(510_000) });
    expect(await trading.place(stop)).toMatchObject([{ status: "open", positionSide: "short" }]);
    const { truth } = await rig.gateway.account.truth(["BTC-USDT-SWAP"], 0);
    expect(truth.isHedgeMode).toBe(true);
    expect(truth.books.map((book) => [book.positionSide, book.lots, book.leverage])).toEqual([
      ["long", 10, 3],
      ["short", -10, 3],
    ]);
    rig.venue.move(511_000);
    await soon(() => told("fill").some(({ clientId }) => clientId === stop.clientId), "the stop is filled");
    const last = (side: string) => told("position").findLast((event) => event.positionSide === side);
    expect([last("long")?.lots, last("short")?.lots]).toEqual([10, 0]);
  });

  it("tells a post-only order that would take as refused, whatever the stream says of it meanwhile", async () => {
    await started();
    const sent = order({ price: ticks(501_000) });
    expect(await rig.gateway.trading.place(sent)).toMatchObject([
      { type: "placeRejected", kind: "postOnly" },
    ]);
    await soon(() => told("orderReport").length === 2, "the stream tells both");
    expect(told("orderReport").map(({ clientId, status }) => [clientId, status])).toEqual([
      [sent.clientId, "open"],
      [sent.clientId, "rejected"],
    ]);
    expect((await rig.gateway.account.truth(["BTC-USDT-SWAP"], 0)).truth.openOrders).toEqual([]);
  });

  it("reads what a key may do", async () => {
    await started({ key: { permissions: { withdraw: true, ip: "" } } });
    expect(await rig.gateway.keyRights()).toEqual({
      canTrade: true,
      canWithdraw: true,
      canTransfer: true,
      isIpRestricted: false,
    });
  });

  it("speaks to the demo's own sockets when it is told to", async () => {
    await started({ isDemo: true });
    expect(rig.wire.opened.sort()).toEqual([
      "/ws/v5/business?brokerId=9999",
      "/ws/v5/private?brokerId=9999",
      "/ws/v5/public?brokerId=9999",
    ]);
    expect(new Set(rig.wire.asked.map(({ host }) => host))).toEqual(new Set(["www.okx.com"]));
  });
});
