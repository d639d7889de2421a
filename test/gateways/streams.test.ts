import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import { lots, ticks } from "../../src/core/units.ts";
import { type BinanceRig, marketOrder, openRig, order, soon } from "./rig.ts";

const NEW_KEY = "POST /fapi/v1/listenKey";

describe("the streams of the gateway live through what ccxt's would not", () => {
  let rig: BinanceRig;
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeEach(async () => {
    unhandled.length = 0;
    process.on("unhandledRejection", note);
    rig = await openRig();
  });
  afterEach(async () => {
    await rig.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  const turns = (events: readonly DeskEvent[]): readonly string[] =>
    events.flatMap((event) =>
      event.type === "gap" ? [`gap: ${event.reason}`] : event.type === "resynced" ? ["resynced"] : [],
    );
  const fillsOf = (clientId: string) =>
    rig.account.filter((event) => event.type === "fill" && event.clientId === clientId);

  it("meets an expired listen key with a gap, one fresh key and a resync, and events flow again", async () => {
    await rig.start();
    expect(rig.wire.count(NEW_KEY)).toBe(1);
    rig.venue.server.expireListenKeys();
    await soon(() => turns(rig.account).includes("resynced"), "the account is back");
    expect(turns(rig.account)).toEqual(["gap: the listen key has expired", "resynced"]);
    expect(rig.wire.count(NEW_KEY)).toBe(2);
    const keys = rig.wire.opened.filter((path) => path.startsWith("/private/"));
    expect(keys).toHaveLength(2);
    expect(keys[0]).not.toBe(keys[1]);
    expect(rig.wire.open("/private/")).toBe(1);
    const bought = marketOrder();
    await rig.gateway.trading.place(bought);
    await soon(() => fillsOf(bought.clientId).length === 1, "a fill is told again");
    expect(turns(rig.account)).toHaveLength(2);
    expect(rig.wire.count(NEW_KEY)).toBe(2);
  });

  it("asks for a fresh key after a drop of the private socket, whose own key may be dead", async () => {
    await rig.start();
    expect(rig.wire.cut("/private/")).toBe(1);
    await soon(() => turns(rig.account).includes("resynced"), "the account is back");
    expect(turns(rig.account)).toEqual([expect.stringMatching(/^gap: NetworkError/), "resynced"]);
    expect(rig.wire.count(NEW_KEY)).toBe(2);
    const bought = marketOrder();
    await rig.gateway.trading.place(bought);
    await soon(() => fillsOf(bought.clientId).length === 1, "a fill is told again");
    expect(rig.wire.open("/private/")).toBe(1);
  });

  it("says one gap and one resync of an outage of several attempts", async () => {
    await rig.start();
    await rig.wire.down();
    await soon(() => turns(rig.account).length > 0 && turns(rig.market).length > 1, "the outage is noticed");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await rig.wire.up();
    await soon(
      () => turns(rig.account).includes("resynced") && turns(rig.market).includes("resynced"),
      "all streams are back",
    );
    expect(turns(rig.account)).toEqual([expect.stringMatching(/^gap: /), "resynced"]);
    // The public and the market socket each have their gap; the market is whole when both are back.
    expect(turns(rig.market)).toEqual([
      expect.stringMatching(/^gap: /),
      expect.stringMatching(/^gap: /),
      "resynced",
    ]);
    const before = rig.market.length;
    await soon(() => {
      // The exchange may take up the subscription a moment after the socket is open; the market stands still until moved.
      rig.venue.move(500_700);
      return rig.market.slice(before).some(({ type }) => type === "mark");
    }, "marks flow again");
  });

  it("starts while the server is down, and is up when the server is", async () => {
    await rig.gateway.market.instruments(["BTCUSDT"]);
    await rig.wire.down();
    let isUp = false;
    const starting = Promise.all([
      rig.gateway.market.start(["BTCUSDT"], (event) => rig.market.push(event)),
      rig.gateway.account.start((event) => rig.account.push(event)),
    ]).then(() => {
      isUp = true;
    });
    await soon(() => turns(rig.account).length > 0 && turns(rig.market).length > 1, "the outage is told");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isUp).toBe(false);
    await rig.wire.up();
    await starting;
    expect(turns(rig.account)).toEqual([
      expect.stringMatching(/^gap: NetworkError: (ECONNREFUSED|other side closed)$/),
    ]);
    const bought = marketOrder();
    await rig.gateway.trading.place(bought);
    await soon(() => fillsOf(bought.clientId).length === 1, "a fill is told");
  });

  it("closes with watches pending, and opens nothing afterwards", async () => {
    await rig.start();
    await rig.gateway.market.stop();
    await rig.gateway.account.stop();
    await soon(() => rig.wire.open("/") === 0, "all sockets are closed");
    const opened = rig.wire.opened.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(rig.wire.opened).toHaveLength(opened);
    expect(turns([...rig.account, ...rig.market])).toEqual([]);
  });

  it("opens nothing for a feed that was stopped while its key was being asked for", async () => {
    await rig.gateway.market.instruments(["BTCUSDT"]);
    rig.wire.spoil(NEW_KEY, { type: "reset" });
    void rig.gateway.account.start((event) => rig.account.push(event));
    await soon(() => rig.wire.count(NEW_KEY) > 1, "the key is asked for again");
    await rig.gateway.account.stop();
    await rig.gateway.market.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(rig.wire.open("/")).toBe(0);
  });

  it("tells each of ten account updates of one burst", async () => {
    await rig.start();
    const { exchange } = rig.venue;
    for (let turn = 1; turn <= 10; turn += 1) exchange.deposit("main", (turn * 100_000_000) as never);
    await soon(() => rig.account.filter(({ type }) => type === "balance").length >= 10, "the burst is told");
    const wallets = rig.account.flatMap((event) => (event.type === "balance" ? [event.wallet] : []));
    const sums = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55].map((sum) => (10_000 + sum) * 100_000_000);
    expect(wallets).toEqual(sums);
  });

  it("tells NEW, PARTIALLY_FILLED and FILLED of one burst, with both fills before their reports", async () => {
    await rig.start();
    const { exchange } = rig.venue;
    const asks = exchange.depth("BTCUSDT", 1).asks[0];
    const own = {
      instrument: "BTCUSDT",
      positionSide: "both",
      kind: "limit",
      timeInForce: "GTC",
      reduceOnly: false,
    } as const;
    const price = ticks((asks?.price ?? 0) - 1);
    const bought = { ...own, clientId: "burst1", side: "buy", price, lots: lots(10) } as const;
    const sold = { ...own, kind: "market", clientId: "", side: "sell", lots: lots(5) } as const;
    expect(exchange.place("main", bought).ok).toBe(true);
    const first = exchange.depth("BTCUSDT", 1).bids[0]?.price;
    expect(first).toBe(price);
    exchange.place("other", sold);
    exchange.place("other", sold);
    await soon(() => fillsOf("burst1").length >= 2, "both fills are told");
    const told = rig.account.flatMap((event) =>
      event.type === "fill" || event.type === "orderReport"
        ? [event.type === "fill" ? `fill ${event.lots}` : event.status]
        : [],
    );
    expect(told).toEqual(["open", "fill 5", "partlyFilled", "fill 5", "filled"]);
    const ids = new Set(fillsOf("burst1").map((event) => (event.type === "fill" ? event.tradeId : "")));
    expect(ids.size).toBe(2);
  });

  it("notices a market socket that is open and silent, while the other one still speaks", async () => {
    await rig.start();
    const before = rig.wire.opened.filter((path) => path.startsWith("/market/")).length;
    rig.wire.mute("/market/");
    const speaking = setInterval(() => rig.venue.move(500_000 + Math.round(Math.random() * 100)), 5);
    try {
      await soon(() => turns(rig.market).length > 0, "the silence is noticed");
      rig.wire.unmute("/market/");
      await soon(() => turns(rig.market).includes("resynced"), "the market is back");
    } finally {
      clearInterval(speaking);
    }
    expect(turns(rig.market)[0]).toMatch(/^gap: nothing was heard for \d+ ms$/);
    expect(rig.wire.opened.filter((path) => path.startsWith("/market/")).length).toBeGreaterThan(before);
    expect(rig.wire.open("/market/")).toBe(1);
    const public_ = rig.wire.opened.filter((path) => path.startsWith("/public/"));
    expect(public_).toHaveLength(1);
  });

  it("does not take a private socket for dead because nothing happens on the account", async () => {
    await rig.start();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(turns(rig.account)).toEqual([]);
    expect(rig.wire.opened.filter((path) => path.startsWith("/private/"))).toHaveLength(1);
  });

  it("opens a private socket anew that tells nothing of an execution which a reading shows, and of nothing after it", async () => {
    await rig.start();
    const from = Number(rig.market.at(-1)?.at) - 1_000;
    const read = () => rig.gateway.account.truth(["BTCUSDT"], from);
    await read();
    rig.wire.mute("/private/");
    await rig.gateway.trading.place(marketOrder());
    const { truth } = await read();
    expect([truth.fills.length, turns(rig.account)]).toEqual([1, []]);
    await soon(() => turns(rig.account).length > 0, "the silence is noticed");
    rig.wire.unmute("/private/");
    await soon(() => turns(rig.account).includes("resynced"), "the account is back");
    expect(turns(rig.account)).toEqual(["gap: it tells nothing of what is executed", "resynced"]);
    const bought = marketOrder();
    await rig.gateway.trading.place(bought);
    await soon(() => fillsOf(bought.clientId).length === 1, "a fill is told again");
    await read();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(turns(rig.account)).toHaveLength(2);
  });

  it("asks real hosts by name: only the sockets are led elsewhere", async () => {
    await rig.start();
    await rig.gateway.trading.place(order());
    expect(new Set(rig.wire.asked.map(({ host }) => host))).toEqual(new Set(["fapi.binance.com"]));
  });
});
