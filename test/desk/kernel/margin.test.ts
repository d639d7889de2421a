import { describe, expect, it } from "vitest";
import type { AddMarginAction, MarginWish } from "../../../src/core/margin-action.ts";
import type { Actor, MarginProposal } from "../../../src/core/proposal.ts";
import { ONE, value } from "../../../src/core/units.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { BOB, CAROL, GRID, Rig } from "../../support/rig.ts";

const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
const USDT = (amount: number) => value(Math.round(amount * ONE));
/** Rungs of 500 USDT each at 2x: with the fee to close it each takes 251 of the purse. */
const THREE: GridParameters = { ...GRID, ordersMax: 3 };

/** A grid that holds one rung. */
function holding(purse = 1_000): Rig {
  const rig = new Rig({ config: { grids: [{ ...THREE, purse: USDT(purse) }] } }).boot();
  const [entry] = rig.exchange.open("entry");
  if (entry === undefined) throw new Error("no entry rests");
  rig.feed(...rig.exchange.fill(entry));
  rig.pass(500);
  return rig;
}
let count = 0;
const id = () => `k${count}-e7`;
function ask(rig: Rig, amount: number, given: Partial<MarginWish> = {}, actor: Actor = ALICE) {
  count += 1;
  const wish = { instrument: "BTCUSDT", positionSide: undefined, amount: USDT(amount), ...given };
  return rig.ask({ type: "proposeMargin", proposalId: id(), ...wish }, actor);
}
const cardOf = (rig: Rig) => rig.proposal(id()) as MarginProposal;
const figures = (rig: Rig): AddMarginAction["figures"] => cardOf(rig).action.figures;
const yes = (rig: Rig, actor: Actor = CAROL) => rig.decide(id(), "k99-e7", "approve", actor);
const asked = (rig: Rig) => rig.effects.filter(({ type }) => type === "addMargin");
const counted = (rig: Rig) => rig.state.facts.margins.of("grid1");

