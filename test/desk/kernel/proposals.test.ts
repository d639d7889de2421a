import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readClientId } from "../../../src/core/ids.ts";
import type { Proposal } from "../../../src/core/proposal.ts";
import { lots, millis, ONE, rate } from "../../../src/core/units.ts";
import { Exchange } from "../../support/exchange.ts";
import { BOB, GRID, Rig } from "../../support/rig.ts";

/** A desk whose grid holds one rung of 10 lots; the grid rests no further entry for now. */
function holding(options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig({ config: { grids: [{ ...GRID, waitMs: millis(3_600_000) }] }, ...options }).boot();
  const entry = rig.exchange.open("entry")[0];
  if (entry === undefined) throw new Error("no entry rests");
  rig.feed(...rig.exchange.fill(entry));
  rig.pass(500);
  if (rig.held() !== 10) throw new Error("nothing is held");
  return rig;
}
const closes = (rig: Rig) => rig.sent.filter(({ role }) => role === "close");
const states = (rig: Rig, id: string) => rig.shown.filter((p) => p.id === id).map((p) => p.state);

describe("a close that waits for a decision", () => {
  it("shows its effect and trades nothing before somebody approves", () => {
    const rig = holding();
    const sent = rig.sent.length;
    expect(rig.propose("k1-e7")).toEqual({
      isOk: true,
      text: "The proposal is shown on every connected platform; approve or reject it there.",
    });
    rig.pass(5_000);
    expect([rig.sent.length, rig.proposal("k1-e7")?.state]).toEqual([sent, "pending"]);
    expect(rig.proposal("k1-e7")).toMatchObject({
      askedBy: { person: "alice" },
      quote: { side: "sell", lots: 10, positionLots: 10, expectedFill: 500_000, marginMode: "isolated" },
      expiresWallAt: (rig.proposal("k1-e7")?.createdWallAt ?? 0) + 60_000,
    });
    expect(rig.facts("proposalRaised")).toHaveLength(1);
  });

  it("approved: frees the take profit, closes at the market, takes the stop back last, and says what came of it", () => {
    const rig = holding();
    rig.propose("k1-e7");
    const from = rig.effects.length;
    expect(rig.decide("k1-e7")).toEqual({ isOk: true, text: "Approved; closing now." });
    const left = rig.effects.slice(from).flatMap((effect) => {
      if (effect.type === "send") return [`send ${effect.order.role}`];
      return effect.type === "cancel" ? [`cancel ${effect.facts.role}`] : [];
    });
    expect(left).toEqual(["cancel takeProfit", "send close", "cancel stop"]);
    expect([rig.exchange.position.lots, rig.held(), rig.exchange.open()]).toEqual([0, 0, []]);
    expect(states(rig, "k1-e7")).toEqual(["pending", "executing", "done"]);
    const done = rig.proposal("k1-e7");
    expect(done).toMatchObject({ decision: "approve", decidedBy: BOB, executedLots: 10, state: "done" });
    expect(done?.outcome).toMatch(/^Closed 0\.010 BTC at 50000\.0, realized .* USDT\. The book is flat\.$/);
  });

  it("pauses its engine after a whole close, so that the next entry does not undo it; /resume frees it", () => {
    const rig = holding({ config: { grids: [GRID] } });
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    rig.pass(20_000);
    expect([rig.exchange.open(), rig.exchange.position.lots, rig.state.paused.get("grid1")]).toEqual([
      [],
      0,
      "bob closed its position",
    ]);
    expect(rig.facts("pause")).toMatchObject([{ body: { request: { type: "pause", engine: "grid1" } } }]);
    rig.ask({ type: "resume" });
    rig.pass(2_000);
    expect(rig.exchange.open("entry")).toHaveLength(1);
  });

  it("of a part closes that part, keeps the exits of the rest, and the engine goes on", () => {
    const rig = holding();
    rig.propose("k1-e7", { part: rate(ONE / 4) });
    expect(rig.proposal("k1-e7")?.quote?.lots).toBe(3);
    rig.decide("k1-e7");
    rig.pass(1_000);
    const open = (role: string) =>
      rig.exchange.open(role).reduce((sum, o) => sum + o.facts.lots - o.filled, 0);
    expect([rig.held(), open("takeProfit"), open("stop"), rig.proposal("k1-e7")?.state]).toEqual([
      7,
      7,
      7,
      "done",
    ]);
    expect([...rig.state.paused.keys()]).toEqual([]);
  });

  it("rejected: nothing is done, and a later approval does nothing either", () => {
    const rig = holding();
    rig.propose("k1-e7");
    const sent = rig.sent.length;
    expect(rig.decide("k1-e7", "k2-e7", "reject")).toEqual({
      isOk: true,
      text: "Rejected; nothing was done.",
    });
    expect(rig.decide("k1-e7")).toEqual({ isOk: false, text: "This proposal is no longer open." });
    expect([rig.sent.length, states(rig, "k1-e7")]).toEqual([sent, ["pending", "rejected"]]);
  });

  it("expires by itself, and an approval on the last moment is too late", () => {
    const rig = holding();
    rig.propose("k1-e7");
    rig.pass(59_500);
    expect(rig.proposal("k1-e7")?.state).toBe("pending");
    rig.pass(500);
    expect(rig.proposal("k1-e7")).toMatchObject({
      state: "expired",
      outcome: "Nobody decided in time; nothing was done.",
    });
    rig.propose("k2-e7");
    rig.exchange.wallAt += 60_000;
    expect(rig.decide("k2-e7")?.text).toBe("Too late: the proposal has expired. Nothing was done.");
    expect([closes(rig), rig.held()]).toEqual([[], 10]);
  });

  it("is void when the clock moved", () => {
    const rig = holding();
    rig.propose("k1-e7");
    rig.feed({ type: "clockStep", ...rig.exchange.times(), stepMs: 3_000, against: "monotonic" });
    expect(rig.proposal("k1-e7")).toMatchObject({
      state: "expired",
      outcome: "The clock moved; ask again for a new quote.",
    });
    expect(rig.decide("k1-e7")?.isOk).toBe(false);
    expect(closes(rig)).toEqual([]);
  });

  it("has nothing to show when nothing of ours is held, or the prices are missing", () => {
    const rig = new Rig().boot();
    expect(rig.propose("k1-e7")).toEqual({ isOk: false, text: "Nothing of ours is held in BTCUSDT." });
    expect(rig.propose("k1-e7", { instrument: "DOGEUSDT" })).toEqual({
      isOk: false,
      text: "DOGEUSDT is not an instrument of this desk.",
    });
    const exchange = new Exchange();
    exchange.trade("buy", 5);
    const blind = new Rig({ exchange });
    blind.timer();
    expect(blind.propose("k1-e7", { includesForeign: true })).toEqual({
      isOk: false,
      text: "There are no prices for BTCUSDT just now; try again.",
    });
    expect([rig.shown, blind.shown]).toEqual([[], []]);
  });
});

