import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { troubleWords } from "../../../src/venue/bybit/door.ts";
import type { Trouble } from "../../../src/venue/faults/weather.ts";
import { until } from "../binance/served-venue.ts";
import { KEY, type ServedBybit, serveBybit } from "./served-bybit.ts";

let venue: ServedBybit;
afterEach(() => venue.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly retCode: number;
    readonly retMsg: string;
    readonly result: Readonly<Record<string, never>>;
    readonly time: number;
  };
}

async function call(
  name: string,
  fields: Readonly<Record<string, unknown>>,
  change: {
    readonly key?: string;
    readonly secret?: string;
    readonly at?: number;
    readonly window?: number;
  } = {},
): Promise<Answer> {
  const [method = "GET", path] = name.split(" ");
  const { key = KEY.apiKey, secret = KEY.secret, at = venue.wall.now(), window = 5_000 } = change;
  const sent =
    method === "GET"
      ? new URLSearchParams(fields as Record<string, string>).toString()
      : JSON.stringify(fields);
  const url = `${venue.server.url}${path}${method === "GET" ? `?${sent}` : ""}`;
  const answer = await fetch(url, {
    method,
    ...(method === "GET" ? {} : { body: sent }),
    headers: {
      "X-BAPI-API-KEY": key,
      "X-BAPI-TIMESTAMP": String(at),
      "X-BAPI-RECV-WINDOW": String(window),
      "X-BAPI-SIGN": createHmac("sha256", secret).update(`${at}${key}${window}${sent}`).digest("hex"),
    },
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer["body"] };
}

const codeOf = async (answer: Promise<Answer>): Promise<number> => (await answer).body.retCode;
const buy = (change: Readonly<Record<string, unknown>> = {}) => ({
  category: "linear",
  symbol: "BTCUSDT",
  side: "Buy",
  orderType: "Limit",
  qty: "0.010",
  price: "49000.0",
  ...change,
});

describe("Bybit's door", () => {
  it("lets in what is signed with a known key within its window, and nothing else", async () => {
    venue = await serveBybit();
    const now = venue.wall.now();
    const info = (change = {}) => codeOf(call("GET /v5/account/info", {}, change));
    expect(await info()).toBe(0);
    expect(await info({ key: "nobody" })).toBe(10003);
    expect(await info({ secret: "wrong" })).toBe(10004);
    expect(await info({ at: now - 5_500 })).toBe(10002);
    expect(await info({ at: now - 2_000, window: 1_000 })).toBe(10002);
    expect(await info({ at: now + 1_500 })).toBe(10002);
    expect(await codeOf(call("POST /v5/order/create", buy({ orderLinkId: "signed" })))).toBe(0);
    const nowhere = await call("GET /v5/nowhere", {});
    expect([nowhere.status, nowhere.body.retCode]).toEqual([404, 10017]);
  });

  it("answers public calls to anybody, with the wall's time and the market's data", async () => {
    venue = await serveBybit();
    const time = (await (await fetch(`${venue.server.url}/v5/market/time`)).json()) as Answer["body"];
    expect(Math.abs(time.time - Date.now())).toBeLessThan(5_000);
    const info = async (query: string) =>
      (await (
        await fetch(`${venue.server.url}/v5/market/instruments-info?${query}`)
      ).json()) as Answer["body"];
    expect((await info("category=linear")).result["list"]).toHaveLength(2);
    expect((await info("category=inverse&symbol=BTCUSD")).result["list"]).toMatchObject([
      { contractType: "InversePerpetual", settleCoin: "BTC", lotSizeFilter: { qtyStep: "1" } },
    ]);
    expect((await info("category=spot")).result["list"]).toEqual([]);
    expect((await info("category=linear&symbol=NOPE")).retCode).toBe(10001);
    expect((await info("symbol=BTCUSDT")).retCode).toBe(10001);
  });

  it("counts calls by endpoint and second, says so in headers, and refuses the one too many", async () => {
    venue = await serveBybit({ limits: { factor: 0.2 } });
    const first = await call("POST /v5/order/create", buy());
    expect(first.headers.get("X-Bapi-Limit")).toBe("2");
    expect(first.headers.get("X-Bapi-Limit-Status")).toBe("1");
    expect(await codeOf(call("POST /v5/order/create", buy()))).toBe(0);
    const third = await call("POST /v5/order/create", buy());
    expect(third.body).toMatchObject({ retCode: 10006, retMsg: "Too many visits!" });
    expect(venue.usdt.openOrders("main")).toHaveLength(2);
    expect(await codeOf(call("GET /v5/account/info", {}))).toBe(0);
    venue.wall.ahead += 1_001;
    expect(await codeOf(call("POST /v5/order/create", buy()))).toBe(0);
  });

  it("shuts an address out that asks without measure", async () => {
    venue = await serveBybit({ limits: { perFiveSeconds: 3 } });
    const status = async () => (await fetch(`${venue.server.url}/v5/market/time`)).status;
    expect([await status(), await status(), await status(), await status()]).toEqual([200, 200, 200, 403]);
    venue.wall.ahead += 6_000;
    expect(await status()).toBe(403);
    venue.wall.ahead += 600_000;
    expect(await status()).toBe(200);
  });

  it("refuses orders that are not well formed", async () => {
    venue = await serveBybit();
    const code = (change: Readonly<Record<string, unknown>>) =>
      codeOf(call("POST /v5/order/create", buy(change)));
    expect(await code({ side: "Both" })).toBe(10001);
    expect(await code({ qty: "0.0105" })).toBe(10001);
    expect(await code({ qty: undefined })).toBe(10001);
    expect(await code({ price: "49000.05" })).toBe(10001);
    expect(await code({ symbol: "DOGEUSDT" })).toBe(10001);
    expect(await code({ category: "inverse" })).toBe(10001);
    expect(await code({ positionIdx: 1 })).toBe(10001);
    expect(await code({ orderLinkId: "no spaces" })).toBe(10001);
    expect(await code({ stopLoss: "48000" })).toBe(10001);
    expect(await code({ triggerPrice: "51000" })).toBe(10001);
    expect(venue.usdt.openOrders("main")).toEqual([]);
  });

  it("pages long lists, newest first, without holes or repetitions", async () => {
    venue = await serveBybit();
    for (let at = 0; at < 7; at += 1) await call("POST /v5/order/create", buy({ orderLinkId: `o${at}` }));
    const found: string[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET /v5/order/realtime", {
        category: "linear",
        symbol: "BTCUSDT",
        limit: 3,
        ...(cursor === "" ? {} : { cursor }),
      });
      const list: readonly { orderLinkId: string }[] = body.result["list"] ?? [];
      found.push(...list.map(({ orderLinkId }) => orderLinkId));
      cursor = body.result["nextPageCursor"] ?? "";
    } while (cursor !== "");
    expect(found).toEqual(["o6", "o5", "o4", "o3", "o2", "o1", "o0"]);
    const bad = call("GET /v5/order/realtime", { category: "linear", symbol: "BTCUSDT", cursor: "x" });
    expect(await codeOf(bad)).toBe(10001);
  });

  it("says that unified accounts have no margin mode of their own for a symbol", async () => {
    venue = await serveBybit();
    const answer = call("POST /v5/position/switch-isolated", { category: "linear", symbol: "BTCUSDT" });
    expect(await codeOf(answer)).toBe(100028);
    expect(
      await codeOf(call("POST /v5/position/switch-mode", { category: "inverse", symbol: "BTCUSD", mode: 3 })),
    ).toBe(110029);
  });
});

