import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import type { AlertIntent } from "../../src/core/intent.ts";
import { lots, millis } from "../../src/core/units.ts";
import { Desk, type DeskParts } from "../../src/desk/desk.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import type { Chat, Gateway, Store, TruthReading } from "../../src/desk/ports.ts";
import type { Recorder } from "../../src/desk/recorder.ts";
import { Rig } from "../support/rig.ts";
import { refusal } from "../support/scenario.ts";
import { ManualClock } from "./manual-clock.ts";

/** A desk around a rig's kernel and exchange; every answer comes at once. `given` replaces calls of the gateway. */
function deskOf(given: {
  readonly trading?: object;
  readonly market?: object;
  readonly recorder?: Recorder;
  readonly log?: object;
  readonly store?: object;
  readonly config?: Partial<KernelConfig>;
  readonly isLeader?: () => boolean;
  readonly truth?: (reading: TruthReading, at: number) => TruthReading | Promise<TruthReading>;
}) {
  const rig = new Rig(given.config === undefined ? {} : { config: given.config });
  const { exchange } = rig;
  const readFrom: number[] = [];
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
      truth: async (_ids: readonly string[], from: number) => {
        readFrom.push(from);
        const reading = { truth: exchange.truth().truth, config: [] };
        return given.truth?.(reading, readFrom.length) ?? reading;
      },
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
  const alerts: AlertIntent[] = [];
  const chat = { alert: (alert: AlertIntent) => alerts.push(alert) } as unknown as Chat;
  const desk = new Desk({
    kernel,
    gateway,
    store: (given.store ?? { ledger: { append: async () => undefined } }) as unknown as Store,
    clock,
    recorder: given.recorder,
    chat: () => chat,
    isLeader: given.isLeader ?? (() => true),
    showProposal: async () => {},
    log: { ...log, entryFilled: () => {}, ...given.log } as DeskParts["log"],
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
  return { rig, desk, exchange, clock, calls, noted, alerts, run, readFrom };
}

describe("a clock that is set back by an hour", () => {
  it("delays nothing: a rung without a stop is closed in time, readings go on, and data is as old as it is", async () => {
    const { desk, rig, exchange, clock, run, readFrom, alerts } = deskOf({
      trading: {
        place: async (facts: Parameters<typeof exchange.place>[0]) =>
          facts.role === "stop" ? [] : exchange.place(facts),
        cancel: async (facts: Parameters<typeof exchange.cancel>[0]) => exchange.cancel(facts),
        query: async () => ({ type: "failed", reason: "no answer" }),
      },
    });
    desk.start();
    await run(8_000);
    const [entry] = exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    clock.wall -= 3_600_000;
    await run(1_000);
    for (const event of exchange.fill(entry)) desk.emit(event);
    await run(10_000);
    expect([rig.held(), exchange.position.lots]).toEqual([0, 0]);
    expect(alerts.some(({ level }) => level === "critical" || level === "high")).toBe(true);
    const readings = readFrom.length;
    await run(400_000);
    expect(readFrom.length).toBeGreaterThan(readings);
    expect(rig.state.blocks()).toEqual([]);
    desk.stop();
  });
});

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

  it("ask for the risk figures while executions explain what the exchange says is flat: one of them was lost", async () => {
    const { desk, rig, exchange, run } = deskOf({ config: { grids: [] } });
    desk.start();
    await run(8_000);
    for (const event of exchange.trade("buy", 5)) desk.emit(event);
    await run(8_000);
    expect(rig.book().foreign.lots).toBe(5);
    exchange.trade("sell", 5);
    const position = { account: "main", instrument: "BTCUSDT", positionSide: "both", lots: lots(0) } as const;
    desk.emit({ type: "position", ...exchange.times(), ...position });
    await run(8_000);
    expect(rig.book().foreign.lots).toBe(0);
    desk.stop();
  });
});

describe("the readings of a start", () => {
  it("each go back to the beginning until the start is over; later ones only to what may have been on its way", async () => {
    // The first reading is cut short: it shows nothing at all.
    const cut = ({ truth, config }: TruthReading, at: number): TruthReading =>
      at > 1 ? { truth, config } : { truth: { ...truth, openOrders: [], history: [], fills: [] }, config };
    const { desk, exchange, readFrom, rig, run } = deskOf({ truth: cut });
    exchange.at += 10 * 3_600_000;
    for (const event of exchange.quotes()) desk.emit(event);
    desk.start();
    await run(20_000);
    expect(rig.state.interruptions.isSteady).toBe(true);
    const start = readFrom.length;
    expect(start).toBeGreaterThanOrEqual(2);
    expect(readFrom).toEqual(Array.from({ length: start }, () => 0));
    await run(200_000);
    expect(readFrom.length).toBeGreaterThan(start);
    for (const from of readFrom.slice(start)) expect(exchange.at - from).toBeLessThan(3_600_000 + 400_000);
    desk.stop();
  });

  it("one that takes minutes, for its history is long, is waited for: no second one begins beside it", async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const late = async (reading: TruthReading): Promise<TruthReading> => {
      await arrived;
      return reading;
    };
    const { desk, readFrom, rig, run } = deskOf({ truth: late });
    desk.start();
    await run(180_000);
    expect([readFrom.length, rig.state.isBooted]).toEqual([1, false]);
    arrive();
    await run(20_000);
    expect([readFrom.length > 1, rig.state.isBooted]).toEqual([true, true]);
    desk.stop();
  });
});

