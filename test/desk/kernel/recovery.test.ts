import { describe, expect, it } from "vitest";
import { readClientId } from "../../../src/core/ids.ts";
import type { AskRecoveryIntent } from "../../../src/core/intent.ts";
import type { Proposal, RecoverAction } from "../../../src/core/proposal.ts";
import { millis, value } from "../../../src/core/units.ts";
import { fixedIdOf } from "../../../src/desk/kernel/proposals.ts";
import { rungsOf } from "../../../src/desk/kernel/rungs-of.ts";
import type { Exchange } from "../../support/exchange.ts";
import { BOB, GRID, Rig } from "../../support/rig.ts";
import { StuckGrid } from "../../support/stuck-grid.ts";

const PARAMETERS = { ...GRID, waitMs: millis(86_400_000), recovery: "ladder" } as const;
const HOUR = 3_600_000;

interface Stuck {
  readonly rig: Rig;
  readonly grid: StuckGrid;
}

/** A desk whose grid holds one rung of 10 lots that is stuck for an hour. */
function stuck(exchange?: Exchange, epoch = 7, recovery: "ladder" | "none" = "ladder"): Stuck {
  const grid = new StuckGrid(PARAMETERS);
  const rig = new Rig({
    engines: [grid],
    config: { grids: [{ ...PARAMETERS, recovery }], epoch, ...(epoch === 7 ? {} : { nonce: "abcd" }) },
    ...(exchange === undefined ? {} : { exchange }),
  }).boot();
  if (exchange === undefined) {
    const entry = rig.exchange.open("entry")[0];
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
  }
  grid.stuckSince = millis(rig.exchange.at - HOUR);
  rig.pass(500);
  if (rig.held() !== 10) throw new Error("nothing is held");
  return { rig, grid };
}

/** The same with a card on the table. */
function asked(asks: Partial<AskRecoveryIntent> = {}): Stuck & { readonly rung: number } {
  const { rig, grid } = stuck();
  grid.asks = asks;
  rig.pass(500);
  const action = rig.proposal("r1-e7")?.action;
  if (action?.type !== "recover") throw new Error("nothing was asked");
  return { rig, grid, rung: action.rung };
}

const action = (rung: number): RecoverAction => ({
  type: "recover",
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "both",
  engine: "grid1",
  rung,
  lots: PARAMETERS.quantity,
  stuckSince: millis(0),
  ways: ["aggressive", "ladder"],
  fallback: "wait",
  lines: [],
});
const closes = (rig: Rig) => rig.sent.filter(({ role }) => role === "close");
const states = (rig: Rig, id: string) => rig.shown.filter((p) => p.id === id).map((p) => p.state);
const pending = (rig: Rig) => rig.state.proposals.all().filter(({ state }) => state === "pending");

