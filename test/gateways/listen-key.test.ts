import { describe, expect, it } from "vitest";
import { ListenKey } from "../../src/gateways/binance/listen-key.ts";
import { HandClock, settled } from "./rig.ts";

const MINUTE = 60_000;

function held() {
  const clock = new HandClock();
  const asked: string[] = [];
  const gone: string[] = [];
  let refusal: Error | undefined;
  const call = async (name: string): Promise<unknown> => {
    asked.push(name);
    if (refusal !== undefined) throw refusal;
    return { listenKey: `key${asked.length}` };
  };
  const key = new ListenKey({ call }, "fapi", clock, (reason) => gone.push(reason));
  return {
    clock,
    asked,
    gone,
    key,
    refuse: (error: Error | undefined) => {
      refusal = error;
    },
  };
}

const POST = "POST /fapi/v1/listenKey";
const PUT = "PUT /fapi/v1/listenKey";

describe("the key of the private stream", () => {
  it("is renewed every twenty minutes, for as long as it is held", async () => {
    const { key, clock, asked, gone } = held();
    expect(await key.open()).toBe("key1");
    await clock.pass(20 * MINUTE - 1);
    expect(asked).toEqual([POST]);
    await clock.pass(100 * MINUTE);
    expect(asked).toEqual([POST, PUT, PUT, PUT, PUT, PUT]);
    expect(gone).toEqual([]);
  });

  it("has one renewal, however often a fresh one was asked for", async () => {
    const { key, clock, asked } = held();
    for (let turn = 0; turn < 10; turn += 1) await key.open();
    await clock.pass(20 * MINUTE);
    expect(asked.filter((name) => name === PUT)).toHaveLength(1);
    expect(clock.waiting).toBe(1);
  });

  it("is told gone when the exchange does not know it any more", async () => {
    const { key, clock, gone, refuse, asked } = held();
    await key.open();
    refuse(new Error('binanceusdm {"code":-1125,"msg":"This listenKey does not exist."}'));
    await clock.pass(20 * MINUTE);
    expect(gone).toEqual(["the listen key does not exist any more"]);
    await clock.pass(60 * MINUTE);
    expect(asked.filter((name) => name === PUT)).toHaveLength(1);
  });

  it("is renewed a minute later when a renewal failed for another reason", async () => {
    const { key, clock, gone, refuse, asked } = held();
    await key.open();
    refuse(new Error("reset"));
    await clock.pass(22 * MINUTE);
    expect(asked.filter((name) => name === PUT)).toHaveLength(3);
    refuse(undefined);
    await clock.pass(21 * MINUTE);
    expect(asked.filter((name) => name === PUT)).toHaveLength(5);
    expect(gone).toEqual([]);
  });

  it("rejects when none can be had or the answer holds none", async () => {
    const { key, refuse } = held();
    refuse(new Error("down"));
    await expect(key.open()).rejects.toThrow("down");
    const empty = new ListenKey({ call: async () => ({}) }, "fapi", new HandClock(), () => {});
    await expect(empty.open()).rejects.toThrow('field "listenKey" is missing');
  });

  it("leaves no timer behind when it is closed, not even when it was closed while being asked for", async () => {
    const { key, clock, asked } = held();
    const opening = key.open();
    key.close();
    await opening;
    await settled();
    expect(clock.waiting).toBe(0);
    await clock.pass(60 * MINUTE);
    expect(asked).toEqual([POST]);
  });
});