describe("what was shown must still hold (I7)", () => {
  const drifts: readonly (readonly [string, (rig: Rig) => void, string])[] = [
    ["the price moved by more than allowed", (rig) => rig.quote(502_600), "the price moved"],
    ["the position grew", (rig) => grow(rig), "the position's size changed"],
    ["the position shrank", (rig) => rig.feed(...takePart(rig)), "the position's size changed"],
    ["the position turned around", (rig) => turn(rig), "the position turned around"],
    [
      "the risk state changed",
      (rig) => rig.ask({ type: "setRiskState", state: "warning" }),
      "the desk's risk state changed",
    ],
    ["the margin mode changed", (rig) => cross(rig), "the margin mode changed"],
    ["the quotes are old", (rig) => rig.pass(5_500, true), "the market data is too old"],
  ];
  it.each(drifts)("%s: nothing is sent, a new card under a new id replaces it", (_what, change, reason) => {
    const rig = holding();
    rig.propose("k1-e7", { includesForeign: true });
    change(rig);
    rig.decide("k1-e7", "k2-e7");
    expect(closes(rig)).toEqual([]);
    expect(rig.proposal("k1-e7")).toMatchObject({
      state: "superseded",
      supersededBy: "k2-e7",
      outcome: `Not executed: ${reason}. A new quote replaces it.`,
    });
    expect(rig.proposal("k2-e7")).toMatchObject({
      state: "pending",
      supersedes: "k1-e7",
      askedBy: { person: "alice" },
    });
    expect(rig.proposal("k2-e7")?.quote).not.toEqual(rig.proposal("k1-e7")?.quote);
    // The old card is dead, the new one works.
    expect(rig.decide("k1-e7", "k3-e7")?.isOk).toBe(false);
    rig.feed(...rig.exchange.quotes());
    expect(rig.decide("k2-e7", "k3-e7")?.isOk).toBe(true);
    rig.pass(1_000);
    expect([rig.proposal("k2-e7")?.state, rig.exchange.position.lots]).toEqual(["done", 0]);
  });

  it("a move within the allowed drift executes", () => {
    const rig = holding();
    rig.propose("k1-e7");
    rig.quote(502_500);
    expect(rig.decide("k1-e7")?.isOk).toBe(true);
    expect(rig.exchange.position.lots).toBe(0);
  });

  it("with nothing left to close it fails, and no new card comes", () => {
    const rig = holding();
    rig.propose("k1-e7");
    const [tp] = rig.exchange.open("takeProfit");
    if (tp === undefined) throw new Error("no take profit");
    rig.feed(...rig.exchange.fill(tp));
    expect(rig.decide("k1-e7", "k2-e7")?.isOk).toBe(false);
    expect([rig.proposal("k1-e7")?.state, rig.proposal("k2-e7"), closes(rig)]).toEqual([
      "failed",
      undefined,
      [],
    ]);
  });

  const takePart = (rig: Rig) => {
    const [tp] = rig.exchange.open("takeProfit");
    if (tp === undefined) throw new Error("no take profit");
    return rig.exchange.fill(tp, 4);
  };
  const grow = (rig: Rig) => {
    rig.feed(...rig.exchange.trade("buy", 5));
    rig.pass(2_500);
  };
  const turn = (rig: Rig) => {
    rig.feed(...rig.exchange.trade("sell", 30));
    rig.pass(2_500);
  };
  const cross = (rig: Rig) => {
    rig.exchange.marginMode = "cross";
    rig.feed(rig.exchange.config(), rig.exchange.exposure());
  };
});