describe("an engine asks about a stuck rung", () => {
  it("the desk quotes what closing it now would cost, at the rung's own entry, and asks for ten minutes", () => {
    const { rig, grid, rung } = asked();
    expect(rig.proposal("r1-e7")).toMatchObject({
      state: "pending",
      askedBy: { person: "desk", platform: "desk" },
      action: {
        type: "recover",
        engine: "grid1",
        rung,
        lots: 10,
        stuckSince: grid.stuckSince,
        ways: ["aggressive", "ladder"],
        fallback: "wait",
        lines: ["The ladder was tried once."],
      },
      quote: { side: "sell", lots: 10, positionLots: 10, expectedFill: rig.exchange.bid },
    });
    const { createdWallAt = 0, expiresWallAt = 0, quote } = rig.proposal("r1-e7") ?? {};
    expect(expiresWallAt - createdWallAt).toBe(600_000);
    const view = rungsOf(rig.state, "grid1").find(({ held }) => held > 0);
    expect(quote?.entryPrice).toBe(view?.entry);
    expect(rig.facts("proposalRaised")).toMatchObject([{ actor: "desk@desk" }]);
  });

  it("beside another part of the book the loss is the rung's own, not the average's", () => {
    const { rig, grid } = stuck();
    const book = rig.book();
    const view = rungsOf(rig.state, "grid1").find(({ held }) => held > 0);
    rig.feed(...rig.exchange.trade("buy", 10));
    rig.pass(3_000);
    grid.asks = {};
    rig.pass(500);
    const quote = rig.proposal("r1-e7")?.quote;
    expect([quote?.lots, quote?.positionLots, quote?.entryPrice]).toEqual([10, 20, view?.entry]);
    const unit = (Math.abs(book.shares.get("grid1")?.cost ?? 0) / 10 / (view?.entry ?? 1)) * 10;
    expect(quote?.realized).toBe(value(Math.round(((quote?.expectedFill ?? 0) - (view?.entry ?? 0)) * unit)));
  });

  it("asked again while a card is open it stays one card", () => {
    const { rig, grid } = asked();
    for (let tries = 0; tries < 5; tries += 1) {
      grid.asks = {};
      rig.pass(500);
    }
    expect(pending(rig).map(({ id }) => id)).toEqual(["r1-e7"]);
  });

  it("waits for prices instead of asking blindly", () => {
    const { rig, grid } = stuck();
    rig.state.board.of("BTCUSDT").top = undefined;
    grid.asks = {};
    rig.timer();
    rig.exchange.wallAt += 500;
    rig.timer();
    expect(rig.shown).toEqual([]);
    rig.pass(1_000);
    expect(pending(rig)).toHaveLength(1);
  });

  it("flat or free again: the card is taken back with the reason, nothing is sent", () => {
    const free = asked();
    free.grid.stuckSince = undefined;
    free.rig.pass(500);
    expect(free.rig.proposal("r1-e7")).toMatchObject({
      state: "expired",
      outcome: "The rung is not stuck any more.",
    });
    const flat = asked();
    const [tp] = flat.rig.exchange.open("takeProfit");
    if (tp === undefined) throw new Error("no take profit");
    flat.rig.feed(...flat.rig.exchange.fill(tp));
    flat.rig.pass(500);
    expect(flat.rig.proposal("r1-e7")).toMatchObject({
      state: "expired",
      outcome: "The rung is flat: there is nothing left to recover.",
    });
    expect([free.grid.told, flat.grid.told, closes(flat.rig)]).toEqual([[], [], []]);
  });
});

