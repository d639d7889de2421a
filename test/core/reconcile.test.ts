import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FillEvent, OrderReportEvent, TruthEvent } from "../../src/core/event.ts";
import type { OrderRecord } from "../../src/core/order.ts";
import { reconcile, toAsk } from "../../src/core/reconcile.ts";
import type { Truth } from "../../src/core/truth.ts";
import { lots, millis, ticks, value } from "../../src/core/units.ts";
import { entryOf, recordOf, stopOf } from "../support/orders.ts";

const started = millis(10_000);

const reportOf = (clientId: string, given: Partial<OrderReportEvent> = {}): OrderReportEvent => ({
  type: "orderReport",
  at: millis(1),
  wallAt: millis(1),
  account: "main",
  instrument: "BTCUSDT",
  source: "order",
  clientId,
  venueOrderId: `v-${clientId}`,
  status: "open",
  origin: "client",
  side: "buy",
  positionSide: "both",
  lots: lots(1),
  isReduceOnly: false,
  ...given,
});

const fillOf = (tradeId: string, at: number): FillEvent => ({
  type: "fill",
  at: millis(at),
  wallAt: millis(1),
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "both",
  tradeId,
  venueOrderId: "v",
  clientId: "",
  side: "buy",
  price: ticks(1),
  lots: lots(1),
  fee: value(0),
  feeAsset: "USDT",
  realized: value(0),
  isMaker: true,
  origin: "client",
});

const truthOf = (given: Partial<Truth>): TruthEvent => ({
  type: "truth",
  at: millis(20_000),
  wallAt: millis(20_000),
  account: "main",
  cause: "periodic",
  truth: {
    startedWallAt: started,
    instruments: ["BTCUSDT"],
    historyFrom: millis(0),
    openOrders: [],
    openConditionals: [],
    history: [],
    fills: [],
    books: [],
    others: [],
    wallets: [],
    isHedgeMode: false,
    ...given,
  },
});

function run(truth: TruthEvent, ours: readonly OrderRecord[]) {
  return reconcile(
    truth,
    ours,
    (id) => ours.find((order) => order.facts.clientId === id),
    (id) => id.startsWith("pabc"),
  );
}

const known = (updatedWallAt: number, state: OrderRecord["state"] = "resting") => {
  const order = recordOf(entryOf(), state);
  order.updatedWallAt = millis(updatedWallAt);
  return order;
};

