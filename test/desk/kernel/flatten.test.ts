import { describe, expect, it } from "vitest";
import type { Actor, BasketAction, Proposal } from "../../../src/core/proposal.ts";
import { millis, ticks } from "../../../src/core/units.ts";
import type { VenueOrder } from "../../support/exchange.ts";
import { LINEAR } from "../../support/instruments.ts";
import { BOB, CAROL, Rig } from "../../support/rig.ts";

const DANA: Actor = { person: "dana", role: "risk", platform: "telegram" };
const FLATTEN: BasketAction = {
  type: "basket",
  account: "main",
  what: "flatten",
  includesForeign: false,
  parts: [],
  unquoted: [],
  tap: "first",
  ids: ["k21-e7", "k22-e7"],
};

/** Two rungs held, one entry resting. */
function busy(): Rig {
  const rig = new Rig().boot();
  for (let rung = 0; rung < 2; rung += 1) {
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.exchange.bid = entry.facts.price ?? 0;
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(1_500);
  }
  expect([rig.held(), rig.exchange.open("entry").length]).toEqual([20, 1]);
  return rig;
}
/** The first tap was made: the card of the second one is k30-e7. */
function armed(given: Partial<BasketAction> = {}): Rig {
  const rig = busy();
  expect(rig.ask({ type: "propose", proposalId: "k20-e7", action: { ...FLATTEN, ...given } })?.isOk).toBe(
    true,
  );
  expect(rig.decide("k20-e7", "k30-e7", "approve", DANA)?.isOk).toBe(true);
  rig.pass(1_000);
  return rig;
}
/** Somebody trades on the account by hand, and the desk has counted it. */
function byHand(rig: Rig, side: "buy" | "sell", size: number): void {
  rig.feed(...rig.exchange.trade(side, size));
  rig.pass(2_500);
}
const closes = (rig: Rig) => rig.sent.filter(({ role }) => role === "close");
const basket = (rig: Rig, id: string): BasketAction | undefined => {
  const action = rig.proposal(id)?.action;
  return action?.type === "basket" ? action : undefined;
};

