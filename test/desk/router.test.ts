import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import type { Approved } from "../../src/core/guard.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import { lots, millis, ticks } from "../../src/core/units.ts";
import type { QueryAnswer, Trading } from "../../src/desk/ports.ts";
import { ABSENT_MARGIN_MS, type Placement, Router } from "../../src/desk/router.ts";
import { Exchange } from "../support/exchange.ts";
import { entryOf } from "../support/orders.ts";
import { ManualClock } from "./manual-clock.ts";

const RECV_MS = 3_000;

/** A router over a scripted exchange. */
class Bench {
  readonly clock = new ManualClock();
  readonly emitted: DeskEvent[] = [];
  readonly placements: Placement[] = [];
  readonly asked: number[] = [];
  readonly exchange = new Exchange();
  readonly deposed: string[] = [];
  isLeader = true;
  answers: (QueryAnswer | (() => QueryAnswer))[] = [];
  standing: QueryAnswer = { type: "notFound" };
  place: (facts: OrderFacts) => Promise<readonly DeskEvent[]> = async (facts) => this.exchange.place(facts);
  query: (facts: OrderFacts, venueOrderId?: string) => Promise<QueryAnswer> = async () => {
    const next = this.answers.shift() ?? this.standing;
    return typeof next === "function" ? next() : next;
  };
  readonly router: Router;

  constructor() {
    const trading: Trading = {
      recvWindowMs: RECV_MS,
      place: (facts) => this.place(facts),
      cancel: async (facts) => this.exchange.cancel(facts),
      query: (facts, venueOrderId) => {
        this.asked.push(this.clock.now());
        return this.query(facts, venueOrderId);
      },
      setLeverage: async () => [],
      setMarginMode: async () => [],
      addMargin: async () => ({ type: "added" }),
    };
    this.router = new Router({
      trading,
      clock: this.clock,
      emit: (event) => this.emitted.push(event),
      marketNow: () => millis(77),
      isLeader: () => this.isLeader,
      placed: (placement) => this.placements.push(placement),
      deposed: (reason) => this.deposed.push(reason),
    });
  }

  get types(): readonly string[] {
    return this.emitted.map(({ type }) => type);
  }
}

const facts = entryOf({ lots: lots(10), price: ticks(499_000) });
const order = facts as Approved<OrderFacts>;
const found = (bench: Bench): QueryAnswer => ({ type: "found", events: bench.exchange.query(facts) ?? [] });

describe("an order that leaves", () => {
  it("is told as the exchange answers, with the time that it took", async () => {
    const bench = new Bench();
    bench.place = async () => {
      await new Promise<void>((resolve) => bench.clock.after(12, resolve));
      return bench.exchange.place(facts);
    };
    bench.router.send(order);
    expect(bench.router.inFlight).toBe(1);
    await bench.clock.pass(100);
    expect([bench.types, bench.router.inFlight]).toEqual([["orderReport"], 0]);
    expect(bench.placements).toEqual([{ facts, ms: 12, answer: "accepted" }]);
  });

  it.each([
    ["placeRejected", "refused"],
    ["placeUnknown", "unknown"],
  ] as const)("answered by %s counts as %s", async (type, answer) => {
    const bench = new Bench();
    const { times } = bench.exchange;
    bench.place = async ({ clientId }) =>
      [
        {
          type,
          ...times.call(bench.exchange),
          account: "main",
          clientId,
          reason: "x",
          code: -1,
          kind: "other",
        },
      ] as never;
    bench.router.send(order);
    await bench.clock.pass(0);
    expect([bench.placements[0]?.answer, bench.types]).toEqual([answer, [type]]);
  });

  it("does not leave when another process leads the account", async () => {
    const bench = new Bench();
    bench.isLeader = false;
    bench.router.send(order);
    await bench.clock.pass(0);
    expect(bench.exchange.orders.size).toBe(0);
    expect(bench.emitted).toMatchObject([
      {
        type: "placeRejected",
        clientId: facts.clientId,
        reason: "another process leads this account",
        at: 77,
      },
    ]);
  });

  it("after the stop nothing is told any more, and nothing is asked", async () => {
    const bench = new Bench();
    bench.router.send(order);
    bench.router.query(facts, millis(bench.clock.now()));
    bench.router.stop();
    await bench.clock.pass(60_000);
    expect([bench.emitted, bench.asked]).toEqual([[], []]);
  });
});

