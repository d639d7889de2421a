import { describe, expect, it } from "vitest";
import type { ExchangeClient, OpenSocket } from "../../../src/gateways/exchange-client.ts";
import { OkxStream } from "../../../src/gateways/okx/stream.ts";
import { HandClock, settled } from "../rig.ts";

const URL = "wss://private";
const CHANNELS = [{ channel: "orders", instType: "ANY" }, { channel: "account" }];

/** A stream on sockets that a test holds in its hand. */
function held() {
  const clock = new HandClock();
  const told: string[] = [];
  let opened = 0;
  const client = {
    socket: (): OpenSocket => {
      opened += 1;
      let broke: (reason: unknown) => void = () => {};
      const broken = new Promise<unknown>((resolve) => {
        broke = resolve;
      });
      return {
        url: URL,
        connected: Promise.resolve(),
        broken,
        send: () => {},
        cut: (reason) => broke(reason),
      };
    },
  } as unknown as ExchangeClient;
  const stream = new OkxStream({
    client,
    clock,
    url: URL,
    channels: CHANNELS,
    silenceMs: undefined,
    onLive: (isFirst) => told.push(isFirst ? "live" : "live again"),
    onDown: (reason) => told.push(String(reason)),
    onPush: () => {},
  });
  const confirm = async () => {
    for (const arg of CHANNELS) stream.take(URL, { event: "subscribe", arg, connId: "a4d3ae55" });
    await settled();
  };
  return { clock, stream, told, confirm, opened: () => opened };
}

describe("a subscription that OKX takes back", () => {
  for (const event of ["channel-conn-count-error", "unsubscribe"]) {
    it(`counts as a broken socket: ${event}`, async () => {
      const { clock, stream, told, confirm, opened } = held();
      stream.start();
      await settled();
      await confirm();
      stream.take(URL, {
        event: "channel-conn-count",
        channel: "orders",
        connCount: "30",
        connId: "a4d3ae55",
      });
      await settled();
      expect([told, stream.isLive]).toEqual([["live"], true]);
      stream.take(URL, { event, channel: "orders", connCount: "30", connId: "a4d3ae55" });
      await settled();
      expect(stream.isLive).toBe(false);
      expect(told).toEqual(["live", `StreamCut: OKX took a subscription back (${event})`]);
      await clock.pass(1_000);
      expect(opened()).toBe(2);
      await confirm();
      expect(told.at(-1)).toBe("live again");
      stream.stop();
    });
  }
});
