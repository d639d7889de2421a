import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { KINDS } from "../../../src/venue/faults/kinds.ts";
import { Script } from "../../../src/venue/faults/script.ts";
import { KEY, type Served, serveVenue, until } from "../binance/served-venue.ts";
import { ask, call, RESTING, signed } from "./plain-client.ts";

const ORDER = "POST /fapi/v1/order";
const OPEN = "GET /fapi/v1/openOrders";

describe("REST requests in bad weather", () => {
  let script: Script;
  let venue: Served;
  beforeEach(async () => {
    script = new Script(() => Date.now());
    venue = await serveVenue({ weather: script.plan });
  });
  afterEach(() => venue.close());

  const resting = (): number => venue.exchange.openOrders("main").length;
  const place = (more: object = {}, patienceMs?: number): Promise<unknown> =>
    ask(venue, ORDER, { ...RESTING, ...more }, patienceMs);

  it.each([
    ["requestLost", "broken", 0],
    ["answerLost", "broken", 1],
    ["hang", "gave up", 1],
    ["unknownStatus", [503, { code: -1007, msg: expect.stringContaining("execution status unknown") }], 1],
    ["unavailable", [503, { code: -1008, msg: expect.stringContaining("system-level protection") }], 0],
    ["failed", [502, expect.stringContaining("<title>502 Bad Gateway</title>")], 0],
  ] as const)("%s: the client hears %j, and %d orders rest", async (kind, heard, count) => {
    script.next(ORDER, kind);
    expect(await place({}, kind === "hang" ? 300 : undefined)).toEqual(heard);
    expect([resting(), script.struck(kind)]).toEqual([count, 1]);
    expect(venue.exchange.validate()).toEqual([]);
    expect(await place()).toEqual([200, expect.objectContaining({ status: "NEW" })]);
    expect([resting(), script.struck(kind)]).toEqual([count + 1, 1]);
  });

  it("latency: slow there and slow back, the rest of the exchange stays quick", async () => {
    script.next(ORDER, { kind: "latency", requestMs: 200, answerMs: 60 });
    const slow = call(venue, ORDER, RESTING);
    const quick = await call(venue, "GET /fapi/v1/time");
    expect(quick).toMatchObject({ status: 200 });
    expect(resting()).toBe(0);
    await until(() => resting() === 1, "the order arrives");
    expect(await slow).toMatchObject({ status: 200 });
    expect(((await slow) as { ms: number }).ms).toBeGreaterThan(250);
    expect(script.struck("latency")).toBe(1);
  });

  it("heldRequest: arrives when its client has long given up, and is judged by its age then", async () => {
    script.next(ORDER, { kind: "heldRequest", seconds: 0.4 }, 2);
    const [late, early] = [
      place({ recvWindow: 50, newClientOrderId: "too-old" }, 200),
      place({ recvWindow: 5_000, newClientOrderId: "still-good" }, 200),
    ];
    expect(await Promise.all([late, early])).toEqual(["gave up", "gave up"]);
    expect(resting()).toBe(0);
    await until(() => resting() > 0, "the younger one arrives");
    expect(venue.exchange.openOrders("main").map(({ clientId }) => clientId)).toEqual(["still-good"]);
    expect(script.struck("heldRequest")).toBe(2);
  });

  it("rateLimited and banned: everybody is refused with a time to come back, and then let in", async () => {
    const seconds = 0.4;
    for (const [kind, status, words] of [
      ["rateLimited", 429, "Too many requests"],
      ["banned", 418, "banned until"],
    ] as const) {
      script.next(ORDER, { kind, seconds });
      for (const name of [ORDER, "GET /fapi/v1/time"]) {
        const heard = await call(venue, name, name === ORDER ? RESTING : {});
        expect(heard).toMatchObject({ status, retryAfter: "1", body: { code: -1003 } });
        expect(JSON.stringify(heard)).toContain(words);
      }
      expect([resting(), script.struck(kind)]).toEqual([0, 1]);
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(await ask(venue, "GET /fapi/v1/time")).toEqual([200, { serverTime: expect.any(Number) }]);
    }
  });

  it("partial, empty and stale lists; the next answer is the truth, and orders are none the worse", async () => {
    await place({ newClientOrderId: "one" });
    const ids = async (): Promise<unknown> => {
      const [status, body] = (await ask(venue, OPEN)) as [number, readonly { clientOrderId: string }[]];
      return [status, body.map(({ clientOrderId }) => clientOrderId)];
    };
    expect(await ids()).toEqual([200, ["one"]]);
    await place({ newClientOrderId: "two" });
    await place({ newClientOrderId: "three" });
    script.next(OPEN, "partialAnswer");
    script.next(OPEN, "emptyAnswer");
    script.next(OPEN, "staleAnswer");
    expect(await ids()).toEqual([200, ["two"]]);
    expect(await ids()).toEqual([200, []]);
    expect(await ids()).toEqual([200, ["one"]]);
    expect(await ids()).toEqual([200, ["one", "two", "three"]]);
    expect(
      ["partialAnswer", "emptyAnswer", "staleAnswer"].map((kind) => script.struck(kind as never)),
    ).toEqual([1, 1, 1]);
    // Another question has no earlier answer, so there is nothing stale to give.
    script.next(OPEN, "staleAnswer");
    expect(await ask(venue, OPEN, { symbol: "ETHUSDT" })).toEqual([200, []]);
    // What is no list can't be spoiled.
    script.next("GET *", "emptyAnswer");
    expect(await ask(venue, "GET /fapi/v1/time")).toMatchObject([200, { serverTime: expect.any(Number) }]);
    expect(await ask(venue, "GET /fapi/v3/positionRisk")).toEqual([200, []]);
  });

  it("clockSkew: the exchange's clock is off; requests with the right time are too old or too new for it", async () => {
    const wrong = async (): Promise<number> => {
      const [, { serverTime }] = (await ask(venue, "GET /fapi/v1/time")) as [number, { serverTime: number }];
      return serverTime - Date.now();
    };
    expect(Math.abs(await wrong())).toBeLessThan(500);
    const stopAhead = script.always({ kind: "clockSkew", ms: 9_000 });
    expect(Math.abs((await wrong()) - 9_000)).toBeLessThan(500);
    expect(await place()).toEqual([
      400,
      { code: -1021, msg: expect.stringContaining("outside of the recvWindow") },
    ]);
    stopAhead();
    const stopBehind = script.always({ kind: "clockSkew", ms: -3_000 });
    expect(await place()).toEqual([
      400,
      { code: -1021, msg: expect.stringContaining("ahead of the server") },
    ]);
    stopBehind();
    expect(await place()).toMatchObject([200, {}]);
    expect([resting(), script.struck("clockSkew")]).toEqual([1, 2]);
  });

  it("a venue that closes forgets what was still on its way", async () => {
    script.next(ORDER, { kind: "heldRequest", seconds: 0.3 });
    expect(await place({}, 150)).toBe("gave up");
    await venue.server.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(resting()).toBe(0);
  });
});