describe("a lost answer (I1)", () => {
  it("is asked about until the exchange knows the order, and then told", async () => {
    const bench = new Bench();
    bench.exchange.place(facts);
    bench.answers = [{ type: "notFound" }, () => found(bench)];
    bench.router.query(facts, millis(bench.clock.now()));
    await bench.clock.pass(10_000);
    expect(bench.types).toEqual(["orderReport"]);
    expect(bench.asked).toHaveLength(2);
  });

  it("is absence only when it was not found twice, both times after it could no longer arrive", async () => {
    const bench = new Bench();
    const sent = bench.clock.now();
    bench.router.query(facts, millis(sent));
    await bench.clock.pass(RECV_MS + ABSENT_MARGIN_MS);
    expect([bench.types, bench.asked.length > 3]).toEqual([[], true]);
    await bench.clock.pass(10_000);
    expect(bench.emitted).toMatchObject([
      { type: "orderAbsent", clientId: facts.clientId, account: "main", at: 77 },
    ]);
    const late = bench.asked.filter((at) => at > sent + RECV_MS + ABSENT_MARGIN_MS);
    expect(late).toHaveLength(2);
    await bench.clock.pass(60_000);
    expect(bench.asked.at(-1)).toBe(late[1]);
  });

  it("a question that was asked in time and answered late proves nothing", async () => {
    const bench = new Bench();
    bench.query = async () => {
      // The question left at once; its answer takes 5 s.
      await new Promise<void>((resolve) => bench.clock.after(5_000, resolve));
      return { type: "notFound" };
    };
    bench.router.query(facts, millis(bench.clock.now()));
    await bench.clock.pass(5_200);
    expect([bench.asked.length, bench.types]).toEqual([1, []]);
    await bench.clock.pass(10_400);
    expect(bench.types).toEqual([]);
    await bench.clock.pass(5_000);
    expect(bench.types).toEqual(["orderAbsent"]);
  });

  it("a failed question proves nothing, and a 'not found' before it no longer counts (I9)", async () => {
    const bench = new Bench();
    bench.standing = { type: "failed", reason: "502" };
    bench.router.query(facts, millis(bench.clock.now() - 60_000));
    bench.answers = [{ type: "notFound" }, { type: "failed", reason: "timeout" }, { type: "notFound" }];
    await bench.clock.pass(600_000);
    expect(bench.types).toEqual([]);
    expect(bench.asked.length).toBeGreaterThan(100);
    bench.standing = { type: "notFound" };
    await bench.clock.pass(10_000);
    expect(bench.types).toEqual(["orderAbsent"]);
  });

  it("is no absence while its request has no answer, and counts from that answer on", async () => {
    const bench = new Bench();
    bench.place = async () => {
      await new Promise<void>((resolve) => bench.clock.after(20_000, resolve));
      return [];
    };
    bench.router.send(order);
    await bench.clock.pass(10_000);
    bench.router.query(facts, millis(bench.clock.now() - 10_000));
    await bench.clock.pass(10_000 + RECV_MS + ABSENT_MARGIN_MS);
    expect([bench.types, bench.asked.length > 5]).toEqual([[], true]);
    await bench.clock.pass(10_000);
    expect(bench.types).toEqual(["orderAbsent"]);
  });

  it.each([3_600_000, -2_000])(
    "is no absence any sooner when the wall clock is set by %i ms",
    async (step) => {
      const bench = new Bench();
      bench.router.query(facts, millis(bench.clock.now()));
      await bench.clock.pass(500);
      bench.clock.wall += step;
      await bench.clock.pass(RECV_MS + ABSENT_MARGIN_MS - 500 + Math.max(0, -step));
      expect(bench.types).toEqual([]);
      await bench.clock.pass(10_000);
      expect(bench.types).toEqual(["orderAbsent"]);
    },
  );

  it("is asked about by one question at a time, however often it is wanted; a later doubt is asked anew", async () => {
    const bench = new Bench();
    bench.exchange.place(facts);
    let open = 0;
    let most = 0;
    bench.query = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise<void>((resolve) => bench.clock.after(700, resolve));
      open -= 1;
      return found(bench);
    };
    for (let n = 0; n < 5; n += 1) {
      bench.router.query(facts, millis(bench.clock.now()));
      await bench.clock.pass(100);
    }
    await bench.clock.pass(5_000);
    expect([most, bench.asked.length, bench.types]).toEqual([1, 1, ["orderReport"]]);
    bench.router.query(facts, millis(bench.clock.now()));
    await bench.clock.pass(5_000);
    expect(bench.asked).toHaveLength(2);
  });

  it("is asked about gently: ever less often, at most every two seconds", async () => {
    const bench = new Bench();
    bench.standing = { type: "failed", reason: "down" };
    const from = bench.clock.now();
    bench.router.query(facts, millis(from));
    await bench.clock.pass(12_000);
    const gaps = bench.asked.map((at, n) => at - (bench.asked[n - 1] ?? from));
    expect(gaps.slice(0, 7)).toEqual([150, 300, 600, 1_200, 2_000, 2_000, 2_000]);
  });

  it("an order without a known sending time (found on the exchange) may be absent at once, but still twice", async () => {
    const bench = new Bench();
    bench.router.query(facts, undefined);
    await bench.clock.pass(500);
    expect([bench.asked.length, bench.types]).toEqual([2, ["orderAbsent"]]);
  });

  it("two that are not ours and have no client id are asked about by the exchange's ids, each for itself", async () => {
    const bench = new Bench();
    const named: (string | undefined)[] = [];
    bench.query = async (_, venueOrderId) => {
      named.push(venueOrderId);
      return { type: "notFound" };
    };
    for (const venueOrderId of ["17", "18", "17"])
      bench.router.query({ ...facts, clientId: "" }, undefined, venueOrderId);
    await bench.clock.pass(500);
    expect(named).toEqual(["17", "18", "17", "18"]);
    expect(bench.emitted).toMatchObject([
      { type: "orderAbsent", clientId: "", venueOrderId: "17" },
      { type: "orderAbsent", clientId: "", venueOrderId: "18" },
    ]);
  });
});