describe("at most once", () => {
  it("whatever is tapped, in whatever order, copies included: one close order, and the position is never turned", () => {
    const tap = fc.record({
      id: fc.constantFrom("k1-e7", "k2-e7", "k50-e7"),
      decision: fc.constantFrom("approve" as const, "approve" as const, "reject" as const),
    });
    fc.assert(
      fc.property(fc.array(tap, { minLength: 1, maxLength: 12 }), fc.nat(12), (taps, drift) => {
        const rig = holding();
        rig.propose("k1-e7");
        for (const [at, { id, decision }] of taps.entries()) {
          if (at === drift) rig.quote(505_000);
          rig.decide(id, `k${60 + at}-e7`, decision);
        }
        const sold = closes(rig).reduce((sum, order) => sum + order.lots, 0);
        expect([0, 10]).toContain(sold);
        expect(rig.exchange.position.lots).toBe(10 - sold);
        const executed = rig.state.proposals.all().filter(({ state }) => state === "done");
        expect(executed).toHaveLength(sold / 10);
      }),
      { numRuns: 60 },
    );
  });

  it("its order's id is a function of the proposal: the same wherever and whenever it is made", () => {
    const ids = [holding(), holding({ config: { nonce: "zzzz" } })].map((rig) => {
      rig.propose("k12-e3");
      rig.decide("k12-e3");
      return closes(rig).map(({ clientId }) => clientId);
    });
    expect(ids[0]).toHaveLength(1);
    expect(ids[0]).toEqual(ids[1]);
    expect(readClientId(ids[0]?.[0] ?? "")).toMatchObject({
      role: "close",
      generation: 12,
      epoch: 3,
      nonce: "0000",
    });
  });
});

describe("a restart in the middle", () => {
  const restart = (exchange: Exchange, proposal: Proposal | undefined): Rig => {
    const rig = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    if (proposal === undefined) throw new Error("no proposal");
    rig.feed({ type: "proposalRestored", ...exchange.times(), proposal });
    return rig.boot();
  };

  it("a pending one ends: what it showed is old", () => {
    const rig = holding();
    rig.propose("k1-e7");
    const next = restart(rig.exchange, rig.proposal("k1-e7"));
    expect(next.proposal("k1-e7")).toMatchObject({
      state: "expired",
      outcome: "The desk restarted; ask again for a new quote.",
    });
    expect([next.decide("k1-e7")?.isOk, closes(next), next.held()]).toEqual([false, [], 10]);
  });

  it("one that was claimed and never sent has failed, and is not executed after all", () => {
    const rig = holding();
    rig.propose("k1-e7");
    const proposal = rig.proposal("k1-e7");
    const next = restart(
      rig.exchange,
      proposal === undefined ? undefined : { ...proposal, state: "claimed" },
    );
    expect(next.proposal("k1-e7")).toMatchObject({
      state: "failed",
      outcome: "The desk restarted before its order was sent; nothing was done.",
    });
    expect([closes(next), next.held(), next.exchange.open("takeProfit").length]).toEqual([[], 10, 1]);
  });

  it("one whose order was carried out is found by its id, and not carried out again", () => {
    const rig = holding();
    rig.propose("k1-e7");
    const shown = rig.proposal("k1-e7");
    rig.decide("k1-e7");
    expect(rig.exchange.position.lots).toBe(0);
    const next = restart(rig.exchange, shown === undefined ? undefined : { ...shown, state: "executing" });
    expect(next.proposal("k1-e7")).toMatchObject({ state: "done", executedLots: lots(10) });
    expect(next.proposal("k1-e7")?.outcome).toContain("The book is flat.");
    expect([closes(next), next.exchange.position.lots, next.state.secondBot]).toEqual([[], 0, false]);
  });
});

describe("the foreign part", () => {
  it("is closed only when the card names it, and then exactly", () => {
    const rig = holding();
    rig.feed(...rig.exchange.trade("buy", 6));
    rig.pass(2_500);
    rig.propose("k1-e7");
    expect(rig.proposal("k1-e7")?.quote?.lots).toBe(10);
    rig.decide("k1-e7");
    expect([rig.held(), rig.book().foreign.lots, rig.exchange.position.lots]).toEqual([0, 6, 6]);
    expect(rig.propose("k2-e7")).toMatchObject({ isOk: false });
    rig.propose("k3-e7", { includesForeign: true });
    expect(rig.proposal("k3-e7")).toMatchObject({ action: { foreignLots: 6 }, quote: { lots: 6 } });
    rig.decide("k3-e7");
    expect([rig.book().foreign.lots, rig.exchange.position.lots, rig.proposal("k3-e7")?.state]).toEqual([
      0,
      0,
      "done",
    ]);
  });
});
