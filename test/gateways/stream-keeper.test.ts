import { describe, expect, it } from "vitest";
import type { OpenSocket } from "../../src/gateways/exchange-client.ts";
import { StreamCut, StreamKeeper } from "../../src/gateways/stream-keeper.ts";
import { HandClock, settled } from "./rig.ts";

/** A socket that the test opens and breaks. */
class HandSocket implements OpenSocket {
  readonly url = "wss://venue/public/ws";
  open = (): void => {};
  break = (_reason: unknown): void => {};
  readonly connected = new Promise<void>((resolve) => {
    this.open = resolve;
  });
  readonly broken = new Promise<unknown>((resolve) => {
    this.break = resolve;
  });
  readonly cuts: Error[] = [];
  send(): void {}
  cut(error: Error): void {
    this.cuts.push(error);
    // ccxt hands back an error of its own.
    this.break(new Error(`wrapped: ${error.message}`));
  }
}

function kept(silenceMs?: number) {
  const clock = new HandClock();
  const sockets: HandSocket[] = [];
  const told: string[] = [];
  let refusal: Error | undefined;
  const keeper = new StreamKeeper({
    clock,
    silenceMs,
    open: async () => {
      if (refusal !== undefined) throw refusal;
      const socket = new HandSocket();
      sockets.push(socket);
      return socket;
    },
    onUp: (isFirst) => told.push(isFirst ? "first up" : "up"),
    onDown: (reason) => told.push(`down: ${reason instanceof Error ? reason.message : String(reason)}`),
  });
  const last = (): HandSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  return {
    clock,
    sockets,
    told,
    keeper,
    last,
    refuse: (error: Error | undefined) => {
      refusal = error;
    },
    up: async () => {
      await settled();
      last().open();
      await settled();
    },
    drop: async (reason: string) => {
      last().break(new Error(reason));
      await settled();
    },
  };
}

describe("a kept stream", () => {
  it("says once that it is up, once that it is down, and once that it is back", async () => {
    const { keeper, up, drop, clock, told, sockets } = kept();
    keeper.start();
    await up();
    await expect(keeper.ready).resolves.toBeUndefined();
    expect(told).toEqual(["first up"]);
    await drop("reset");
    expect(told).toEqual(["first up", "down: reset"]);
    expect(sockets).toHaveLength(1);
    await clock.pass(249);
    expect(sockets).toHaveLength(1);
    await clock.pass(1);
    expect(sockets).toHaveLength(2);
    await up();
    expect(told).toEqual(["first up", "down: reset", "up"]);
  });

  it("waits twice as long after each attempt that fails, up to five seconds, and is silent about them", async () => {
    const { keeper, up, drop, clock, told, sockets } = kept();
    keeper.start();
    await up();
    await drop("reset");
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const before = sockets.length;
      let waited = 0;
      while (sockets.length === before) {
        await clock.pass(250);
        waited += 250;
      }
      waits.push(waited);
      await drop("refused");
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    expect(told).toEqual(["first up", "down: reset"]);
    await clock.pass(5_000);
    await up();
    await clock.pass(5_000);
    await drop("again");
    await clock.pass(250);
    expect(told).toEqual(["first up", "down: reset", "up", "down: again"]);
    await up();
    expect(told.at(-1)).toBe("up");
  });

  it("waits longer and longer for sockets that open and are given up at once, and no longer after a steady one", async () => {
    const { keeper, up, clock, sockets } = kept();
    keeper.start();
    const waitsOf = async (lives: readonly number[]): Promise<readonly number[]> => {
      const waits: number[] = [];
      for (const life of lives) {
        await up();
        await clock.pass(life);
        const before = sockets.length;
        keeper.cut("the exchange refused to auth: API key is invalid.");
        let waited = 0;
        while (sockets.length === before) {
          await clock.pass(250);
          waited += 250;
        }
        waits.push(waited);
      }
      return waits;
    };
    expect(await waitsOf([0, 300, 0, 4_999, 0, 0])).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000]);
    expect(await waitsOf([5_000, 0])).toEqual([250, 500]);
  });

  it("tries again when a socket can't even be asked for", async () => {
    const { keeper, refuse, clock, told, sockets, up } = kept();
    refuse(new Error("no listen key"));
    keeper.start();
    await clock.pass(3_000);
    expect(told).toEqual(["down: no listen key"]);
    refuse(undefined);
    await clock.pass(5_000);
    expect(sockets).toHaveLength(1);
    await up();
    expect(told).toEqual(["down: no listen key", "first up"]);
  });

  it("gives up a socket that does not open within ten seconds", async () => {
    const { keeper, clock, told, sockets } = kept();
    keeper.start();
    await clock.pass(9_999);
    expect(told).toEqual([]);
    await clock.pass(1);
    expect(told).toEqual(["down: the socket did not open in time"]);
    expect(sockets[0]?.cuts).toHaveLength(1);
    await clock.pass(250);
    expect(sockets).toHaveLength(2);
  });

  it("notices silence: half the patience later at most, and not while frames come", async () => {
    const { keeper, up, clock, told, sockets } = kept(10_000);
    keeper.start();
    await up();
    for (let second = 0; second < 30; second += 1) {
      await clock.pass(1_000);
      keeper.heard();
    }
    expect(told).toEqual(["first up"]);
    await clock.pass(10_000);
    expect(told).toEqual(["first up"]);
    await clock.pass(5_001);
    expect(told).toEqual(["first up", "down: nothing was heard for 10000 ms"]);
    await clock.pass(250);
    expect(sockets).toHaveLength(2);
    await up();
    await clock.pass(9_000);
    expect(told.at(-1)).toBe("up");
  });

  it("is patient for ever where pings decide", async () => {
    const { keeper, up, clock, told } = kept();
    keeper.start();
    await up();
    await clock.pass(86_400_000);
    expect(told).toEqual(["first up"]);
  });

  it("says why it was cut, in our words", async () => {
    const { keeper, up, last, told, clock } = kept();
    keeper.cut("too early to cut anything");
    keeper.start();
    await up();
    keeper.cut("the listen key has expired");
    await settled();
    expect(last().cuts).toEqual([new StreamCut("the listen key has expired")]);
    expect(told).toEqual(["first up", "down: the listen key has expired"]);
    await clock.pass(250);
    await up();
    last().break(new Error("reset"));
    await settled();
    expect(told).toEqual(["first up", "down: the listen key has expired", "up", "down: reset"]);
  });

  it("stops for good: the socket is cut, nothing is told, no timer waits", async () => {
    const { keeper, up, last, told, clock, sockets } = kept(10_000);
    keeper.start();
    await up();
    keeper.stop();
    await settled();
    expect(last().cuts).toHaveLength(1);
    await clock.pass(60_000);
    expect(told).toEqual(["first up"]);
    expect(sockets).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });

  it("stops while it waits for its next attempt, or for a socket to open", async () => {
    const waiting = kept();
    waiting.keeper.start();
    await waiting.up();
    await waiting.drop("reset");
    waiting.keeper.stop();
    await waiting.clock.pass(60_000);
    expect(waiting.sockets).toHaveLength(1);
    expect(waiting.clock.waiting).toBe(0);
    const opening = kept();
    opening.keeper.start();
    opening.keeper.stop();
    await opening.clock.pass(60_000);
    expect(opening.sockets[0]?.cuts).toHaveLength(1);
    expect(opening.told).toEqual([]);
    expect(opening.clock.waiting).toBe(0);
  });
});
