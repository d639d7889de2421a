import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import { millis } from "../../src/core/units.ts";
import { Desk, type DeskParts } from "../../src/desk/desk.ts";
import type { Gateway, Store } from "../../src/desk/ports.ts";
import { Rig } from "../support/rig.ts";
import { refusal } from "../support/scenario.ts";
import { ManualClock } from "./manual-clock.ts";

/** A desk around a rig's kernel and exchange; every answer comes at once. `given` replaces calls of the gateway. */
function deskOf(given: { readonly trading?: object; readonly market?: object }) {
  const rig = new Rig();
  const { exchange } = rig;
  const clock = new ManualClock();
  const calls: string[] = [];
  const gateway = {
    market: {
      refresh: async () => {
        calls.push("refresh");
      },
      ...given.market,
    },
    account: {
      truth: async () => ({ truth: exchange.truth().truth, config: [] }),
      exposure: async () => exchange.exposure(),
    },
    trading: {
      recvWindowMs: 3_000,
      place: async (facts: Parameters<typeof exchange.place>[0]) => exchange.place(facts),
      setLeverage: async (_id: string, leverage: number) => {
        exchange.leverage = leverage;
        return [exchange.config()];
      },
      setMarginMode: async (_id: string, mode: "isolated" | "cross") => {
        exchange.marginMode = mode;
        return [exchange.config()];
      },
      ...given.trading,
    },
  } as unknown as Gateway;
  const noted: DeskEvent[] = [];
  const { kernel } = rig;
  const turn = kernel.turn.bind(kernel);
  kernel.turn = (event) => {
    noted.push(event);
    return turn(event);
  };
  const log = { info: () => {}, warn: () => {}, error: () => {}, trade: () => {}, placement: () => {} };
  const desk = new Desk({
    kernel,
    gateway,
    store: {} as Store,
    clock,
    recorder: undefined,
    chat: () => undefined,
    isLeader: () => true,
    showProposal: async () => {},
    log: { ...log, entryFilled: () => {} } as DeskParts["log"],
    historyFrom: millis(0),
  });
  const run = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      exchange.at += 500;
      exchange.wallAt = clock.now() + 500;
      await clock.pass(500);
      for (const event of exchange.quotes()) desk.emit(event);
    }
  };
  return { rig, desk, exchange, calls, noted, run };
}

describe("the desk's hands", () => {
  it("tell the kernel that a setting was refused: no entry leaves", async () => {
    const { desk, rig, noted, run } = deskOf({
      trading: { setLeverage: async () => Promise.reject(new Error("leverage 2 is not valid (-4028)")) },
    });
    desk.start();
    await run(8_000);
    expect(noted.filter(({ type }) => type === "configRefused")).toMatchObject([
      { instrument: "BTCUSDT", what: "leverage", reason: "leverage 2 is not valid (-4028)", account: "main" },
    ]);
    expect([rig.state.counts.sent, rig.state.accountConfig.doubts().length]).toEqual([0, 1]);
    desk.stop();
  });

  it("read the instruments again when a filter refuses, and tell the time of a clock that never jumps", async () => {
    const { desk, rig, noted, calls, run } = deskOf({
      trading: {
        place: async ({ clientId }: { clientId: string }) => [refusal(rig, clientId, "filter", -4014)],
      },
    });
    desk.start();
    await run(30_000);
    expect(rig.state.counts.refused).toBeGreaterThan(0);
    expect(calls).toEqual(["refresh"]);
    const times = noted.flatMap((event) => (event.type === "timer" ? [event.monotonicMs ?? -1] : []));
    expect(times.every((ms, at) => ms > (times[at - 1] ?? -1))).toBe(true);
    desk.stop();
  });
});