describe("a way is chosen", () => {
  it("force close: sold under ids that follow from the proposal, and the card says at what price", () => {
    const { rig, grid, rung } = asked();
    expect(rig.decide("r1-e7", "k9-e7", "aggressive")).toEqual({
      isOk: true,
      text: "Decided; closing it at the market now.",
    });
    rig.pass(1_000);
    expect(grid.told).toMatchObject([
      { how: "aggressive", rung, fixed: { generation: 30_000_001, epoch: 7 } },
    ]);
    expect(closes(rig).map(({ clientId }) => readClientId(clientId))).toMatchObject([
      { role: "close", rung, generation: 30_000_001, epoch: 7, nonce: "0000" },
    ]);
    expect(states(rig, "r1-e7")).toEqual(["pending", "executing", "done"]);
    expect(rig.proposal("r1-e7")).toMatchObject({
      decision: "aggressive",
      decidedBy: { person: "bob" },
      executedLots: 10,
    });
    expect(rig.proposal("r1-e7")?.outcome).toMatch(
      /^Closed 0\.010 BTC at 50000\.0, realized .* The book is flat\.$/,
    );
  });

  it("ladder: done when all of it rests, not before", () => {
    const { rig, grid } = asked();
    expect(rig.decide("r1-e7", "k9-e7", "ladder")?.text).toBe("Decided; placing the ladder now.");
    expect(rig.proposal("r1-e7")?.state).toBe("executing");
    rig.pass(500);
    expect(grid.told).toMatchObject([{ how: "ladder", fixed: undefined }]);
    expect(rig.proposal("r1-e7")).toMatchObject({
      state: "done",
      decision: "ladder",
      outcome: "The ladder rests: 0.010 at 50300.0 (BTC).",
    });
    expect(closes(rig)).toEqual([]);
  });

  it("that the engine does not get done in two minutes has failed, and says so", () => {
    const { rig, grid } = asked();
    grid.obeys = false;
    rig.decide("r1-e7", "k9-e7", "ladder");
    rig.pass(119_500);
    expect(rig.proposal("r1-e7")?.state).toBe("executing");
    rig.pass(1_500);
    expect(rig.proposal("r1-e7")).toMatchObject({
      state: "failed",
      outcome: "Not reached yet (it took too long); the engine goes on.",
    });
  });

  it("wait: nothing is done, and nobody is asked before the engine asks again", () => {
    const { rig, grid } = asked();
    expect(rig.decide("r1-e7", "k9-e7", "reject")).toEqual({
      isOk: true,
      text: "It stays as it is; nothing was done.",
    });
    rig.pass(1_000);
    expect([pending(rig), grid.told]).toEqual([[], []]);
    grid.asks = {};
    rig.pass(1_000);
    expect(pending(rig).map(({ id }) => id)).toEqual(["r2-e7"]);
  });

  it("nobody in time: what the card said happens, a close or a ladder; a hedge never by itself", () => {
    const outcomes = (["wait", "aggressive", "ladder", "hedge"] as const).map((fallback) => {
      const { rig, grid } = asked({ fallback, ways: ["aggressive", "ladder", "hedge"] });
      rig.pass(602_000);
      const card = rig.proposal("r1-e7");
      return [
        fallback,
        grid.told.map(({ how }) => how),
        card?.state,
        card?.decision,
        card?.decidedBy,
        rig.held(),
      ];
    });
    expect(outcomes).toEqual([
      ["wait", [], "expired", undefined, undefined, 10],
      ["aggressive", ["aggressive"], "done", "aggressive", undefined, 0],
      ["ladder", ["ladder"], "done", "ladder", undefined, 10],
      ["hedge", [], "expired", undefined, undefined, 10],
    ]);
  });

  it("approve is no way, a close has no ways, and a way that was not offered is refused: in one sentence each", () => {
    const { rig, grid } = asked();
    const sentence =
      "This card offers several ways: choose one of aggressive, ladder, wait. Nothing was done.";
    expect(rig.decide("r1-e7", "k9-e7", "approve")).toEqual({ isOk: false, text: sentence });
    const hedge = asked();
    expect(hedge.rig.decide("r1-e7", "k9-e7", "hedge")?.text).toBe(
      '"hedge" is not offered here; choose one of aggressive, ladder, wait. Nothing was done.',
    );
    rig.propose("k1-e7");
    expect(rig.decide("k1-e7", "k9-e7", "ladder")?.text).toBe(
      'A close has no way "ladder"; approve or reject it. Nothing was done.',
    );
    expect([grid.told, closes(rig)]).toEqual([[], []]);
  });
});

describe("what was shown must still hold (I7)", () => {
  const drifts: readonly (readonly [string, (rig: Rig) => void, string])[] = [
    ["the price moved", (rig) => rig.quote(502_600), "the price moved"],
    ["the rung shrank", (rig) => takePart(rig), "the position's size changed"],
    [
      "the risk state",
      (rig) => rig.ask({ type: "setRiskState", state: "warning" }),
      "the desk's risk state changed",
    ],
    ["the quotes are old", (rig) => rig.pass(5_500, true), "the market data is too old"],
  ];
  const takePart = (rig: Rig) => {
    const [tp] = rig.exchange.open("takeProfit");
    if (tp === undefined) throw new Error("no take profit");
    rig.feed(...rig.exchange.fill(tp, 4));
  };
  it.each(drifts)("%s: nothing is told to the engine, a new card replaces it", (_what, change, reason) => {
    const { rig, grid } = asked();
    change(rig);
    rig.decide("r1-e7", "k9-e7", "aggressive");
    expect(grid.told).toEqual([]);
    expect(rig.proposal("r1-e7")).toMatchObject({
      state: "superseded",
      supersededBy: "k9-e7",
      outcome: `Not executed: ${reason}. A new quote replaces it.`,
    });
    expect(rig.proposal("k9-e7")).toMatchObject({ state: "pending", action: { type: "recover" } });
    rig.feed(...rig.exchange.quotes());
    expect(rig.decide("k9-e7", "k10-e7", "aggressive")?.isOk).toBe(true);
    rig.pass(1_000);
    expect([rig.proposal("k9-e7")?.state, rig.held()]).toEqual(["done", 0]);
  });

  it("another rung's fill is no change of this one", () => {
    const { rig } = asked();
    rig.feed(...rig.exchange.trade("buy", 5));
    rig.pass(2_500);
    expect(rig.decide("r1-e7", "k9-e7", "ladder")?.isOk).toBe(true);
  });

  it("a clock that moved voids the card and shows a fresh one", () => {
    const { rig } = asked();
    rig.feed({ type: "clockStep", ...rig.exchange.times(), stepMs: 3_000, against: "monotonic" });
    rig.pass(500);
    expect(rig.proposal("r1-e7")?.state).toBe("expired");
    expect(pending(rig).map(({ id }) => id)).toEqual(["r2-e7"]);
  });
});

