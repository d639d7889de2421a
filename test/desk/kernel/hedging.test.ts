import { describe, expect, it } from "vitest";
import type { Actor, HedgeProposal } from "../../../src/core/proposal.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../../src/core/units.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { Exchange } from "../../support/exchange.ts";
import { CAROL, GRID, Rig } from "../../support/rig.ts";

const DAVE: Actor = { person: "dave", role: "risk", platform: "discord" };
const EVE: Actor = { person: "eve", role: "risk", platform: "telegram" };
const PEOPLE = {
  listed: [
    { name: "alice", role: "admin" },
    { name: "carol", role: "admin" },
    { name: "dave", role: "risk" },
    { name: "eve", role: "risk" },
    { name: "bob", role: "trader" },
  ],
} as const;
/** Bought at 500,000 and 499,000 and 498,000 with stops of 10 %. */
const LONG: GridParameters = {
  ...GRID,
  positionSide: "long",
  anchor: ticks(500_000),
  takeProfit: rate(1_000_000),
  stopLoss: rate(10_000_000),
  recovery: "none",
  waitMs: millis(1_000),
};

/** A grid of hedge mode that holds so many rungs, and the price below all of them. */
function fallen(rungs = 3, given: Partial<GridParameters> = {}, isHedge = true): Rig {
  const grid = { ...LONG, ordersMax: rungs, ...given, ...(isHedge ? {} : { positionSide: "both" as const }) };
  const rig = new Rig({
    exchange: new Exchange(isHedge),
    config: { grids: [grid], people: PEOPLE },
  }).boot();
  for (let n = 0; n < rungs; n += 1) {
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(3_000);
  }
  rig.quote(490_000);
  rig.pass(1_000);
  return rig;
}
let count = 0;
const id = () => `k${count}-e7`;
function ask(rig: Rig, percent = 100, actor: Actor = DAVE, engine = "grid1") {
  count += 1;
  return rig.ask(
    { type: "proposeHedge", proposalId: id(), engine, part: rate((ONE / 100) * percent) },
    actor,
  );
}
const cardOf = (rig: Rig) => rig.proposal(id()) as HedgeProposal;
const held = (rig: Rig) => [rig.exchange.books.long.lots, rig.exchange.books.short.lots];
const yes = (rig: Rig, actor: Actor = EVE) => rig.decide(id(), "k99-e7", "approve", actor);