describe("flatten", () => {
  it("its card lists what is held with what closing it comes to; nothing happens before a tap", () => {
    const rig = busy();
    rig.ask({ type: "propose", proposalId: "k20-e7", action: FLATTEN });
    expect(basket(rig, "k20-e7")).toMatchObject({
      tap: "first",
      parts: [{ id: "k21-e7", close: { instrument: LINEAR.id }, quote: { lots: 20, side: "sell" } }],
      unquoted: [],
    });
    rig.pass(2_000);
    expect([closes(rig), rig.state.isPaused("grid1"), rig.exchange.open("entry").length]).toEqual([
      [],
      false,
      1,
    ]);
  });

  it("the first tap pauses and takes entries back, and closes nothing; the second one closes all and verifies it", () => {
    const rig = armed();
    expect([closes(rig), rig.exchange.open("entry"), rig.held()]).toEqual([[], [], 20]);
    expect([rig.proposal("k20-e7")?.state, basket(rig, "k30-e7")?.tap]).toEqual(["superseded", "last"]);
    expect(rig.decide("k30-e7", "k31-e7", "approve", DANA)).toMatchObject({ isOk: true });
    rig.pass(1_000);
    expect([rig.held(), rig.exchange.position.lots, rig.exchange.open()]).toEqual([0, 0, []]);
    expect(rig.proposal("k30-e7")).toMatchObject({ state: "done", decidedBy: { person: "dana" } });
    expect(rig.proposal("k30-e7")?.outcome).toContain(
      "The engines hold nothing, and nothing of theirs rests.",
    );
    expect(rig.proposal("k30-e7")?.progress).toEqual([`${LINEAR.id} long: 0.020 of 0.020 BTC closed`]);
    // The pause stands, also in the ledger.
    rig.pass(30_000);
    expect([rig.exchange.open(), rig.facts("pause").length > 0]).toEqual([[], true]);
  });

  it("tells how far each position is while it goes on", () => {
    const rig = armed();
    const { answer } = rig;
    rig.answer = (effect) =>
      effect.type === "send" && effect.order.role === "close" ? [] : answer.call(rig, effect);
    rig.decide("k30-e7", "k31-e7", "approve", DANA);
    rig.pass(1_000);
    expect(rig.proposal("k30-e7")).toMatchObject({
      state: "executing",
      progress: [`${LINEAR.id} long: 0.000 of 0.020 BTC closed`],
    });
    rig.pass(31_000);
    expect(rig.alerts.filter(({ key }) => key === "flatten").map(({ level }) => level)).toEqual(["critical"]);
    expect(rig.proposal("k30-e7")?.state).toBe("executing");
  });

  it.each<readonly [string, (rig: Rig) => void]>([
    [`${LINEAR.id}: the position's size changed`, (rig) => byHand(rig, "sell", 4)],
    [`${LINEAR.id}: the price moved`, (rig) => rig.quote(Math.round(rig.exchange.mark * 1.02))],
    [
      `${LINEAR.id}: the desk's risk state changed`,
      (rig) => rig.ask({ type: "setRiskState", state: "warning" }),
    ],
    [`${LINEAR.id}: the market data is too old`, (rig) => rig.pass(6_000, true)],
  ])("is quoted anew, and closes nothing, when %s", (why, change) => {
    const rig = armed();
    change(rig);
    expect(rig.decide("k30-e7", "k31-e7", "approve", DANA)).toEqual({
      isOk: false,
      text: `Not executed: ${why}. Look at the new quote.`,
    });
    expect([closes(rig), rig.proposal("k30-e7")?.state]).toEqual([[], "superseded"]);
    expect([rig.proposal("k31-e7")?.state, basket(rig, "k31-e7")?.tap]).toEqual(["pending", "last"]);
  });

  it("leaves what is foreign, or closes it as well where the card names it", () => {
    for (const includesForeign of [false, true]) {
      const rig = busy();
      byHand(rig, "buy", 7);
      rig.ask({ type: "propose", proposalId: "k20-e7", action: { ...FLATTEN, includesForeign } });
      rig.decide("k20-e7", "k30-e7", "approve", DANA);
      rig.pass(1_000);
      rig.decide("k30-e7", "k31-e7", "approve", DANA);
      rig.pass(2_000);
      expect([rig.held(), rig.exchange.position.lots]).toEqual([0, includesForeign ? 0 : 7]);
      expect(rig.proposal("k30-e7")?.state).toBe("done");
    }
  });

  it("says after half a minute that a foreign part was not closed whole: its order filled in part, and no other one follows", () => {
    const rig = busy();
    byHand(rig, "buy", 7);
    rig.ask({ type: "propose", proposalId: "k20-e7", action: { ...FLATTEN, includesForeign: true } });
    rig.decide("k20-e7", "k30-e7", "approve", DANA);
    rig.pass(1_000);
    const usual = rig.exchange.place.bind(rig.exchange);
    rig.exchange.place = (facts) => {
      if (facts.engine !== "foreign") return usual(facts);
      // The market takes three of them.
      const order: VenueOrder = {
        facts: { ...facts, kind: "limit", price: ticks(1) },
        id: "f1",
        spawnedId: "f2",
        filled: 0,
        status: "open",
        createdAt: rig.exchange.at,
        updatedAt: rig.exchange.at,
      };
      rig.exchange.orders.set(facts.clientId, order);
      return [...rig.exchange.fill(order, 3, rig.exchange.bid), ...rig.exchange.cancel(order.facts)];
    };
    rig.decide("k30-e7", "k31-e7", "approve", DANA);
    rig.pass(10_000);
    expect([rig.held(), rig.exchange.position.lots, rig.proposal("k30-e7")?.state]).toEqual([
      0,
      4,
      "executing",
    ]);
    rig.pass(30_000);
    expect(rig.proposal("k30-e7")).toMatchObject({
      state: "failed",
      outcome: expect.stringContaining(
        "a part of what is not the desk's is still held: /close SYMBOL foreign asks for the rest.",
      ),
    });
  });

  it.each([
    ["it is done after all", "Flattening is done: the engines hold nothing"],
    ["somebody resumed", "Flattening was ended by /resume"],
  ])("what is said of one that takes long is taken back when %s", (how, title) => {
    const rig = armed();
    rig.exchange.depth = 0;
    rig.decide("k30-e7", "k31-e7", "approve", DANA);
    rig.pass(35_000);
    expect(rig.alerts.at(-1)).toMatchObject({ key: "flatten", level: "critical" });
    if (how === "somebody resumed") rig.ask({ type: "resume" }, DANA);
    rig.exchange.depth = Number.POSITIVE_INFINITY;
    rig.pass(5_000);
    const ends = rig.alerts.filter(({ key, level }) => key === "flatten" && level === "resolved");
    expect(ends.map((alert) => alert.title)).toEqual([title]);
  });

  it("needs the role risk, from whoever taps", () => {
    const rig = busy();
    rig.ask({ type: "propose", proposalId: "k20-e7", action: FLATTEN });
    expect(rig.decide("k20-e7", "k30-e7", "approve", BOB)).toEqual({
      isOk: false,
      text: "Approving this needs the role risk; you are trader. Nothing was done.",
    });
    expect([rig.state.isPaused("grid1"), closes(rig)]).toEqual([false, []]);
  });

  it("a resume ends one that is under way: what is held then is meant to be", () => {
    const rig = armed();
    rig.isInstant = false;
    rig.decide("k30-e7", "k31-e7", "approve", DANA);
    rig.ask({ type: "resume" }, CAROL);
    expect(rig.proposal("k30-e7")).toMatchObject({
      state: "failed",
      outcome: "carol resumed before everything was closed.",
    });
  });

  it("with nothing held and nothing resting there is nothing to ask", () => {
    const rig = new Rig().boot();
    rig.ask({ type: "pause" });
    rig.pass(2_000);
    expect(rig.ask({ type: "propose", proposalId: "k20-e7", action: FLATTEN })).toEqual({
      isOk: false,
      text: "Nothing is held, and nothing of the desk's rests.",
    });
  });

  it("after a restart one that was under way goes on; one that nobody had begun is void", () => {
    for (const state of ["executing", "claimed"] as const) {
      const before = armed();
      const proposal = before.proposal("k30-e7");
      if (proposal === undefined) throw new Error("no card");
      const rig = new Rig({ exchange: before.exchange });
      rig.ask({ type: "pause" }, DANA, true);
      rig.turn({ type: "proposalRestored", ...rig.exchange.times(), proposal: { ...proposal, state } });
      rig.boot();
      rig.pass(2_000);
      expect([rig.held(), rig.proposal("k30-e7")?.state]).toEqual(
        state === "executing" ? [0, "done"] : [20, "failed"],
      );
    }
  });
});