describe("a person's /recover", () => {
  it("makes the same card at once; a second one of the same rung is refused", () => {
    const { rig, grid } = stuck();
    const rung = rungsOf(rig.state, "grid1").find(({ held }) => held > 0)?.index ?? 0;
    expect(rig.ask({ type: "propose", proposalId: "k1-e7", action: action(rung) })?.isOk).toBe(true);
    expect(rig.proposal("k1-e7")).toMatchObject({ state: "pending", askedBy: { person: "alice" } });
    expect(rig.ask({ type: "propose", proposalId: "k2-e7", action: action(rung) })).toEqual({
      isOk: false,
      text: "The card k1-e7 asks about this rung already; decide there.",
    });
    grid.asks = {};
    rig.pass(1_000);
    expect(pending(rig).map(({ id }) => id)).toEqual(["k1-e7"]);
  });

  it("of a rung that holds nothing is refused", () => {
    const { rig } = stuck();
    expect(rig.ask({ type: "propose", proposalId: "k1-e7", action: action(999) })).toEqual({
      isOk: false,
      text: "Rung 999 of grid1 holds nothing.",
    });
  });
});

describe("a job asks to look", () => {
  const look = (rig: Rig) =>
    rig.feed({ type: "jobResult", ...rig.exchange.times(), job: "recovery", isOk: true, report: {} });

  it("what is stuck for two hours and was not asked about is asked about; before that it is not", () => {
    const { rig } = stuck();
    look(rig);
    rig.pass(500);
    expect(rig.shown).toEqual([]);
    rig.exchange.at += HOUR;
    rig.pass(500);
    look(rig);
    rig.pass(500);
    expect(pending(rig)).toMatchObject([
      { id: "r1-e7", action: { fallback: "aggressive", ways: ["aggressive", "ladder"] } },
    ]);
    look(rig);
    rig.pass(500);
    expect(rig.shown).toHaveLength(1);
  });

  it("nobody has asked for that card: unanswered it closes, as the engine's own does; with recovery none there is none", () => {
    const late = (recovery: "ladder" | "none"): Rig => {
      const { rig } = stuck(undefined, 7, recovery);
      rig.exchange.at += HOUR;
      rig.pass(500);
      look(rig);
      rig.pass(500);
      return rig;
    };
    const rig = late("ladder");
    expect(pending(rig)).toHaveLength(1);
    rig.pass(602_000);
    expect(rig.proposal("r1-e7")).toMatchObject({ decision: "aggressive" });
    expect(late("none").shown).toEqual([]);
  });

  it("a person's own question that was answered holds for two hours, though the engine's time has come", () => {
    const { rig, grid } = stuck();
    const rung = rungsOf(rig.state, "grid1").find(({ held }) => held > 0)?.index ?? 0;
    rig.ask({ type: "propose", proposalId: "k1-e7", action: action(rung) });
    rig.decide("k1-e7", "k9-e7", "reject");
    grid.asks = { fallback: "aggressive" };
    rig.pass(500);
    look(rig);
    rig.pass(500);
    expect(pending(rig)).toEqual([]);
    rig.exchange.at += 2 * HOUR;
    rig.pass(500);
    look(rig);
    rig.pass(500);
    expect(pending(rig)).toMatchObject([{ id: "r1-e7" }]);
  });

  it("a card that could not be stored decides nothing: it is asked again by the next look", () => {
    const { rig } = asked({ fallback: "aggressive" });
    rig.feed({ type: "proposalUnshown", ...rig.exchange.times(), id: "r1-e7" });
    expect(rig.proposal("r1-e7")).toMatchObject({ state: "failed" });
    rig.pass(602_000);
    expect(closes(rig)).toEqual([]);
    rig.exchange.at += 2 * HOUR;
    rig.pass(500);
    look(rig);
    rig.pass(500);
    expect(pending(rig)).toMatchObject([{ id: "r2-e7" }]);
  });

  it("a no that was in time counts, though it arrives a moment after the deadline", () => {
    const { rig } = asked({ fallback: "aggressive" });
    rig.pass(599_400);
    const inTime = rig.exchange.times();
    const { expiresWallAt = 0 } = rig.proposal("r1-e7") ?? {};
    rig.pass(expiresWallAt - rig.state.wallAt + 400);
    expect(rig.proposal("r1-e7")?.state).toBe("pending");
    rig.feed({
      type: "proposalClaimed",
      ...inTime,
      id: "r1-e7",
      decision: "reject",
      actor: BOB,
      requoteId: "k9-e7",
    });
    rig.pass(5_000);
    expect([rig.proposal("r1-e7")?.state, closes(rig)]).toEqual(["rejected", []]);
  });

  it("a choice on its last moment counts though the desk's monotonic time is a timer old; one after it does what the card said", () => {
    const tap = (monotonicMs: number, wallMs: number) => {
      const { rig, grid } = stuck();
      rig.state.monotonicMs = 0;
      grid.asks = { fallback: "aggressive" };
      rig.pass(500);
      rig.pass(599_000);
      const { expiresWallAt = 0 } = rig.proposal("r1-e7") ?? {};
      rig.state.monotonicMs = monotonicMs;
      const wallAt = millis(expiresWallAt + wallMs);
      rig.feed({
        type: "proposalClaimed",
        at: millis(rig.exchange.at),
        wallAt,
        id: "r1-e7",
        decision: "ladder",
        actor: BOB,
        requoteId: "k9-e7",
      });
      rig.pass(3_000);
      return [grid.told.map(({ how }) => how), rig.held()];
    };
    expect(tap(600_400, -100)).toEqual([["ladder"], 10]);
    expect(tap(600_400, 100)).toEqual([["aggressive"], 0]);
    expect(tap(602_000, -100)).toEqual([["aggressive"], 0]);
  });

  it("after an answer it asks again when two more hours have gone, with what the engine offered", () => {
    const { rig } = asked({ fallback: "ladder" });
    rig.decide("r1-e7", "k9-e7", "reject");
    rig.exchange.at += 2 * HOUR - 1_000;
    look(rig);
    rig.pass(500);
    expect(pending(rig)).toEqual([]);
    rig.pass(1_000);
    look(rig);
    rig.pass(500);
    expect(pending(rig)).toMatchObject([{ id: "r2-e7", action: { fallback: "ladder" } }]);
  });
});

