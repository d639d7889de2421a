import { expect, test } from "vitest";
import { cardReply } from "../../src/chat/cards.ts";
import type { HedgeAction } from "../../src/core/hedge-action.ts";
import type { HedgeProposal } from "../../src/core/proposal.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import { bitcoin, NOON } from "./desk.ts";

const ACTION: HedgeAction = {
  type: "hedge",
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "long",
  engine: "grid1",
  part: rate(ONE / 2),
  rungs: [
    { rung: 4, lots: lots(10), entry: ticks(971_234), loss: rate(2_100_000), isStuck: true },
    { rung: 3, lots: lots(10), entry: ticks(969_000), loss: rate(1_900_000), isStuck: false },
  ],
  figures: {
    mark: ticks(950_000),
    riskState: "monitoring",
    lots: lots(20),
    of: lots(50),
    price: ticks(945_250),
    netBefore: lots(50),
    netAfter: lots(30),
    margin: value(945 * ONE),
    free: value(2_000 * ONE),
    funding: value(19_000_000),
    ownDistance: rate((3 * ONE) / 10),
    otherBefore: "none",
    otherAfter: undefined,
  },
  left: ["Rung 2 is not hedged: the card r1-e7 asks about it already."],
};
const CARD: HedgeProposal = {
  id: "k1-e7",
  action: ACTION,
  askedBy: { person: "alice", role: "risk", platform: "telegram" },
  createdWallAt: millis(NOON),
  expiresWallAt: millis(NOON + 120_000),
  state: "pending",
};
const card = (changes: Partial<HedgeProposal> = {}, token?: string) =>
  cardReply({ ...CARD, ...changes }, bitcoin, token, NOON);

test("a card of hedges names the rungs and says what they take and change, before and after", () => {
  const { title, lines, fields, buttons } = card({}, "t".repeat(22));
  expect([title, buttons?.flat().length]).toEqual(["Hedge 2 rungs of grid1?", 2]);
  expect(lines?.slice(0, 4)).toEqual([
    "Rung 4: 0.010 BTC from 97,123.4, 2.10% lost, stuck.",
    "Rung 3: 0.010 BTC from 96,900.0, 1.90% lost.",
    "Whole rungs alone are hedged: 40% of what loses, 50% was asked for.",
    "Rung 2 is not hedged: the card r1-e7 asks about it already.",
  ]);
  expect(lines?.at(-1)).toContain("somebody with the role risk other than alice may approve it");
  expect(fields).toEqual([
    { label: "Hedge", text: "sells 0.020 BTC at 94,525.0 or better (mark 95,000.0)" },
    { label: "Net position", text: "0.050 BTC long -> 0.030 BTC long" },
    { label: "Extra margin", text: "945.00 USDT of 2,000.00 USDT that is free in the purse" },
    {
      label: "Funding",
      text: "+0.1900 USDT at each payment (every 8 h on most symbols), at the present rate",
    },
    { label: "Liquidation of the rungs", text: "30.0% away, and not moved by it" },
    { label: "Liquidation of the hedges", text: "none -> unknown away" },
  ]);
});

test("a long list is cut, and says how much is left out", () => {
  const rungs = Array.from({ length: 30 }, (_, rung) => ({
    rung,
    lots: lots(10),
    entry: ticks(971_234),
    loss: rate(2_100_000),
    isStuck: false,
  }));
  const { lines = [] } = card({ action: { ...ACTION, rungs } });
  expect(lines.filter((line) => /^Rung \d+: /.test(line))).toHaveLength(8);
  expect(lines).toContain("And 22 more rungs.");
});

test("it says how far it is, and what came of it", () => {
  expect(card({ state: "executing", progress: ["Rung 4: the hedge stands"] }).lines?.at(-1)).toBe(
    "Rung 4: the hedge stands",
  );
  expect(card({ state: "rejected", decision: "reject" }).lines?.at(-1)).toBe("Nothing was sent.");
  expect(card({ state: "expired" }).lines?.[0]).toContain("Nothing was sent.");
  expect(card({ state: "claimed" }).title).toBe("Hedge 2 rungs of grid1: decided");
  expect(card({ state: "done", outcome: "Rung 4: the hedge stands." }).lines?.at(-1)).toBe(
    "Rung 4: the hedge stands.",
  );
});