describe("margin that a person adds", () => {
  it("shows what stands behind the position and where its liquidation goes, and is asked for once after a yes", () => {
    const rig = holding();
    expect(ask(rig, 20)).toMatchObject({ isOk: true });
    const { behind, liquidationBefore, liquidationAfter, purses, free } = figures(rig);
    expect([behind, free].every((each) => each > 0)).toBe(true);
    expect(Number(liquidationAfter)).toBeLessThan(Number(liquidationBefore));
    expect(purses).toMatchObject([{ engine: "grid1", part: USDT(20) }]);
    expect([asked(rig), counted(rig)]).toEqual([[], 0]);
    expect(yes(rig)).toEqual({ isOk: true, text: "Approved; adding the margin now." });
    expect(asked(rig)).toMatchObject([{ id: id(), amount: USDT(20), positionSide: "both" }]);
    expect([counted(rig), cardOf(rig).state]).toEqual([USDT(20), "executing"]);
    rig.feed({ type: "marginAnswered", ...rig.exchange.times(), account: "main", id: id(), status: "added" });
    expect(cardOf(rig).state).toBe("done");
    rig.feed({
      type: "marginAnswered",
      ...rig.exchange.times(),
      account: "main",
      id: id(),
      status: "refused",
    });
    expect([cardOf(rig).state, counted(rig)], "one answer counts").toEqual(["done", USDT(20)]);
  });

  it("counts against the purse: no entry takes the room, and no more is added than it has (X26)", () => {
    const rig = holding(800);
    ask(rig, 1);
    const [purse] = figures(rig).purses;
    const room = (purse?.cap ?? 0) - (purse?.used ?? 0);
    rig.decide(id(), "k98-e7", "reject", CAROL);
    expect(ask(rig, (room + 1) / ONE)?.text).toMatch(
      /^grid1's purse is 800\.00 USDT and [\d.]+ USDT of it is used: [\d.]+ USDT more goes beyond it\./,
    );
    expect(ask(rig, room / ONE)).toMatchObject({ isOk: true });
    yes(rig);
    rig.feed({ type: "marginAnswered", ...rig.exchange.times(), account: "main", id: id(), status: "added" });
    const entriesAfter = (of: Rig) => {
      const [entry] = of.exchange.open("entry");
      if (entry === undefined) throw new Error("no entry rests");
      of.feed(...of.exchange.fill(entry));
      of.pass(10_000);
      return of.exchange.open("entry").length;
    };
    expect([entriesAfter(rig), entriesAfter(holding(800))]).toEqual([0, 1]);
    expect(rig.effects).toContainEqual(expect.objectContaining({ type: "refused", reason: "purse" }));
  });

  it.each([
    ["no amount", 0, {}, /^The amount must be above 0/],
    ["less than nothing", -5, {}, /^The amount must be above 0/],
    ["a symbol of nobody", 5, { instrument: "ETHUSDT" }, /^ETHUSDT is not an instrument of this desk/],
    ["the other side", 5, { positionSide: "short" }, /^Nothing of ours is held short in BTCUSDT/],
    ["more than there is", 1_000_000, {}, /is more than the [\d.]+ USDT that the account has free/],
  ] as const)("is refused with a sentence: %s", (_what, amount, given, text) => {
    const rig = holding();
    const outcome = ask(rig, amount, given);
    expect([outcome?.isOk, outcome?.text]).toEqual([false, expect.stringMatching(text)]);
    expect(rig.proposal(id())).toBeUndefined();
  });

  it("is refused where nothing is held, and where the whole wallet stands behind it", () => {
    const flat = new Rig({ config: { grids: [THREE] } }).boot();
    expect(ask(flat, 5)?.text).toBe("Nothing of ours is held in BTCUSDT.");
    const rig = holding();
    rig.exchange.marginMode = "cross";
    rig.feed(rig.exchange.exposure());
    expect(ask(rig, 5)?.text).toMatch(/^BTCUSDT is held with cross margin/);
  });

  it.each([
    ["the price moved", (rig: Rig) => rig.quote(rig.exchange.mark + 5_000), "the price moved."],
    [
      "the position is another one",
      (rig: Rig) => {
        rig.feed(...rig.exchange.trade("sell", 2));
        rig.pass(3_000);
      },
      "the position is not as it was when the card was made.",
    ],
    [
      "its margin is another one",
      (rig: Rig) => {
        rig.exchange.isolated = 170 * ONE;
        rig.feed(rig.exchange.exposure());
      },
      "its margin is not as it was when the card was made.",
    ],
  ])("is asked again with new figures: %s", (_what, change, reason) => {
    const rig = holding();
    ask(rig, 20);
    change(rig);
    expect(yes(rig)).toEqual({ isOk: false, text: `Not added: ${reason} Look at the new card.` });
    expect([asked(rig), counted(rig), rig.proposal("k99-e7")?.state]).toEqual([[], 0, "pending"]);
    expect(cardOf(rig)).toMatchObject({ state: "superseded", supersededBy: "k99-e7" });
  });

  it("is not added when the market data is too old, and needs the role risk", () => {
    const rig = holding();
    ask(rig, 20);
    expect(yes(rig, BOB)?.text).toMatch(/role risk/);
    ask(rig, 20);
    rig.exchange.wallAt += 6_000;
    expect(yes(rig)?.text).toMatch(/^Not added: the market data is too old/);
    expect(asked(rig)).toEqual([]);
  });

  it("has one card a position, ends when nobody answers, and its purse is free when all is closed", () => {
    const rig = holding();
    ask(rig, 20);
    const first = id();
    expect(ask(rig, 30)?.text).toBe(`The card ${first} asks about BTCUSDT already; decide there.`);
    count -= 1;
    yes(rig);
    rig.pass(31_000);
    expect([cardOf(rig).state, counted(rig)]).toEqual(["failed", USDT(20)]);
    rig.ask({ type: "pause" });
    const [profit] = rig.exchange.open("takeProfit");
    if (profit === undefined) throw new Error("no take profit rests");
    rig.feed(...rig.exchange.fill(profit));
    expect(counted(rig)).toBe(0);
    expect(rig.facts("marginCounted")).toHaveLength(2);
  });
});