describe("how far it is", () => {
  const look = (rig: Rig, report: Record<string, string | number>) =>
    rig.feed({ type: "jobResult", ...rig.exchange.times(), job: "recovery", isOk: true, report });
  const stories = (rig: Rig) => rig.alerts.filter(({ key }) => key.startsWith("recover:"));

  it("is one story a rung: told when something moved or an hour went by, and ended with it", () => {
    const { rig, grid } = stuck();
    const rung = rungsOf(rig.state, "grid1").find(({ held }) => held > 0)?.index ?? 0;
    const key = { engine: "grid1", rung };
    look(rig, key);
    look(rig, key);
    expect(stories(rig)).toMatchObject([
      {
        key: `recover:grid1:${rung}`,
        level: "notice",
        title: "BTCUSDT: a stuck position, 1 h 0 min of market time",
        lines: [
          `Rung ${rung} of grid1 holds 0.010 BTC; 0.000 BTC of it got out in slices of a ladder.`,
          expect.stringMatching(/^What is left rests: 0\.010 BTC at /),
          "/stuck shows all of them; /recover asks at once how this one gets out.",
        ],
      },
    ]);
    rig.exchange.at += HOUR;
    rig.pass(500);
    look(rig, key);
    expect(stories(rig)).toHaveLength(2);
    grid.stuckSince = undefined;
    look(rig, key);
    look(rig, key);
    expect(stories(rig).slice(2)).toMatchObject([
      { level: "resolved", lines: [`Rung ${rung} of grid1 is not stuck any more.`] },
    ]);
  });

  it("a job that names nothing that is stuck tells nothing and does nothing", () => {
    const { rig, grid } = stuck();
    for (const report of [
      { engine: "grid1", rung: 12 },
      { engine: "x", rung: 1 },
      { rung: 1 },
      { engine: "grid1" },
    ])
      look(rig, report as Record<string, string | number>);
    expect([stories(rig), rig.shown, grid.told]).toEqual([[], [], []]);
  });
});

