import { describe, expect, it } from "vitest";
import { explained } from "../../../src/core/book.ts";
import type { AddMarginAction, MarginWish } from "../../../src/core/margin-action.ts";
import type { Actor, MarginProposal } from "../../../src/core/proposal.ts";
import { ONE, value } from "../../../src/core/units.ts";
import { viewOf } from "../../../src/desk/view.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { Exchange } from "../../support/exchange.ts";
import { BOB, CAROL, GRID, Rig, readingFrom } from "../../support/rig.ts";

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
const answer = (rig: Rig, status: "added" | "refused" | "unknown", isRead = true) =>
  rig.feed({ type: "marginAnswered", ...rig.exchange.times(), account: "main", id: id(), status, isRead });
const counted = (rig: Rig) => rig.state.facts.margins.of("grid1");

describe("margin that a person adds", () => {
  it("shows what stands behind the position and where its liquidation goes, and is asked for once after a yes", () => {
    const rig = holding();
    expect(ask(rig, 20)).toMatchObject({ isOk: true });
    const { behind, liquidationBefore, liquidationAfter, purses, free } = figures(rig);
    expect([behind, free ?? 0].every((each) => each > 0)).toBe(true);
    expect(Number(liquidationAfter)).toBeLessThan(Number(liquidationBefore));
    expect(purses).toMatchObject([{ engine: "grid1", part: USDT(20) }]);
    expect([asked(rig), counted(rig)]).toEqual([[], 0]);
    expect(yes(rig)).toEqual({ isOk: true, text: "Approved; adding the margin now." });
    expect(asked(rig)).toMatchObject([{ id: id(), amount: USDT(20), positionSide: "both" }]);
    expect([counted(rig), cardOf(rig).state]).toEqual([USDT(20), "executing"]);
    answer(rig, "added");
    expect(cardOf(rig).state).toBe("done");
    answer(rig, "refused", false);
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
    answer(rig, "added");
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

  /** The exchange tells what stands behind it; it is asked to add 20 and has not answered. */
  function underWay(): Rig {
    const rig = holding();
    rig.exchange.isolated = 250 * ONE;
    rig.feed(rig.exchange.exposure());
    ask(rig, 20);
    yes(rig);
    return rig;
  }
  /** The take profit fills, and the exchange tells what is held now. */
  const sell = (rig: Rig): void => {
    const [profit] = rig.exchange.open("takeProfit");
    if (profit === undefined) throw new Error("no take profit rests");
    rig.feed(...rig.exchange.fill(profit));
    rig.feed(readingFrom(rig, rig.exchange.wallAt));
  };

  it.each([
    [270, true, "done", "Its answer was lost, and the margin is there. 270.00 USDT stand behind"],
    [250, true, "failed", "Whether it was added is not known (no reason given). 250.00 USDT stand behind"],
    [270, false, "failed", "Whether it was added is not known (no reason given). /margin shows"],
  ] as const)(
    "whose answer is lost is judged by what stands behind the same size (%s, %s)",
    (now, isRead, state, text) => {
      const rig = underWay();
      rig.exchange.isolated = now * ONE;
      rig.feed(rig.exchange.exposure());
      answer(rig, "unknown", isRead);
      expect([cardOf(rig).state, cardOf(rig).outcome, counted(rig)]).toEqual([
        state,
        expect.stringContaining(text),
        USDT(20),
      ]);
    },
  );

  it("whose answer is lost is not taken for added when an entry brought its own margin", () => {
    const rig = underWay();
    rig.pass(2_000);
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
    rig.exchange.isolated = 500 * ONE;
    rig.feed(rig.exchange.exposure());
    answer(rig, "unknown");
    expect(cardOf(rig).outcome).toContain("is not known");
  });

  it("whose figures could not be read after it was added says nothing of what stands", () => {
    const rig = underWay();
    answer(rig, "added", false);
    expect(cardOf(rig).outcome).toBe("It was added. /margin shows what stands behind it.");
  });

  it("keeps its purse while its request is under way, and while lists of a start are cut short", () => {
    const rig = underWay();
    rig.ask({ type: "pause" });
    sell(rig);
    expect(counted(rig)).toBe(USDT(20));
    answer(rig, "refused", false);
    expect(counted(rig)).toBe(0);
    const first = underWay();
    answer(first, "added");
    const { exchange } = first;
    const second = new Rig({ exchange, config: { grids: [THREE], epoch: 8, nonce: "abcd" } });
    const parts = [["grid1", USDT(20)]] as const;
    const request = { type: "marginCounted", instrument: "BTCUSDT", positionSide: "both", parts } as const;
    second.ask(request, ALICE, true);
    const cut = () => {
      exchange.wallAt += 500;
      const event = readingFrom(second, exchange.wallAt);
      return { ...event, truth: { ...event.truth, fills: [], history: [], openOrders: [] } };
    };
    second.feed(...exchange.quotes(), cut(), cut(), cut());
    expect([second.held(), counted(second)]).toEqual([0, USDT(20)]);
    second.pass(20_000);
    expect([second.held(), counted(second)]).toEqual([10, USDT(20)]);
    second.ask({ type: "pause" });
    sell(second);
    expect(counted(second)).toBe(0);
  });

  it("keeps its purse while something foreign holds the rest of the position", () => {
    const rig = underWay();
    answer(rig, "added");
    rig.ask({ type: "pause" });
    rig.feed(...rig.exchange.trade("buy", 5));
    rig.pass(3_000);
    sell(rig);
    expect([rig.held(), rig.book().foreign.lots, counted(rig)]).toEqual([0, 5, USDT(20)]);
    rig.feed(...rig.exchange.trade("sell", 5));
    rig.pass(3_000);
    rig.feed(readingFrom(rig, rig.exchange.wallAt));
    expect(counted(rig)).toBe(0);
  });

  it("still counts for the liquidation when a part of the position was closed and nothing was read since", () => {
    const rig = underWay();
    rig.exchange.isolated = 450 * ONE;
    rig.feed(rig.exchange.exposure());
    answer(rig, "added");
    const away = () => viewOf(rig.state).books.find(({ lots }) => lots !== 0)?.liquidation ?? 0;
    const before = away();
    expect(before).toBeLessThan(100_000);
    const [profit] = rig.exchange.open("takeProfit");
    if (profit === undefined) throw new Error("no take profit rests");
    rig.feed(...rig.exchange.fill(profit, 2));
    expect(explained(rig.book())).toBe(8);
    expect(Math.abs(away() - before)).toBeLessThan(500);
  });

  it("is not added in Shutdown, nor while the position is being closed", () => {
    const rig = holding();
    rig.propose("k77-e7");
    rig.isInstant = false;
    rig.decide("k77-e7", "k97-e7", "approve", CAROL);
    expect(ask(rig, 5)?.text).toBe("BTCUSDT is being closed just now.");
    const shut = holding();
    shut.ask({ type: "setRiskState", state: "shutdown" }, CAROL);
    expect(ask(shut, 5)?.text).toBe("The desk is in Shutdown and closes what its engines hold.");
  });

  it("names the side in hedge mode", () => {
    const grids = [{ ...THREE, positionSide: "long" as const }];
    const rig = new Rig({ exchange: new Exchange(true), config: { grids } }).boot();
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(500);
    expect(ask(rig, 5, { positionSide: "short" })?.text).toBe("Nothing of ours is held short in BTCUSDT.");
    expect(ask(rig, 5, { positionSide: "long" })).toMatchObject({ isOk: true });
    expect(yes(rig)?.isOk).toBe(true);
    expect(asked(rig)).toMatchObject([{ positionSide: "long" }]);
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
    sell(rig);
    expect(counted(rig)).toBe(0);
    expect(rig.facts("marginCounted")).toHaveLength(2);
  });
});
