import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import type { DeskEvent } from "../../src/core/event.ts";
import { PayloadError } from "../../src/gateways/binance/fields.ts";
import { binanceUsdm } from "../../src/gateways/binance-usdm.ts";
import { openSocket } from "../../src/gateways/direct/socket.ts";
import type { ExchangeClient } from "../../src/gateways/exchange-client.ts";
import { HandClock, openRig, settled, soon } from "./rig.ts";

afterEach(() => vi.unstubAllGlobals());

it("a fault of the desk is not taken for an unreadable message: it is thrown, and the stream stays up", async () => {
  const opened: string[] = [];
  const cuts: Error[] = [];
  const logged: string[] = [];
  let look: (url: string, message: unknown) => void = () => {};
  const client = {
    call: async () => ({ listenKey: "k" }),
    socket: (url: string) => {
      opened.push(url);
      const broken = new Promise(() => {});
      return { url, connected: Promise.resolve(), broken, send: () => {}, cut: (e: Error) => cuts.push(e) };
    },
    tap: (tapped: typeof look) => {
      look = tapped;
    },
    now: () => 1_700_000_000_000,
  } as unknown as ExchangeClient;
  const gateway = binanceUsdm({
    account: "main",
    client,
    clock: new HandClock(),
    log: { warn: (message) => logged.push(message) },
    streams: "wss://fstream.binance.com",
  });
  const told: DeskEvent[] = [];
  await gateway.account.start((event) => {
    told.push(event);
    throw new Error("an invariant of the desk");
  });
  await settled();
  const [url = ""] = opened;
  const config = { e: "ACCOUNT_CONFIG_UPDATE", E: 5, T: 5, ac: { s: "BTCUSDT", l: 25 } };
  expect(() => look(url, config)).toThrow("an invariant of the desk");
  expect([told.map(({ type }) => type), logged, cuts]).toEqual([["accountConfig"], [], []]);
  look(url, { ...config, ac: { s: "BTCUSDT", l: "many" } });
  expect([told.length, logged, cuts.length]).toEqual([1, ["an account message could not be read"], 1]);
  await gateway.account.stop();
});

it("ccxt, which swallows errors, does not swallow a fault of the desk: nobody catches it, and the stream stays up", async () => {
  const uncaught: unknown[] = [];
  const later = queueMicrotask;
  vi.stubGlobal("queueMicrotask", (call: () => void) =>
    later(() => {
      try {
        call();
      } catch (error) {
        uncaught.push(error);
      }
    }),
  );
  const rig = await openRig();
  try {
    const told: string[] = [];
    await rig.gateway.market.instruments(["BTCUSDT"]);
    await rig.gateway.market.start(["BTCUSDT"], ({ type }) => {
      told.push(type);
      if (type === "mark") throw new Error("an invariant of the desk");
    });
    let price = 500_000;
    await soon(() => {
      // The market stands still until it is moved.
      price += 1;
      rig.venue.move(price);
      return uncaught.length >= 3;
    }, "the faults are heard");
    expect(told.filter((type) => type === "mark").length).toBeGreaterThanOrEqual(3);
    expect(new Set(uncaught.map(String))).toEqual(new Set(["Error: an invariant of the desk"]));
    expect([told.includes("gap"), rig.log]).toEqual([false, []]);
  } finally {
    await rig.close();
  }
});

it("a frame that can't be read breaks a plain socket, which its keeper opens again", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (socket) => socket.send("{}"));
  const { port } = server.address() as AddressInfo;
  const socket = openSocket("wss://venue.test/ws", { host: "127.0.0.1", port }, undefined, () => {
    throw new PayloadError('field "e" is missing');
  });
  expect(await socket.broken).toEqual(new PayloadError('field "e" is missing'));
  await new Promise((resolve) => server.close(resolve));
});
