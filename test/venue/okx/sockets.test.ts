import { createHmac } from "node:crypto";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { lots, ticks } from "../../../src/core/units.ts";
import { until } from "../binance/served-venue.ts";
import { OKX_KEY, type ServedOkx, serveOkx } from "./served-okx.ts";

const ID = "BTC-USDT-SWAP";

interface Heard {
  readonly event?: string;
  readonly code?: string;
  readonly arg?: Readonly<Record<string, string>>;
  readonly action?: string;
  readonly data?: readonly Readonly<Record<string, never>>[];
}

describe("OKX's sockets", () => {
  let venue: ServedOkx;
  const open: WebSocket[] = [];
  beforeEach(async () => {
    venue = await serveOkx();
  });
  afterEach(async () => {
    for (const socket of open.splice(0)) socket.terminate();
    await venue.close();
    expect(venue.bugs).toEqual([]);
  });

  async function connect(path: string) {
    const socket = new WebSocket(`${venue.server.url.replace("http", "ws")}/ws/v5/${path}`);
    open.push(socket);
    const heard: Heard[] = [];
    const texts: string[] = [];
    socket.on("message", (raw) => {
      texts.push(String(raw));
      if (String(raw) !== "pong") heard.push(JSON.parse(String(raw)) as Heard);
    });
    await once(socket, "open");
    const subscribe = (...args: object[]) => socket.send(JSON.stringify({ op: "subscribe", args }));
    const rows = (channel: string) =>
      heard.filter(({ arg, data }) => arg?.["channel"] === channel && data !== undefined);
    return { socket, heard, texts, subscribe, rows };
  }

  function login(secret = OKX_KEY.secret): string {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const sign = createHmac("sha256", secret).update(`${timestamp}GET/users/self/verify`).digest("base64");
    const { apiKey, passphrase } = OKX_KEY;
    return JSON.stringify({ op: "login", args: [{ apiKey, passphrase, timestamp, sign }] });
  }

  it("answers pings in text, confirms subscriptions, and begins each channel with what is there", async () => {
    const { socket, heard, texts, subscribe, rows } = await connect("public");
    socket.send("ping");
    subscribe({ channel: "mark-price", instId: ID }, { channel: "index-tickers", instId: "BTC-USDT" });
    await until(() => rows("index-tickers").length > 0, "the index is told");
    expect(texts[0]).toBe("pong");
    expect(heard[0]).toMatchObject({ event: "subscribe", arg: { channel: "mark-price", instId: ID } });
    expect(rows("mark-price")[0]?.data).toMatchObject([{ instId: ID, markPx: "50000.0" }]);
    venue.move(500_100);
    await until(() => rows("mark-price").length > 1, "the mark moves");
    expect(rows("mark-price").at(-1)?.data).toMatchObject([{ markPx: "50010.0" }]);
    socket.send(JSON.stringify({ op: "unsubscribe", args: [{ channel: "mark-price", instId: ID }] }));
    await until(() => heard.some(({ event }) => event === "unsubscribe"), "it is confirmed");
    const before = rows("mark-price").length;
    venue.move(500_200);
    await until(() => rows("index-tickers").length > 2, "the index moves on");
    expect(rows("mark-price")).toHaveLength(before);
  });

  it("carries a book from its snapshot by updates without a gap", async () => {
    const { subscribe, rows } = await connect("public");
    venue.move(500_000);
    subscribe({ channel: "books", instId: ID });
    await until(() => rows("books").length > 0, "the snapshot comes");
    for (const price of [500_050, 499_000, 500_300]) venue.move(price);
    await until(() => rows("books").length >= 4, "updates come");
    const book = { bids: new Map<string, string>(), asks: new Map<string, string>() };
    let sequence = -1;
    for (const { action, data } of rows("books")) {
      const [row] = data as unknown as [
        { bids: string[][]; asks: string[][]; seqId: number; prevSeqId: number },
      ];
      expect([action, row.prevSeqId]).toEqual(sequence < 0 ? ["snapshot", -1] : ["update", sequence]);
      sequence = row.seqId;
      for (const side of ["bids", "asks"] as const) {
        for (const [price = "", size = ""] of row[side]) {
          if (size === "0") book[side].delete(price);
          else book[side].set(price, size);
        }
      }
    }
    const own = venue.exchange.depth(ID, 400);
    expect(sequence).toBe(own.lastUpdateId);
    expect(new Set(book.bids.keys())).toEqual(new Set(own.bids.map(({ price }) => (price / 10).toFixed(1))));
    expect(new Set(book.asks.keys())).toEqual(new Set(own.asks.map(({ price }) => (price / 10).toFixed(1))));
  });

  it("refuses private channels without login, wrong keys, wrong paths and unknown instruments", async () => {
    const { socket, heard, subscribe } = await connect("private");
    subscribe({ channel: "orders", instType: "ANY" });
    socket.send(login("wrong"));
    subscribe({ channel: "orders-algo", instType: "ANY" }, { channel: "tickers", instId: ID });
    socket.send("{");
    await until(() => heard.length === 5, "all are answered");
    expect(heard.map(({ event, code }) => [event, code])).toEqual([
      ["error", "60011"],
      ["error", "60009"],
      ["error", "60018"],
      ["error", "60018"],
      ["error", "60012"],
    ]);
    const open = await connect("public");
    open.subscribe({ channel: "tickers", instId: "NOPE" });
    open.socket.send(login());
    await until(() => open.heard.length === 2, "both are answered");
    expect(open.heard.map(({ code }) => code)).toEqual(["60018", "60008"]);
  });

  it("tells each account its own news, narrowed as it asked", async () => {
    const { socket, heard, subscribe, rows } = await connect("private");
    socket.send(login());
    await until(() => heard.length === 1, "the login is confirmed");
    subscribe({ channel: "orders", instType: "SWAP", instId: ID }, { channel: "positions", instType: "ANY" });
    await until(() => rows("positions").length === 1, "positions begin");
    expect(rows("positions")[0]?.data).toEqual([]);
    const request = {
      clientId: "",
      side: "buy",
      positionSide: "both",
      kind: "market",
      timeInForce: "GTC",
      reduceOnly: false,
    } as const;
    venue.exchange.place("other", { ...request, instrument: ID, lots: lots(10) });
    venue.exchange.place("main", { ...request, instrument: "ETH-USDT-SWAP", lots: lots(10) });
    venue.exchange.place("main", { ...request, instrument: ID, clientId: "own", lots: lots(10) });
    await until(
      () => rows("orders").some(({ data }) => `${data?.[0]?.["state"]}` === "filled"),
      "it is filled",
    );
    const told = rows("orders").map(({ data }) => [data?.[0]?.["clOrdId"], data?.[0]?.["state"]]);
    expect(told).toEqual([
      ["own", "live"],
      ["own", "filled"],
    ]);
    const held = rows("positions").flatMap(({ data }) =>
      (data ?? []).map((row) => [row["instId"], row["pos"]]),
    );
    expect(held).toEqual([
      ["ETH-USDT-SWAP", "0.10"],
      [ID, "0.10"],
    ]);
  });

  it("drops, freezes and silences sockets by what they carry", async () => {
    const market = await connect("public");
    const account = await connect("private");
    account.socket.send(login());
    market.subscribe({ channel: "mark-price", instId: ID });
    await until(() => account.heard.length === 1 && market.rows("mark-price").length === 1, "both are on");
    venue.server.silence("market", true);
    venue.move(500_100);
    venue.server.silence("market", false);
    venue.move(500_200);
    await until(() => market.rows("mark-price").length === 2, "it speaks again");
    expect(market.rows("mark-price").at(-1)?.data).toMatchObject([{ markPx: "50020.0" }]);
    expect(venue.server.dropSockets("private")).toBe(1);
    await until(() => account.socket.readyState === account.socket.CLOSED, "the private one is cut");
    expect(market.socket.readyState).toBe(market.socket.OPEN);
    expect(venue.exchange.mark(ID).mark).toBe(ticks(500_200));
  });
});