describe("a cancel", () => {
  it("is told as the exchange answers: gone, or cancelled", async () => {
    const bench = new Bench();
    bench.exchange.place(facts);
    bench.router.cancel(facts, "o1");
    await bench.clock.pass(0);
    bench.router.cancel(facts, "o1");
    await bench.clock.pass(0);
    expect(bench.emitted).toMatchObject([
      { type: "orderReport", status: "canceled" },
      { type: "cancelFailed" },
    ]);
  });

  it("does not leave when another process leads the account: told once a second, and logged once", async () => {
    const bench = new Bench();
    bench.exchange.place(facts);
    bench.isLeader = false;
    for (let turn = 0; turn < 10; turn += 1) bench.router.cancel(facts, "o1");
    await bench.clock.pass(999);
    expect(bench.emitted).toEqual([]);
    await bench.clock.pass(1);
    const told = {
      type: "cancelFailed",
      clientId: facts.clientId,
      account: "main",
      at: 77,
      wallAt: bench.clock.now(),
      reason: "another process leads this account",
      isGone: false,
    };
    expect(bench.emitted).toEqual([told]);
    bench.router.cancel(facts, "o1");
    await bench.clock.pass(10_000);
    expect(bench.emitted).toHaveLength(2);
    expect(bench.deposed).toEqual(["another process leads this account"]);
    expect(bench.exchange.orders.get(facts.clientId)?.status).toBe("open");
  });
});
