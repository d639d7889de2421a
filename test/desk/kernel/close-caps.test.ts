import { describe, expect, it } from "vitest";
import type { Actor, BasketAction, CloseAction } from "../../../src/core/proposal.ts";
import { lots, ONE, rate, value } from "../../../src/core/units.ts";
import { LINEAR } from "../../support/instruments.ts";
import { BOB, Rig } from "../../support/rig.ts";

const DANA: Actor = { person: "dana", role: "risk", platform: "telegram" };
const EVE: Actor = { person: "eve", role: "risk", platform: "discord" };

/** Two rungs of 10 lots held; besides bob the desk knows these people. */
function busy(changes: Partial<Rig["config"]["proposals"]> = {}, others: readonly Actor[] = [DANA]): Rig {
  const proposals = { ...new Rig().config.proposals, ...changes };
  const listed = [BOB, ...others].map(({ person, role }) => ({ name: person, role }));
  const rig = new Rig({ config: { proposals, people: { listed } } }).boot();
  for (let rung = 0; rung < 2; rung += 1) {
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.exchange.bid = entry.facts.price ?? 0;
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(1_500);
  }
  expect(rig.held()).toBe(20);
  return rig;
}
const closeOf = (rig: Rig, id: string): CloseAction | undefined => {
  const action = rig.proposal(id)?.action;
  return action?.type === "close" ? action : undefined;
};
const closed = (rig: Rig) =>
  rig.sent.filter(({ role }) => role === "close").reduce((sum, each) => sum + each.lots, 0);

describe("a close of an amount", () => {
  it("closes just that much, and does not pause; all of it pauses, as a whole close does", () => {
    const rig = busy();
    expect(rig.propose("k1-e7", { lots: lots(7) }, BOB)?.isOk).toBe(true);
    expect(rig.proposal("k1-e7")?.quote?.lots).toBe(7);
    rig.decide("k1-e7");
    rig.pass(1_000);
    expect([rig.held(), rig.state.isPaused("grid1"), rig.proposal("k1-e7")?.state]).toEqual([
      13,
      false,
      "done",
    ]);
    const whole = busy();
    whole.propose("k1-e7", { lots: lots(20) }, BOB);
    whole.decide("k1-e7");
    whole.pass(1_000);
    expect([whole.held(), whole.state.isPaused("grid1")]).toEqual([0, true]);
  });

  it("more than there is is refused with how much there is", () => {
    const rig = busy();
    expect(rig.propose("k1-e7", { lots: lots(21) }, BOB)).toEqual({
      isOk: false,
      text: `0.021 BTC is more than the 0.020 of ours in ${LINEAR.id}; ask for less, or for all.`,
    });
  });

  it("when less is left by the tap, the new card asks for what is left, and nothing is closed before", () => {
    const rig = busy();
    rig.propose("k1-e7", { lots: lots(18) }, BOB);
    rig.feed(...rig.exchange.trade("sell", 10));
    rig.pass(2_500);
    expect(rig.decide("k1-e7")?.text).toBe(
      "Not executed: the position's size changed. Look at the new quote.",
    );
    expect([closeOf(rig, "k99-e7")?.lots, closed(rig)]).toEqual([10, 0]);
  });
});