const UNDO = { proposals: { ...new Rig().config.proposals, panicUndoMs: millis(5_000) } };

/** Two rungs held; panic was pressed, and can be taken back until 5 s later. */
function pressed(): Rig {
  const rig = busy();
  const undoable = new Rig({ exchange: rig.exchange, config: UNDO }).boot();
  expect(undoable.held()).toBe(20);
  expect(undoable.ask({ type: "panic", proposalId: "k40-e7" }, BOB)).toMatchObject({ isOk: true });
  undoable.pass(1_000);
  return undoable;
}

describe("a panic that can be taken back", () => {
  it("pauses at once, and closes everything when its time is over", () => {
    const rig = pressed();
    expect([rig.exchange.open("entry"), closes(rig), rig.proposal("k40-e7")?.state]).toEqual([
      [],
      [],
      "pending",
    ]);
    rig.pass(3_000);
    expect(closes(rig)).toEqual([]);
    rig.pass(4_000);
    expect([rig.held(), rig.exchange.open(), rig.proposal("k40-e7")?.state]).toEqual([0, [], "done"]);
  });

  it("taken back nothing is closed, entries stay paused, and a restart knows", () => {
    const rig = pressed();
    expect(rig.decide("k40-e7", "k41-e7", "reject", BOB)).toMatchObject({ isOk: true });
    rig.pass(20_000);
    expect([rig.held(), closes(rig), rig.state.isPaused("grid1")]).toEqual([20, [], true]);
    expect(rig.proposal("k40-e7")?.state).toBe("rejected");
    const next = new Rig({ exchange: rig.exchange, config: UNDO });
    for (const { body } of [...rig.facts("panic"), ...rig.facts("panicUndone")])
      next.ask(body["request"] as never, BOB, true);
    next.boot();
    next.pass(5_000);
    expect([next.held(), next.state.isPaused("grid1")]).toEqual([20, true]);
  });

  it("is not taken back by another trader; by somebody with the role risk it is", () => {
    const rig = pressed();
    const eve: Actor = { person: "eve", role: "trader", platform: "telegram" };
    const { proposals } = rig.config;
    expect(proposals.panicUndoMs).toBe(5_000);
    expect(rig.decide("k40-e7", "k41-e7", "reject", eve)?.isOk).toBe(false);
    rig.pass(6_000);
    expect(rig.held()).toBe(0);
    const other = pressed();
    expect(other.decide("k40-e7", "k41-e7", "reject", DANA)?.isOk).toBe(true);
  });

  it.each<readonly [string, (rig: Rig) => unknown]>([
    ["a second press", (rig) => rig.ask({ type: "panic", proposalId: "k42-e7" }, BOB)],
    ["its other button", (rig) => rig.decide("k40-e7", "k41-e7", "approve", BOB)],
    [
      "a card that could not be stored",
      (rig) => rig.feed({ type: "proposalUnshown", ...rig.exchange.times(), id: "k40-e7" }),
    ],
    [
      "a clock that jumped",
      (rig) => rig.feed({ type: "clockStep", ...rig.exchange.times(), stepMs: 90_000, against: "monotonic" }),
    ],
  ])("%s closes at once", (_, act) => {
    const rig = pressed();
    act(rig);
    rig.pass(1_500);
    expect([rig.held(), rig.proposal("k40-e7")?.state]).toEqual([0, "done"]);
  });

  it("taken back in the moment before a restart it does not go on, and later restarts know", () => {
    const before = pressed();
    const proposal = before.proposal("k40-e7");
    if (proposal?.action.type !== "panic") throw new Error("no card");
    const claimed = { ...proposal, state: "claimed", decision: "reject", decidedBy: BOB } as const;
    const rig = new Rig({ exchange: before.exchange, config: UNDO });
    rig.ask({ type: "panic" }, BOB, true);
    rig.turn({ type: "proposalRestored", ...rig.exchange.times(), proposal: claimed as Proposal });
    rig.boot();
    rig.pass(20_000);
    expect([rig.held(), rig.proposal("k40-e7")?.state, rig.state.isPaused("grid1")]).toEqual([
      20,
      "rejected",
      true,
    ]);
    expect(rig.facts("panicUndone")).toHaveLength(1);
  });

  it("goes on after a restart in its seconds: nobody can take it back any more", () => {
    const before = pressed();
    const proposal = before.proposal("k40-e7");
    if (proposal === undefined) throw new Error("no card");
    const rig = new Rig({ exchange: before.exchange, config: UNDO });
    rig.ask({ type: "panic" }, BOB, true);
    rig.turn({ type: "proposalRestored", ...rig.exchange.times(), proposal });
    rig.boot();
    rig.pass(2_000);
    expect([rig.held(), rig.proposal("k40-e7")?.state]).toEqual([0, "expired"]);
  });
});