describe("a reading of the account", () => {
  it("asks about an order that we hold for live and it does not show, and says nothing of its end", () => {
    const lost = known(5_000);
    const found = run(truthOf({}), [lost]);
    expect(found).toEqual({ reports: [], fills: [], suspects: [lost], unlisted: [], foreign: [] });
  });

  it.each(["sending", "unknown", "resting", "canceling"] as const)("asks about one that is %s", (state) => {
    expect(run(truthOf({}), [known(5_000, state)]).suspects).toHaveLength(1);
  });

  it.each(["filled", "canceled", "expired", "rejected", "triggered"] as const)(
    "does not ask about one that is %s",
    (state) => {
      expect(run(truthOf({}), [known(5_000, state)]).suspects).toEqual([]);
    },
  );

  it("does not ask about younger orders, other instruments, or any that it shows", () => {
    const shown = known(5_000);
    const young = known(10_000);
    const other = recordOf(entryOf({ instrument: "ETHUSDT" }));
    const ended = known(5_000);
    const { suspects } = run(
      truthOf({
        openOrders: [reportOf(shown.facts.clientId)],
        history: [reportOf(ended.facts.clientId, { status: "canceled" })],
      }),
      [shown, young, other, ended],
    );
    expect(suspects).toEqual([]);
  });

  it("skips resting orders that are nobody's of this desk, and reports them", () => {
    const stray = reportOf("web_1");
    const armed = reportOf("x-manual", { source: "conditional" });
    const earlier = reportOf("pabc-of-an-earlier-life");
    const ours = known(5_000);
    const openOrders = [stray, earlier, reportOf(ours.facts.clientId)];
    const { foreign, reports } = run(truthOf({ openOrders, openConditionals: [armed] }), [ours]);
    expect([foreign, reports.length]).toEqual([[armed, stray], 4]);
  });

  it("asks about a resting order after two readings without it; about one in doubt at once", () => {
    const [resting, unknown, cancelling] = [known(1), known(1, "unknown"), known(1, "canceling")];
    const all = [resting, unknown, cancelling];
    expect(toAsk(all, new Set(), millis(0))).toEqual([unknown, cancelling]);
    expect(toAsk(all, new Set([resting.facts.clientId]), millis(0))).toEqual(all);
    // What lacks only executions waits for the reading that brings them, unless they are older than what it reads.
    const filled = Object.assign(recordOf(entryOf({ clientId: "filled" }), "resting"), {
      isToldFilled: true,
      createdAt: millis(50),
    });
    const missed = new Set(["filled"]);
    expect(toAsk([filled], missed, millis(50))).toEqual([]);
    expect(toAsk([filled], missed, millis(51))).toEqual([filled]);
  });

  it("that an order rests is old news when we heard of it since; an end always counts", () => {
    const order = known(10_500, "canceling");
    const open = reportOf(order.facts.clientId);
    expect(run(truthOf({ openOrders: [open] }), [order]).reports).toEqual([]);
    const ended = reportOf(order.facts.clientId, { status: "canceled" });
    expect(run(truthOf({ history: [ended] }), [order]).reports).toEqual([ended]);
    const strange = reportOf("never-seen");
    expect(run(truthOf({ openOrders: [strange] }), [order]).reports).toEqual([strange]);
  });

  it("takes an order of an earlier life for live that only the history shows, and names it", () => {
    const hidden = reportOf("pabc-hidden");
    const stop = reportOf("pabc-stop", { source: "conditional", status: "partlyFilled" });
    const listed = reportOf("pabc-listed");
    const ended = reportOf("pabc-ended", { status: "canceled" });
    const history = [hidden, stop, listed, ended];
    const found = run(truthOf({ history, openOrders: [listed] }), []);
    expect(found).toEqual({
      reports: [ended, hidden, stop, listed],
      fills: [],
      suspects: [],
      unlisted: [hidden, stop],
      foreign: [],
    });
  });

  it("does not take the history's word that an order rests which is known, or nobody's of this desk", () => {
    const [resting, over] = [known(5_000), known(5_000, "canceled")];
    const history = [reportOf(resting.facts.clientId), reportOf("web_1")];
    expect(run(truthOf({ history }), [resting])).toEqual({
      reports: [],
      fills: [],
      suspects: [resting],
      unlisted: [],
      foreign: [],
    });
    const again = run(truthOf({ history: [reportOf(over.facts.clientId)] }), [over]);
    expect([again.reports, again.unlisted]).toEqual([[], []]);
  });

  it("tells conditional orders before the orders they became, the ended before what rests, oldest first", () => {
    const stop = reportOf(stopOf().clientId, { source: "conditional", status: "triggered", at: millis(9) });
    const spawned = reportOf("spawned", { status: "filled", at: millis(8) });
    const early = reportOf("early", { status: "canceled", at: millis(2) });
    const resting = reportOf("rests", { at: millis(1) });
    const armed = reportOf("armed", { source: "conditional", at: millis(1) });
    const { reports } = run(
      truthOf({ history: [spawned, stop, early], openOrders: [resting], openConditionals: [armed] }),
      [],
    );
    expect(reports).toEqual([stop, early, spawned, armed, resting]);
  });

  it("hands over executions in the order in which the exchange numbered them", () => {
    const trades = [fillOf("9", 5), fillOf("10", 5), fillOf("11", 5), fillOf("2", 4), fillOf("100", 5)];
    fc.assert(
      fc.property(fc.shuffledSubarray(trades, { minLength: trades.length }), (fills) => {
        const { fills: sorted } = run(truthOf({ fills }), []);
        expect(sorted.map(({ tradeId }) => tradeId)).toEqual(["2", "9", "10", "11", "100"]);
      }),
      { numRuns: 20 },
    );
  });
});