describe("a desk that another process deposed", () => {
  it("says so once, loudly and at once, and neither orders nor settings leave", async () => {
    let isLeader = true;
    const { desk, exchange, alerts, rig, run } = deskOf({ isLeader: () => isLeader });
    desk.start();
    await run(1_000);
    isLeader = false;
    exchange.leverage = 20;
    const sent = exchange.orders.size;
    await run(120_000);
    expect(alerts.filter(({ key }) => key.startsWith("deposed"))).toEqual([
      {
        type: "alert",
        key: "deposed:main",
        level: "critical",
        title: "Another process took this desk over: nothing leaves from here any more",
        lines: [
          "It was started later, on this database, with this mode, exchange, account and desk name.",
          "No entry, stop, cancel or close leaves from this process, whatever is typed here. Stop the one that should not run.",
        ],
      },
    ]);
    expect([exchange.leverage, exchange.orders.size]).toEqual([20, sent]);
    expect(rig.state.failed.size).toBe(0);
    desk.stop();
  });

  it("that leads hears nothing of it, and its facts name their scope", async () => {
    const facts: unknown[] = [];
    const store = { ledger: { append: async (...entry: unknown[]) => facts.push(entry) } };
    const { desk, alerts, run } = deskOf({ store, config: { ledger: "fresh" } });
    desk.start();
    await run(20_000);
    expect(alerts.filter(({ key }) => key.startsWith("deposed"))).toEqual([]);
    expect(facts).toEqual([
      ["genesis", "desk", { at: expect.any(Number), scope: "sim/binanceusdm/main/abc" }],
      ["riskPeak", "desk", expect.objectContaining({ peak: 10 ** 13, scope: "sim/binanceusdm/main/abc" })],
    ]);
    desk.stop();
  });
});

describe("a desk whose own hands fail", () => {
  /** A recorder on a full disk. */
  const full = (calls: string[]): Recorder => {
    const fail = (name: string) => (): never => {
      calls.push(name);
      throw new Error("ENOSPC: no space left on device, write");
    };
    const each = { turn: fail("turn"), hash: fail("hash"), flush: fail("flush"), close: fail("close") };
    return each as unknown as Recorder;
  };

  it("trades on without its recording, and says once that it ended", async () => {
    const tried: string[] = [];
    const { desk, rig, alerts, run } = deskOf({ recorder: full(tried) });
    desk.start();
    await run(20_000);
    expect(rig.state.counts.sent).toBeGreaterThan(0);
    expect(rig.exchange.orders.size).toBe(rig.state.counts.sent);
    expect(alerts.filter(({ key }) => key === "store")).toEqual([
      {
        type: "alert",
        key: "store",
        level: "critical",
        title: "Storage trouble: the recording could not be written and ends here",
        lines: ["ENOSPC: no space left on device, write"],
      },
    ]);
    desk.stop();
    expect(tried).toEqual(["turn"]);
  });

  it("answers whoever asks although the turn fails, says so, and its timer goes on", async () => {
    const logged: string[] = [];
    const { desk, rig, noted, clock } = deskOf({ log: { error: (text: string) => logged.push(text) } });
    desk.start();
    await clock.pass(1_000);
    const turn = rig.kernel.turn.bind(rig.kernel);
    let isBroken = true;
    rig.kernel.turn = (event) => {
      if (isBroken) throw new Error("an invariant");
      return turn(event);
    };
    const times = { at: rig.state.at, wallAt: millis(clock.now()) };
    const asked = desk.ask({ type: "proposalExpired", ...times, id: "p1" } as DeskEvent);
    expect(await asked).toEqual({
      isOk: false,
      text: "The desk met a fault of its own; its log says which.",
    });
    expect(logged).toEqual(["a turn failed"]);
    await expect(clock.pass(500)).rejects.toThrow("an invariant");
    isBroken = false;
    const before = noted.length;
    await clock.pass(1_000);
    expect(noted.slice(before).filter(({ type }) => type === "timer")).toHaveLength(2);
    desk.stop();
  });
});
