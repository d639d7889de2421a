import { once } from "node:events";
import { type AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { ticks } from "../../src/core/units.ts";
import type { Gateway } from "../../src/desk/ports.ts";
import { openBinanceDirect } from "../../src/gateways/binance-direct.ts";
import { DirectClient } from "../../src/gateways/direct-client.ts";
import { gatewayContract } from "../contract/gateway.contract.ts";
import { KEY, type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { hasty, order, soon } from "./rig.ts";

/** A moment for what must not depend on the real one. */
const NOW = 1_790_000_000_000;

const keys = { apiKey: KEY.apiKey, secret: KEY.secret };

function direct(venue: Served, timeoutMs = 5_000): Gateway {
  return openBinanceDirect({
    account: "main",
    keys,
    target: { host: "127.0.0.1", port: venue.server.port },
    clock: hasty,
    log: { warn: () => {} },
    timeoutMs,
  });
}

gatewayContract("Binance USDT-M, by our own client", async () => {
  const venue = await serveVenue();
  const gateway = direct(venue);
  return {
    gateway,
    account: "main",
    instrument: "BTCUSDT",
    asset: "USDT",
    price: ticks(500_000),
    historyFrom: venue.exchange.now(),
    hasOpenHistory: true,
    elsewhere: { exchange: venue.exchange, instrument: "ETHUSDT", asset: "USDT" },
    move: (price) => venue.move(price),
    close: async () => {
      await gateway.account.stop();
      await gateway.market.stop();
      await venue.close();
    },
  };
});

describe("the order socket", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** A client with its order socket up, or as the exchange has it. */
  async function opened(
    port: number,
    { now = () => Date.now(), timeoutMs = 5_000 } = {},
  ): Promise<DirectClient> {
    const client = new DirectClient({
      keys,
      hosts: {
        rest: "https://fapi.binance.com",
        account: "https://api.binance.com",
        orders: "wss://ws-fapi.binance.com/ws-fapi/v1",
      },
      target: { host: "127.0.0.1", port },
      now,
      timeoutMs,
    });
    closing.push(() => client.close());
    await soon(() => client.hasOrderSocket, "the order socket is up");
    return client;
  }

  async function served(): Promise<Served> {
    const venue = await serveVenue();
    closing.push(() => venue.close());
    return venue;
  }

  const limit = (clientId: string) => ({
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    quantity: "0.010",
    price: "49000.0",
    timeInForce: "GTX",
    newClientOrderId: clientId,
  });

  it("carries twenty-five orders in one burst, each answered by its own id", async () => {
    const venue = await served();
    const client = await opened(venue.server.port);
    const ids = Array.from({ length: 20 }, (_, at) => `burst${at}`);
    const answers = await Promise.all(
      ids.map((id) => client.call("POST /fapi/v1/order", limit(id), "entry")),
    );
    expect(answers.map((answer) => (answer as { clientOrderId: string }).clientOrderId)).toEqual(ids);
    expect(venue.exchange.openOrders("main").map(({ clientId }) => clientId)).toEqual(ids);
  });

  it("tells a refusal with the exchange's code", async () => {
    const client = await opened((await served()).server.port);
    const wrong = { ...limit("wrong"), price: "49000.05" };
    await expect(client.call("POST /fapi/v1/order", wrong, "entry")).rejects.toThrow(/"code":-4014/);
  });

  /** An order socket that says these frames first and answers every request with `rest`; its port. */
  async function speaking(rest: string, frames: readonly string[] = []): Promise<number> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    await once(server, "listening");
    server.on("connection", (socket) => {
      closing.push(async () => socket.terminate());
      for (const frame of frames) socket.send(frame);
      socket.on("message", (asked) => {
        const { id } = JSON.parse(String(asked)) as { readonly id: string };
        socket.send(`{"id":"${id}",${rest}}`);
      });
    });
    return (server.address() as AddressInfo).port;
  }

  it("lets what one turn wants leave in one write, though its work throws, and a lone order at once", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    await once(server, "listening");
    server.on("connection", (socket) => closing.push(async () => socket.terminate()));
    const client = await opened((server.address() as AddressInfo).port);
    const writes: string[] = [];
    const { _write, _writev } = Socket.prototype;
    closing.push(async () => {
      Object.assign(Socket.prototype, { _write, _writev });
    });
    Socket.prototype._write = function (...args): void {
      writes.push("one");
      _write.apply(this, args);
    };
    Socket.prototype._writev = function (chunks, done): void {
      writes.push(`${chunks.length} parts`);
      _writev?.call(this, chunks, done);
    };
    const ask = (id: string): void =>
      void client.call("POST /fapi/v1/order", limit(id), "entry").catch(() => {});
    ask("alone");
    expect(writes).toEqual(["2 parts"]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(() =>
      client.together(() => {
        for (const id of ["one", "two", "three"]) ask(id);
        expect(writes).toEqual(["2 parts"]);
        throw new Error("a bug of the turn");
      }),
    ).toThrow("a bug of the turn");
    expect(writes).toEqual(["2 parts", "6 parts"]);
  });

  it("lives through frames that are no answers, and keeps every digit of an order id", async () => {
    const frames = ["null", "7", '"text"', "[]", "{}", "no JSON"];
    const port = await speaking('"status":200,"result":{"orderId":8389765612825190229}', frames);
    const client = await opened(port);
    expect(await client.call("POST /fapi/v1/order", limit("long"), "entry")).toEqual({
      orderId: "8389765612825190229",
    });
  });

  it.each([
    [429, "Too many requests; current limit of IP(1.2.3.4) is 2400 requests per minute.", 60],
    [418, `Way too many requests; IP(1.2.3.4) banned until ${NOW + 130_000}. Please use the websocket.`, 130],
    [418, `Way too many requests; IP(1.2.3.4) banned until ${NOW - 1_000}. Please use the websocket.`, 60],
  ])("takes the end of a ban from its words, a minute without them: %i, %s", async (status, msg, seconds) => {
    const port = await speaking(`"status":${status},"error":${JSON.stringify({ code: -1003, msg })}`);
    const client = await opened(port, { now: () => NOW });
    await expect(client.call("POST /fapi/v1/order", limit("much"), "entry")).rejects.toThrow(/"code":-1003/);
    expect(client.budget.waitMs).toBe(seconds * 1_000);
    await expect(client.call("DELETE /fapi/v1/order", limit("much"), "close")).rejects.toThrow(
      `no requests for another ${seconds * 1_000} ms`,
    );
  });

  it("loses what was on its way when it breaks, and REST carries on until it is up again", async () => {
    const venue = await served();
    const client = await opened(venue.server.port);
    venue.server.dropSockets("api");
    await soon(() => !client.hasOrderSocket, "the break is noticed");
    await client.call("POST /fapi/v1/order", limit("over-rest"), "entry");
    expect(venue.exchange.openOrders("main").map(({ clientId }) => clientId)).toEqual(["over-rest"]);
    await soon(() => client.hasOrderSocket, "the order socket is up again");
    await client.call(
      "DELETE /fapi/v1/order",
      { symbol: "BTCUSDT", origClientOrderId: "over-rest" },
      "close",
    );
    expect(venue.exchange.openOrders("main")).toEqual([]);
  });

  it("is given up when it does not answer: it may be half open, and closes must not wait on it", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    await once(server, "listening");
    let dials = 0;
    server.on("connection", (socket) => {
      dials += 1;
      closing.push(async () => socket.terminate());
    });
    const client = await opened((server.address() as AddressInfo).port, { timeoutMs: 100 });
    await expect(client.call("DELETE /fapi/v1/order", limit("lost"), "close")).rejects.toThrow(
      "RequestTimeout",
    );
    expect(client.hasOrderSocket).toBe(false);
    await soon(() => dials === 2, "it is dialled anew");
  });

  it("leaves an order unknown whose answer never came, and never sends it twice", async () => {
    const venue = await served();
    const gateway = direct(venue, 200);
    closing.push(() => gateway.market.stop());
    await gateway.market.instruments(["BTCUSDT"]);
    const facts = order();
    await venue.close();
    const [event, ...more] = await gateway.trading.place(facts);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ type: "placeUnknown", clientId: facts.clientId });
  });
});
