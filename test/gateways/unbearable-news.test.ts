import { expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import { binanceUsdm } from "../../src/gateways/binance-usdm.ts";
import type { ExchangeClient } from "../../src/gateways/exchange-client.ts";
import { HandClock, settled } from "./rig.ts";

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