describe("a close beyond what one person decides", () => {
  const overCap = { notional: value(900 * ONE), loss: value(1_000_000 * ONE) };

  it("takes another person with the role risk; neither the asker nor a trader approves it", () => {
    const rig = busy({ overCap }, [DANA, EVE]);
    rig.propose("k1-e7", {}, DANA);
    expect(closeOf(rig, "k1-e7")?.isOverCap).toBe(true);
    const { createdWallAt = 0, expiresWallAt = 0 } = rig.proposal("k1-e7") ?? {};
    expect(expiresWallAt - createdWallAt).toBe(120_000);
    expect(rig.decide("k1-e7", "k98-e7", "approve", DANA)).toEqual({
      isOk: false,
      text: "You asked for it: another person with the role risk must approve it. Nothing was done.",
    });
    rig.propose("k2-e7", {}, DANA);
    expect(rig.decide("k2-e7", "k98-e7", "approve", BOB)?.text).toBe(
      "Approving this needs the role risk; you are trader. Nothing was done.",
    );
    rig.propose("k3-e7", {}, DANA);
    expect(closed(rig)).toBe(0);
    expect(rig.decide("k3-e7", "k98-e7", "approve", EVE)?.isOk).toBe(true);
    rig.pass(1_000);
    expect(rig.held()).toBe(0);
  });

  it("one that is small enough is for anybody, and so is a part of it", () => {
    const rig = busy({ overCap }, [DANA, EVE]);
    rig.propose("k1-e7", { part: rate(ONE / 4) }, BOB);
    expect(closeOf(rig, "k1-e7")?.isOverCap).toBeUndefined();
    expect(rig.decide("k1-e7", "k98-e7", "approve", BOB)?.isOk).toBe(true);
  });

  it("a loss beyond the cap counts as well", () => {
    const rig = busy({ overCap: { notional: value(1_000_000 * ONE), loss: value(5 * ONE) } }, [DANA, EVE]);
    rig.propose("k1-e7", {}, BOB);
    expect(closeOf(rig, "k1-e7")?.isOverCap).toBeUndefined();
    rig.quote(Math.round(rig.exchange.mark * 0.985));
    rig.propose("k2-e7", {}, BOB);
    expect(closeOf(rig, "k2-e7")?.isOverCap).toBe(true);
  });

  it("with nobody else, a minute and a one-time code stand in for the second person", () => {
    const rig = busy({ overCap });
    rig.propose("k1-e7", {}, DANA);
    expect(rig.decide("k1-e7", "k98-e7", "approve", DANA)?.text).toMatch(
      /^There is no second person with the role risk: a minute stands in for one\. Approve again in 60 s\./,
    );
    rig.propose("k2-e7", {}, DANA);
    rig.propose("k3-e7", {}, DANA);
    rig.pass(61_000);
    expect(rig.decide("k2-e7", "k98-e7", "approve", DANA)?.text).toBe(
      "There is nobody else: your one-time code must come with the approval. Nothing was done.",
    );
    expect(closed(rig)).toBe(0);
    expect(rig.decide("k3-e7", "k98-e7", "approve", DANA, true)?.isOk).toBe(true);
  });

  it("where nobody has the role at all, traders approve for one another", () => {
    const rig = busy({ overCap }, []);
    rig.propose("k1-e7", {}, BOB);
    expect(rig.decide("k1-e7", "k98-e7", "approve", { ...BOB, person: "fay" })?.isOk).toBe(true);
  });

  it("a card that was small enough when it was made is quoted anew when it is not any more", () => {
    const rig = busy();
    rig.propose("k1-e7", {}, BOB);
    const worth = (rig.proposal("k1-e7")?.quote?.expectedFill ?? 0) * 20 * LINEAR.unit;
    const near = busy({ overCap: { notional: value(worth + 1), loss: value(1_000_000 * ONE) } });
    near.propose("k1-e7", {}, BOB);
    near.quote(near.exchange.mark + 20);
    expect(near.decide("k1-e7", "k98-e7")?.text).toBe(
      "Not executed: it is beyond the cap for one person now. Look at the new quote.",
    );
    expect([closeOf(near, "k98-e7")?.isOverCap, closed(near)]).toEqual([true, 0]);
  });
});

const LIST: BasketAction = {
  type: "basket",
  account: "main",
  what: "losers",
  includesForeign: false,
  parts: [],
  unquoted: [],
  tap: "last",
  ids: ["k21-e7", "k22-e7"],
};
const list = (rig: Rig, given: Partial<BasketAction> = {}, actor = DANA, id = "k20-e7") =>
  rig.ask({ type: "propose", proposalId: id, action: { ...LIST, ...given } }, actor);