describe("orders over the socket in bad weather", () => {
  let script: Script;
  let venue: Served;
  beforeEach(async () => {
    script = new Script(() => Date.now());
    venue = await serveVenue({ weather: script.plan });
  });
  afterEach(() => venue.close());

  const resting = (): number => venue.exchange.openOrders("main").length;

  /** Sends an order over the socket API. */
  async function send(more: object = {}, method = "order.place") {
    const { socket, heard } = await venue.listen("/ws-fapi/v1");
    const fields = method === "order.place" ? { ...RESTING, ...more } : {};
    const params = signed({ ...fields, apiKey: KEY.apiKey }, true);
    socket.send(JSON.stringify({ id: 1, method, params }));
    return { socket, heard };
  }

  it.each([
    ["unknownStatus", 503, -1007, 1],
    ["unavailable", 503, -1008, 0],
    ["failed", 500, -1000, 0],
    ["rateLimited", 429, -1003, 0],
    ["banned", 418, -1003, 0],
  ] as const)("%s: status %d, code %d, %d orders rest", async (kind, status, code, count) => {
    script.next(ORDER, kind);
    const { heard } = await send();
    await until(() => heard.length > 0, "an answer");
    expect(heard[0]).toMatchObject({ id: 1, status, error: { code } });
    expect([resting(), script.struck(kind)]).toEqual([count, 1]);
  });

  it.each([
    ["requestLost", 0],
    ["answerLost", 1],
  ] as const)("%s: the socket breaks, %d orders rest", async (kind, count) => {
    script.next(ORDER, kind);
    const { socket, heard } = await send();
    await until(() => socket.readyState === WebSocket.CLOSED, "the socket breaks");
    expect([heard, resting(), script.struck(kind)]).toEqual([[], count, 1]);
  });

  it("hang: no answer, though the order rests and the socket lives", async () => {
    script.next(ORDER, "hang");
    const { socket, heard } = await send();
    await until(() => resting() === 1, "the order");
    socket.send(JSON.stringify({ id: 2, method: "ping" }));
    await until(() => heard.length > 0, "an answer to the ping");
    expect(heard).toMatchObject([{ id: 2, status: 200 }]);
  });

  it("held and slow requests are answered when they arrive; unspoiled ones as ever", async () => {
    script.next(ORDER, { kind: "heldRequest", seconds: 0.03 });
    const { heard } = await send();
    expect(resting()).toBe(0);
    await until(() => heard.length > 0, "an answer");
    expect(heard[0]).toMatchObject({ status: 200, result: { status: "NEW" } });
    script.next("GET *", "emptyAnswer");
    const positions = await send({}, "v2/account.position");
    await until(() => positions.heard.length > 0, "positions");
    expect(positions.heard[0]).toMatchObject({ status: 200, result: [] });
    expect(KINDS.filter((kind) => script.struck(kind) > 0)).toEqual(["heldRequest", "emptyAnswer"]);
  });
});
