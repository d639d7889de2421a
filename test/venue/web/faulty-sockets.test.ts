import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { lots, ticks } from "../../../src/core/units.ts";
import { Script } from "../../../src/venue/faults/script.ts";
import { type Heard, type Served, serveVenue, until } from "../binance/served-venue.ts";
import { ask, call, RESTING } from "./plain-client.ts";

describe("sockets in bad weather", () => {
  let script: Script;
  let venue: Served;
  beforeEach(async () => {
    script = new Script(() => Date.now());
    venue = await serveVenue({ weather: script.plan });
  });
  afterEach(() => venue.close());

  async function listenPrivately(): Promise<{ readonly socket: WebSocket; readonly heard: Heard[] }> {
    const key = (await call(venue, "POST /fapi/v1/listenKey")) as { body: { listenKey: string } };
    return venue.listen(`/ws/${key.body.listenKey}`);
  }
  /** Rests an order with this id: one private message, without anything else. */
  function rest(clientId: string): void {
    const answer = venue.exchange.place("main", {
      instrument: "BTCUSDT",
      clientId,
      side: "buy",
      positionSide: "both",
      kind: "limit",
      timeInForce: "GTC",
      price: ticks(490_000),
      lots: lots(10),
      reduceOnly: false,
    });
    expect(answer.ok).toBe(true);
  }
  const idsOf = (heard: readonly Heard[]): readonly unknown[] =>
    heard.filter(({ e }) => e === "ORDER_TRADE_UPDATE").map(({ o }) => (o as { c: string }).c);

  it("private messages are lost, doubled, overtaken; the orders themselves are as they should be", async () => {
    const { heard } = await listenPrivately();
    const strike = (kind: "messageLost" | "messageDoubled" | "messagesReordered", id: string): void => {
      const stop = script.always(kind === "messagesReordered" ? { kind, byMs: 100 } : { kind, on: "user" });
      rest(id);
      stop();
    };
    strike("messageLost", "lost");
    strike("messageDoubled", "twice");
    strike("messagesReordered", "overtaken");
    rest("fine");
    await until(() => idsOf(heard).includes("overtaken") && idsOf(heard).length >= 4, "all that arrives");
    expect(idsOf(heard).filter((id) => id === "twice")).toHaveLength(2);
    expect(idsOf(heard)).not.toContain("lost");
    expect(idsOf(heard).indexOf("fine")).toBeLessThan(idsOf(heard).indexOf("overtaken"));
    expect(venue.exchange.openOrders("main")).toHaveLength(4);
    for (const kind of ["messageLost", "messageDoubled", "messagesReordered"] as const)
      expect(script.struck(kind), kind).toBeGreaterThan(0);
  });

  it("a stream that lags keeps its order, and other accounts' streams don't lag", async () => {
    const { heard } = await listenPrivately();
    script.during(0.02, { kind: "messageLate", on: "private", account: "main", ms: 250 });
    rest("late");
    await new Promise((resolve) => setTimeout(resolve, 25));
    rest("behind it");
    expect(idsOf(heard)).toEqual([]);
    await until(() => idsOf(heard).length === 2, "both");
    expect(idsOf(heard)).toEqual(["late", "behind it"]);
    expect(script.struck("messageLate")).toBeGreaterThan(0);
  });

  it("a gap in depth shows in the numbers of the updates", async () => {
    const { heard } = await venue.listen("/ws/btcusdt@depth");
    const stop = script.always({ kind: "depthGap", messages: 2 });
    stop();
    for (const price of [500_010, 500_020, 500_030]) venue.move(price);
    await until(() => heard.length >= 3, "three updates");
    const joints = (from: number): readonly boolean[] =>
      heard.slice(from).flatMap(({ pu }, at) => (at === 0 ? [] : [pu === heard[from + at - 1]?.["u"]]));
    expect(joints(0)).toEqual([true, true]);
    script.during(60, { kind: "depthGap", messages: 2, chance: 1, on: "btcusdt@depth" });
    venue.move(500_040);
    await until(() => script.struck("depthGap") === 1, "the gap");
    venue.move(500_050);
    expect(heard).toHaveLength(3);
  });

  it("a half-open socket is silent, also to pings; a new one works", async () => {
    const { socket, heard } = await listenPrivately();
    script.once({ kind: "halfOpen", sockets: "private" });
    await until(() => script.struck("halfOpen") === 1, "the silence");
    let pongs = 0;
    socket.on("pong", () => {
      pongs += 1;
    });
    socket.ping();
    rest("unheard");
    const fresh = await listenPrivately();
    fresh.socket.ping();
    await once(fresh.socket, "pong");
    rest("heard");
    await until(() => idsOf(fresh.heard).length === 1, "a message on the new socket");
    expect([idsOf(heard), pongs, socket.readyState]).toEqual([[], 0, WebSocket.OPEN]);
    expect(idsOf(fresh.heard)).toEqual(["heard"]);
    expect(venue.exchange.openOrders("main")).toHaveLength(2);
  });

  it("disconnects cut one kind of socket", async () => {
    const own = await listenPrivately();
    const market = await venue.listen("/ws/btcusdt@trade");
    script.once({ kind: "disconnect", sockets: "market" });
    await once(market.socket, "close");
    expect([own.socket.readyState, script.struck("disconnect")]).toEqual([WebSocket.OPEN, 1]);
  });

  it("a listen key expires with one message, then silence", async () => {
    const { socket, heard } = await listenPrivately();
    script.once({ kind: "listenKeyExpiry" });
    await until(() => heard.some(({ e }) => e === "listenKeyExpired"), "the expiry");
    rest("unheard");
    const again = await listenPrivately();
    rest("heard");
    await until(() => idsOf(again.heard).length === 1, "a message with the new key");
    expect([idsOf(heard), socket.readyState, script.struck("listenKeyExpiry")]).toEqual([
      [],
      WebSocket.OPEN,
      1,
    ]);
  });

  it("a restart cuts everything, refuses everything, then lists lack items for a moment; orders rest on", async () => {
    const { socket } = await listenPrivately();
    rest("one");
    rest("two");
    script.once({ kind: "exchangeRestart", seconds: 0.5, partialSeconds: 0.4 });
    await once(socket, "close");
    expect(await ask(venue, "GET /fapi/v1/time")).toMatchObject([503, { code: -1008 }]);
    expect(await ask(venue, "POST /fapi/v1/order", RESTING)).toMatchObject([503, { code: -1008 }]);
    const refused = new WebSocket(`ws://127.0.0.1:${venue.server.port}/ws/btcusdt@trade`);
    const [error] = (await once(refused, "error")) as [Error];
    expect(error.message).toContain("503");
    const list = async (): Promise<number> => {
      const heard = await call(venue, "GET /fapi/v1/openOrders", { symbol: "BTCUSDT" });
      return typeof heard === "string" || heard.status !== 200 ? -1 : (heard.body as unknown[]).length;
    };
    const seen = new Set<number>();
    const patience = performance.now() + 2_000;
    while (!seen.has(2) && performance.now() < patience) {
      seen.add(await list());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect([...seen]).toEqual([-1, 1, 2]);
    expect((await listenPrivately()).socket.readyState).toBe(WebSocket.OPEN);
    expect([venue.exchange.openOrders("main").length, script.struck("exchangeRestart")]).toEqual([2, 1]);
  });

  it("connections alone can fail, when a plan names them", async () => {
    script.next("CONNECT", "requestLost");
    const lost = new WebSocket(`ws://127.0.0.1:${venue.server.port}/ws/btcusdt@trade`);
    const [error] = (await once(lost, "error")) as [Error];
    expect(error.message).toMatch(/hang up|reset/);
    const { socket } = await venue.listen("/ws/btcusdt@trade");
    expect([socket.readyState, script.struck("requestLost")]).toEqual([WebSocket.OPEN, 1]);
  });
});