describe("all that loses, or gains", () => {
  it("is listed with its figures; approved by another person all of it is closed and its engines pause", () => {
    const rig = busy({}, [DANA, EVE]);
    rig.quote(Math.round(rig.exchange.mark * 0.99));
    expect(list(rig)).toMatchObject({ isOk: true });
    const action = rig.proposal("k20-e7")?.action;
    expect(action).toMatchObject({ parts: [{ id: "k21-e7", quote: { lots: 20, side: "sell" } }] });
    expect(rig.decide("k20-e7", "k98-e7", "approve", DANA)?.isOk).toBe(false);
    list(rig, { ids: ["k32-e7"] }, DANA, "k31-e7");
    expect(rig.decide("k31-e7", "k98-e7", "approve", EVE)).toEqual({
      isOk: true,
      text: "Approved; closing now.",
    });
    rig.pass(1_000);
    expect([rig.held(), rig.state.isPaused("grid1"), rig.proposal("k31-e7")?.state]).toEqual([
      0,
      true,
      "done",
    ]);
    expect(rig.proposal("k31-e7")?.outcome).toMatch(/^BTCUSDT: Closed 0\.020 BTC at .* The book is flat\.$/);
  });

  it("where nobody else has the role whoever asked approves, at once", () => {
    const rig = busy();
    rig.quote(Math.round(rig.exchange.mark * 0.99));
    list(rig);
    expect(rig.decide("k20-e7", "k98-e7", "approve", DANA)?.isOk).toBe(true);
  });

  it("leaves out what gains, and what does not lose enough", () => {
    const rig = busy();
    rig.quote(Math.round(rig.exchange.mark * 0.99));
    expect(list(rig, { what: "winners" })).toEqual({ isOk: false, text: "Nothing of ours gains just now." });
    expect(list(rig, { least: rate(5_000_000) })).toEqual({
      isOk: false,
      text: "Nothing of ours loses by 5.00% or more just now.",
    });
    rig.quote(Math.round(rig.exchange.mark * 1.02));
    expect(list(rig)).toEqual({ isOk: false, text: "Nothing of ours loses just now." });
    expect(list(rig, { what: "winners", least: rate(500_000) })?.isOk).toBe(true);
  });

  it("is frozen: what changed is quoted anew under a new token, and what is gone is not on the new card", () => {
    const rig = busy();
    rig.quote(Math.round(rig.exchange.mark * 0.99));
    list(rig);
    rig.feed(...rig.exchange.trade("sell", 5));
    rig.pass(2_500);
    expect(rig.decide("k20-e7", "k98-e7", "approve", DANA)?.text).toContain("the position's size changed");
    expect(rig.proposal("k98-e7")?.action).toMatchObject({ parts: [{ quote: { lots: 15 } }] });
    expect(closed(rig)).toBe(0);
    rig.feed(...rig.exchange.trade("sell", 15));
    rig.pass(2_500);
    expect(rig.decide("k98-e7", "k97-e7", "approve", DANA)?.text).toContain("Nothing of the list is left;");
    expect([rig.proposal("k98-e7")?.state, rig.proposal("k97-e7"), closed(rig)]).toEqual([
      "failed",
      undefined,
      0,
    ]);
  });

  it.each([
    ["losers", 0.99, 1.02, "loses"],
    ["winners", 1.02, 0.97, "gains"],
  ] as const)("of %s what is none any more is not on the new card", (what, then, now, verb) => {
    const rig = busy();
    const { mark } = rig.exchange;
    rig.quote(Math.round(mark * then));
    list(rig, { what });
    rig.quote(Math.round(mark * now));
    const text = rig.decide("k20-e7", "k98-e7", "approve", DANA)?.text;
    expect(text).toBe(
      `Not executed: BTCUSDT: the price moved. BTCUSDT ${verb} no more. Nothing of the list is left; /close_${what} asks again.`,
    );
    expect(rig.proposal("k20-e7")).toMatchObject({ state: "failed", outcome: text });
    expect([rig.proposal("k98-e7"), closed(rig)]).toEqual([undefined, 0]);
  });

  it("of losers one that loses less, though not as much as was asked, is on the new card", () => {
    const rig = busy();
    const { mark } = rig.exchange;
    rig.quote(Math.round(mark * 0.97));
    list(rig, { least: rate(2_000_000) });
    rig.quote(Math.round(mark * 0.99));
    expect(rig.decide("k20-e7", "k98-e7", "approve", DANA)?.text).toContain("Look at the new quote.");
    expect(rig.proposal("k98-e7")?.action).toMatchObject({ parts: [{ quote: { lots: 20 } }] });
  });

  it("after a restart it is judged by the orders that carry its parts' ids", () => {
    const before = busy();
    before.quote(Math.round(before.exchange.mark * 0.99));
    list(before);
    before.decide("k20-e7", "k98-e7", "approve", DANA);
    before.pass(500);
    const proposal = before.proposal("k20-e7");
    if (proposal === undefined) throw new Error("no card");
    const rig = new Rig({ exchange: before.exchange, config: { epoch: 8, nonce: "abcd" } });
    rig.turn({
      type: "proposalRestored",
      ...rig.exchange.times(),
      proposal: { ...proposal, state: "executing" },
    });
    rig.boot();
    expect(rig.proposal("k20-e7")).toMatchObject({ state: "done" });
    expect(rig.proposal("k20-e7")?.outcome).toContain(
      "The desk restarted while it ran. BTCUSDT: Closed 0.020 BTC",
    );
  });
});