describe("a restart in the middle", () => {
  const restart = (from: Rig, proposal: Proposal | undefined): Stuck => {
    if (proposal === undefined) throw new Error("no proposal");
    const grid = new StuckGrid(PARAMETERS);
    const rig = new Rig({
      exchange: from.exchange,
      engines: [grid],
      config: { grids: [PARAMETERS], epoch: 8, nonce: "abcd" },
    });
    grid.stuckSince = millis(from.exchange.at - HOUR);
    rig.feed({ type: "proposalRestored", ...from.exchange.times(), proposal });
    rig.boot();
    return { rig, grid };
  };

  it("a pending card is void, and the engine asks again under a name of the new life", () => {
    const { rig } = asked();
    const next = restart(rig, rig.proposal("r1-e7"));
    expect(next.rig.proposal("r1-e7")).toMatchObject({
      state: "expired",
      outcome: "The desk restarted; ask again for a new quote.",
    });
    next.grid.asks = {};
    next.rig.pass(1_000);
    expect(pending(next.rig).map(({ id }) => id)).toEqual(["r1-e8"]);
  });

  it("a close that was carried out is found by its id and not carried out again", () => {
    const { rig } = asked();
    const shown = rig.proposal("r1-e7");
    rig.decide("r1-e7", "k9-e7", "aggressive");
    if (shown === undefined) throw new Error("no card");
    const next = restart(rig, { ...shown, state: "executing", decision: "aggressive" });
    expect(next.rig.proposal("r1-e7")).toMatchObject({ state: "done", executedLots: 10 });
    expect([next.grid.told, closes(next.rig)]).toEqual([[], []]);
  });

  it("a choice whose orders never left has failed", () => {
    for (const decision of ["aggressive", "ladder"] as const) {
      const { rig } = asked();
      const shown = rig.proposal("r1-e7");
      if (shown === undefined) throw new Error("no card");
      const next = restart(rig, { ...shown, state: "claimed", decision });
      expect(next.rig.proposal("r1-e7")).toMatchObject({
        state: "failed",
        outcome: "The desk restarted before its orders were sent; nothing was done.",
      });
      expect([next.grid.told, next.rig.held()]).toEqual([[], 10]);
    }
  });
});

describe("names of proposals", () => {
  it("of people and of the desk never meet in an order's id", () => {
    const numbers = ["k1-e7", "r1-e7", "k29999999-e7", "r29999999-e7"].map((id) => fixedIdOf(id)?.generation);
    expect(numbers).toEqual([1, 30_000_001, 29_999_999, 59_999_999]);
    expect(["k30000000-e7", "r30000000-e7", "x1-e7", "k1"].map(fixedIdOf)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });
});

it("the same events give the same cards and the same state", () => {
  const runs = [0, 1].map(() => {
    const { rig } = asked();
    rig.decide("r1-e7", "k9-e7", "ladder");
    rig.pass(2_000);
    return rig.hash();
  });
  expect(runs[0]).toBe(runs[1]);
});
