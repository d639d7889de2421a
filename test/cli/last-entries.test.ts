import { describe, expect, test } from "vitest";
import { figuresDocument } from "../../src/cli/figures-document.ts";
import { entriesLeft, takeEntriesBack } from "../../src/cli/last-entries.ts";
import { type Summary, summaryText } from "../../src/cli/summary.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import { millis } from "../../src/core/units.ts";
import { Desk, type DeskParts } from "../../src/desk/desk.ts";
import type { Gateway, QueryAnswer, Store } from "../../src/desk/ports.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import { ManualClock } from "../desk/manual-clock.ts";
import { Rig } from "../support/rig.ts";

type Cancel = (facts: OrderFacts) => Promise<readonly DeskEvent[]>;

/** A desk whose first entry rests; `cancel` is what becomes of a request to take one back. */
async function trading(given: { readonly cancel?: Cancel; readonly truth?: () => Promise<never> } = {}) {
  const rig = new Rig();
  const { exchange } = rig;
  const clock = new ManualClock();
  const canceled: string[] = [];
  const found = (facts: OrderFacts): QueryAnswer => ({
    type: "found",
    events: exchange.query(facts) ?? [],
  });
  const gateway = {
    market: {},
    account: {
      truth: given.truth ?? (async () => ({ truth: exchange.truth().truth, config: [] })),
      exposure: async () => exchange.exposure(),
    },
    trading: {
      recvWindowMs: 3_000,
      place: async (facts: OrderFacts) => exchange.place(facts),
      cancel: async (facts: OrderFacts) => {
        canceled.push(facts.clientId);
        return (await given.cancel?.(facts)) ?? exchange.cancel(facts);
      },
      query: async (facts: OrderFacts) => found(facts),
      setLeverage: async (_id: string, leverage: number) => {
        exchange.leverage = leverage;
        return [exchange.config()];
      },
      setMarginMode: async (_id: string, mode: "isolated" | "cross") => {
        exchange.marginMode = mode;
        return [exchange.config()];
      },
    },
  } as unknown as Gateway;
  const log = { info: () => {}, warn: () => {}, error: () => {}, trade: () => {}, placement: () => {} };
  const desk = new Desk({
    kernel: rig.kernel,
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
  desk.start();
  const run = async (ms: number, isQuiet = false): Promise<void> => {
    for (let left = ms; left > 0; left -= 100) {
      exchange.at += 100;
      exchange.wallAt = clock.now() + 100;
      await clock.pass(100);
      if (!isQuiet) for (const event of exchange.quotes()) desk.emit(event);
    }
  };
  await run(8_000);
  const resting = () => [...exchange.orders.values()].filter(({ status }) => status === "open");
  /** What was left, and after how many milliseconds that was known. */
  const end = async (isQuiet = false) => {
    const from = clock.monotonic();
    let told: { readonly left: readonly string[]; readonly ms: number } | undefined;
    const ended = takeEntriesBack(desk, clock).then((left) => {
      told = { left, ms: clock.monotonic() - from };
    });
    for (let tenths = 0; tenths < 150 && told === undefined; tenths += 1) await run(100, isQuiet);
    await ended;
    desk.stop();
    return told;
  };
  return { rig, exchange, clock, canceled, resting, end };
}

const later = (clock: ManualClock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve));

describe("when the desk ends, its entries are taken back", () => {
  test("and nothing is left as soon as the exchange has said so", async () => {
    const { canceled, resting, end } = await trading();
    expect(resting()).toHaveLength(1);
    expect(await end()).toEqual({ left: [], ms: 20 });
    expect([canceled.length, resting()]).toEqual([1, []]);
  });

  test("a cancel whose answer takes longer than a request may is waited for, and tried again without any news", async () => {
    let tries = 0;
    const desk = await trading({
      cancel: async (facts) => {
        tries += 1;
        if (tries > 1) return desk.exchange.cancel(facts);
        await later(desk.clock, 5_000);
        return [
          {
            ...desk.exchange.times(),
            type: "cancelFailed",
            account: "main",
            clientId: facts.clientId,
            reason: "no answer",
            isGone: false,
          },
        ];
      },
    });
    const told = await desk.end(true);
    expect(told?.left).toEqual([]);
    expect(told?.ms).toBeGreaterThan(5_000);
    expect(told?.ms).toBeLessThan(7_000);
    expect(desk.resting()).toEqual([]);
  });

  test("what the exchange does not confirm is named, with how much of it is open", async () => {
    const desk = await trading({ cancel: () => new Promise(() => {}) });
    expect(await desk.end()).toEqual({ left: ["grid1: buy 0.010 BTCUSDT at 49926.1"], ms: 10_000 });
    expect(desk.resting()).toHaveLength(1);
  });

  test("an account that was never read says nothing about what rests", async () => {
    const desk = await trading({ truth: () => Promise.reject(new Error("no answer")) });
    expect(await desk.end()).toEqual({
      left: ["entries of an earlier run: the account could not be read"],
      ms: 10_000,
    });
  });
});

describe("people hear of entries that may still rest", () => {
  const LEFT = ["grid1: buy 0.010 BTCUSDT at 50000.0"];

  test("in chat, loudly", () => {
    expect(entriesLeft("main", LEFT)).toEqual({
      type: "alert",
      key: "end:main",
      level: "critical",
      title: "perpdesk ended, but entries may still rest on the exchange",
      lines: [
        "grid1: buy 0.010 BTCUSDT at 50000.0.",
        "The exchange did not confirm in time that they are gone. One that is filled now has no stop: cancel it on the exchange, or start the desk again.",
      ],
    });
  });

  test("in the summary, which calls nothing clean then", () => {
    const summary = (entriesLeft: readonly string[], cleanShutdown: boolean): Summary => ({
      mode: "sim",
      market: "synthetic:1",
      seconds: 1,
      candles: 0,
      fills: 0,
      cycles: 0,
      stops: 0,
      realizedPnl: "0.00000000",
      fees: "0.00000000",
      funding: "0.00000000",
      equity: null,
      asset: "USDT",
      position: "0",
      positions: {},
      venuePosition: null,
      openOrders: 1,
      mismatches: 0,
      orders: { sent: 1, acknowledged: 1, refused: 0, unknown: 0, guardRefused: 0 },
      executionRate: null,
      fillRate: null,
      placementMs: { p50: null, p99: null, p999: null, max: null },
      slowPlacements: [],
      messages: 3,
      queue: "embedded",
      recording: null,
      metrics: figuresDocument(new GridMetrics().report()),
      turns: 9,
      stateHash: "0",
      entriesLeft,
      cleanShutdown,
    });
    const endOf = (left: readonly string[], isClean: boolean) =>
      /^3 messages\. (.*)$/m.exec(summaryText(summary(left, isClean)))?.[1];
    expect(endOf([], true)).toBe("Clean shutdown.");
    expect(endOf([], false)).toBe("The shutdown took too long and was cut short.");
    expect(endOf(LEFT, false)).toBe(
      "Not a clean shutdown: entries may still rest on the exchange, and one that is filled now has no stop (grid1: buy 0.010 BTCUSDT at 50000.0).",
    );
  });
});