describe("Bybit in trouble", () => {
  it("has its own words for each kind", async () => {
    venue = await serveBybit();
    const words = (end: Trouble["end"]) => {
      const { status, body } = troubleWords({ end, wallAt: 5_000, retryAfterMs: 1_000, address: "here" });
      return [status, typeof body === "string" ? "page" : (body as { retCode: number }).retCode];
    };
    expect(words("unknownStatus")).toEqual([200, 10000]);
    expect(words("unavailable")).toEqual([200, 10016]);
    expect(words("rateLimited")).toEqual([200, 10006]);
    expect(words("banned")).toEqual([403, "page"]);
    expect(words("failed")).toEqual([502, "page"]);
  });
});

describe("Bybit's sockets", () => {
  const say = (socket: { send(text: string): void }, message: object): void =>
    socket.send(JSON.stringify(message));

  it("answer pings and refuse topics that nobody knows", async () => {
    venue = await serveBybit();
    const { socket, heard } = await venue.listen("/v5/public/linear");
    say(socket, { op: "ping", req_id: "1" });
    say(socket, { op: "subscribe", args: ["orderbook.7.BTCUSDT"] });
    say(socket, { op: "subscribe", args: ["tickers.BTCUSD"] });
    say(socket, { op: "jump" });
    await until(() => heard.length === 4, "four answers");
    expect(heard.map(({ success, ret_msg, op }) => [success, ret_msg, op])).toEqual([
      [true, "pong", "ping"],
      [false, "error:handler not found,topic:orderbook.7.BTCUSDT", "subscribe"],
      [false, "error:handler not found,topic:tickers.BTCUSD", "subscribe"],
      [false, "error:invalid op", "jump"],
    ]);
  });

  it("give a new listener a snapshot and everybody the same changes, with ids without holes", async () => {
    venue = await serveBybit();
    const early = await venue.listen("/v5/public/linear");
    say(early.socket, { op: "subscribe", args: ["orderbook.50.BTCUSDT"] });
    await until(() => early.heard.length === 2, "the first snapshot");
    venue.move(500_400);
    venue.move(499_000);
    const late = await venue.listen("/v5/public/linear");
    say(late.socket, { op: "subscribe", args: ["orderbook.50.BTCUSDT"] });
    await until(() => late.heard.length === 2, "the second snapshot");
    venue.move(500_900);
    const updates = (heard: readonly Readonly<Record<string, unknown>>[]) =>
      heard
        .filter(({ topic }) => topic !== undefined)
        .map(({ type, data }) => ({ type, u: (data as { u: number }).u }));
    const last = () => updates(late.heard).at(-1)?.u;
    await until(
      () => updates(late.heard).length > 1 && updates(early.heard).at(-1)?.u === last(),
      "the change",
    );
    const ids = updates(early.heard).map(({ u }) => u);
    expect(ids).toEqual(ids.map((_, at) => (ids[0] ?? 0) + at));
    expect(updates(late.heard)[0]).toEqual({ type: "snapshot", u: ids.at(-updates(late.heard).length) });
  });

  it("tell private news to nobody who is not logged in", async () => {
    venue = await serveBybit();
    const { socket, heard } = await venue.listen("/v5/private");
    const login = (secret: string, expires: number): object => ({
      op: "auth",
      args: [
        KEY.apiKey,
        expires,
        createHmac("sha256", secret).update(`GET/realtime${expires}`).digest("hex"),
      ],
    });
    const soon = venue.wall.now() + 10_000;
    say(socket, { op: "subscribe", args: ["order"] });
    say(socket, login("wrong", soon));
    say(socket, login(KEY.secret, venue.wall.now() - 1));
    say(socket, login(KEY.secret, soon));
    say(socket, { op: "subscribe", args: ["order"] });
    say(socket, { op: "ping", req_id: "7" });
    await until(() => heard.length === 6, "six answers");
    expect(heard.map(({ success, op }) => [success, op])).toEqual([
      [false, "subscribe"],
      [false, "auth"],
      [false, "auth"],
      [true, "auth"],
      [true, "subscribe"],
      [undefined, "pong"],
    ]);
    await call("POST /v5/order/create", buy({ orderLinkId: "other" }), {
      key: "other-key",
      secret: "other-secret",
    });
    await call("POST /v5/order/create", buy({ orderLinkId: "mine" }));
    await until(() => heard.length > 6, "the order");
    expect(heard.slice(6)).toMatchObject([
      { topic: "order", data: [{ orderLinkId: "mine", orderStatus: "New", category: "linear" }] },
    ]);
  });
});