describe("a hedge that somebody asks for", () => {
  it("lists the losing rungs, the deepest first, with what hedging them takes and changes", () => {
    const rig = fallen();
    expect(ask(rig)).toEqual({
      isOk: true,
      text: "The card is on every connected platform; another person with the role risk approves it.",
    });
    const { rungs, figures, left } = cardOf(rig).action;
    expect(rungs.map(({ lots: size, isStuck }) => [size, isStuck])).toEqual([
      [10, false],
      [10, false],
      [10, false],
    ]);
    expect(rungs.map(({ entry }) => entry)).toEqual(
      [...rungs.map(({ entry }) => entry)].sort((a, b) => b - a),
    );
    expect(figures).toMatchObject({ lots: 30, of: 30, netBefore: 30, netAfter: 0, otherBefore: "none" });
    expect(figures.margin).toBeGreaterThan(0);
    expect(figures.free).toBeGreaterThan(figures.margin);
    expect(left).toEqual([]);
    expect([held(rig), rig.facts("proposeHedge")]).toEqual([[30, 0], []]);
  });

  it("a yes of somebody else opens one beside each rung, and the card follows until all pairs stand", () => {
    const rig = fallen();
    ask(rig);
    expect(yes(rig)).toEqual({ isOk: true, text: "Approved; opening the hedges now." });
    rig.pass(5_000);
    expect(held(rig)).toEqual([30, -30]);
    expect(cardOf(rig)).toMatchObject({ state: "done" });
    expect(cardOf(rig).outcome).toMatch(/^(Rung -?\d+: the hedge stands(; )?){3}\.$/);
    expect(
      rig.exchange
        .open("stop")
        .map(({ facts }) => facts.positionSide)
        .sort(),
    ).toEqual(["long", "long", "long", "short", "short", "short"]);
    expect(ask(rig)?.text).toBe("No rung of grid1 loses: there is nothing to hedge.");
  });

  it.each([
    [100, 30],
    [67, 20],
    [66, 10],
    [1, 10],
  ])(
    "%s percent are whole rungs that come to %s lots: never more than asked for, and one at least",
    (percent, size) => {
      const rig = fallen();
      ask(rig, percent);
      expect(cardOf(rig).action.figures).toMatchObject({ lots: size, of: 30 });
      yes(rig);
      rig.pass(5_000);
      expect(held(rig)).toEqual([30, -size]);
    },
  );

  it("takes a second person with the role risk where there is one, and the role itself", () => {
    const rig = fallen();
    for (const [actor, text] of [
      [DAVE, "You asked for it: another person with the role risk must approve it. Nothing was done."],
      [
        { ...DAVE, person: "bob", role: "trader" } as const,
        "Approving this needs the role risk; you are trader. Nothing was done.",
      ],
      [{ ...EVE, barred: "Wrong codes. Nothing was done." }, "Wrong codes. Nothing was done."],
    ] as const) {
      ask(rig);
      expect(yes(rig, actor)).toEqual({ isOk: false, text });
    }
    rig.pass(5_000);
    expect(held(rig)).toEqual([30, 0]);
    ask(rig);
    expect(yes(rig, CAROL)?.isOk).toBe(true);
  });

  it("is refused with the reason in one-way mode, without a loss, without room, while one is asked, and of no engine", () => {
    const oneWay = fallen(1, {}, false);
    expect(ask(oneWay)?.text).toBe("Nothing is hedged: a hedge needs the account in hedge mode.");
    const rig = fallen(1);
    ask(rig);
    const open = id();
    expect(ask(rig)?.text).toBe(`The card ${open} asks about grid1 already; decide there.`);
    const winning = fallen(1);
    winning.quote(500_500);
    winning.pass(1_000);
    expect(ask(winning)?.text).toBe("No rung of grid1 loses: there is nothing to hedge.");
    expect(ask(rig, 100, DAVE, "grid9")?.text).toBe('There is no engine "grid9"; use one of grid1.');
    const narrow = fallen(3, { purse: value(2_000 * ONE), quantity: lots(10), leverage: 1 });
    expect(ask(narrow)?.text).toMatch(
      /^Nothing is hedged: the purse has no room for all of it: it takes .* USDT, .* USDT is free; ask for a smaller part\.$/,
    );
    expect(ask(narrow, 34)?.isOk).toBe(true);
    const emergency = fallen(1);
    emergency.ask({ type: "setRiskState", state: "emergency" });
    expect(ask(emergency)?.text).toContain("the guard refuses it (emergency)");
  });

  it("is looked at again when somebody approves: a rung that closed, a price that moved, another risk state", () => {
    const gone = fallen();
    ask(gone);
    gone.quote(497_500);
    gone.pass(1_000);
    expect(yes(gone)?.isOk).toBe(false);
    expect([held(gone)[1], cardOf(gone).state]).toEqual([0, "superseded"]);
    const replaced = gone.proposal("k99-e7");
    expect(replaced).toMatchObject({ state: "pending", supersedes: id(), action: { type: "hedge" } });
    const fewer = fallen();
    ask(fewer);
    fewer.quote(499_300);
    fewer.pass(1_000);
    expect(yes(fewer)?.text).toMatch(/^Not hedged: rung -?\d+ is not as it was when the card was made\. /);
    const calm = fallen();
    ask(calm);
    calm.quote(510_000);
    calm.pass(1_000);
    expect(yes(calm)).toEqual({
      isOk: false,
      text: "Not hedged: No rung of grid1 loses: there is nothing to hedge.",
    });
    expect(cardOf(calm).state).toBe("failed");
  });

  it("rejected, out of time, or with a restart in between nothing is sent", () => {
    const rejected = fallen(1);
    ask(rejected);
    rejected.decide(id(), "k99-e7", "reject", EVE);
    expect(cardOf(rejected).state).toBe("rejected");
    const late = fallen(1);
    ask(late);
    late.pass(121_000);
    expect(cardOf(late).state).toBe("expired");
    const rig = fallen(1);
    ask(rig);
    const pending = cardOf(rig);
    const after = new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch: 8, nonce: "abcd" } });
    after.feed({
      type: "proposalRestored",
      ...rig.exchange.times(),
      proposal: { ...pending, state: "claimed" },
    });
    after.boot();
    expect([after.proposal(id())?.state, after.proposal(id())?.outcome]).toEqual([
      "failed",
      "The desk restarted before it was done; hedges that were sent go on, and /grid shows them.",
    ]);
    expect([held(rejected), held(late), held(after)].map(([, short]) => short)).toEqual([0, 0, 0]);
  });
});
