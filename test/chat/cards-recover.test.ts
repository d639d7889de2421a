import { describe, expect, test } from "vitest";
import { cardReply } from "../../src/chat/cards.ts";
import { chosenText } from "../../src/chat/cards-recover.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { readTap, TAP_BYTES_MAX, tapText } from "../../src/chat/tap.ts";
import { typedWays, wayOf } from "../../src/chat/ways.ts";
import { DESK, type PricedProposal, type RecoverAction } from "../../src/core/proposal.ts";
import { lots, millis, ticks, value } from "../../src/core/units.ts";
import { alice, bitcoin, NOON, proposal, STUCK } from "./desk.ts";

const TOKEN = "A".repeat(43);

function card(changes: Partial<PricedProposal> = {}, action: Partial<RecoverAction> = {}): PricedProposal {
  const { quote } = proposal();
  return proposal({
    id: "r1-e7",
    askedBy: DESK,
    action: { ...STUCK, ...action },
    quote: { ...quote, entryPrice: ticks(1_000_000), realized: value(-2_801_000_000) },
    expiresWallAt: millis(NOON + 600_000),
    ...changes,
  });
}
const read = ({ title, lines = [], fields = [], footer = "" }: Reply): string[] => [
  title,
  ...lines,
  ...fields.map(({ label, text }) => `${label}: ${text}`),
  footer,
];
const labels = ({ buttons = [] }: Reply): string[][] => buttons.map((row) => row.map(({ label }) => label));

describe("a card about a stuck rung", () => {
  test("says what is stuck, since when, how far away, at what loss, and what each way costs or does", () => {
    const reply = cardReply(card(), bitcoin, TOKEN, NOON + 10_000);
    expect(read(reply)).toEqual([
      "Stuck: rung 3 of grid-btc, BTCUSDT long?",
      "The ladder was tried once and did not fill.",
      "Until 14:13:20 UTC (9 min 50 s) anyone with the role trader may decide, on a hedge with the role risk; then the ladder is placed.",
      "Position: 0.010 BTC long, entry 100,000.0, isolated",
      "Stuck since: 2026-05-02 12:02 UTC, for 2 h 1 min of market time",
      "Distance: mark 97,200.0, 2.80% below its entry",
      "Loss now: -28.01 USDT",
      "Force close: sells 0.010 BTC at about 97,199.0: realizes -28.01 USDT, fee 0.4860 USDT; margin ratio 0.40% -> 0.00%",
      "Ladder again: a third each rests 1.5, 3 and 4.5% from the price towards the exit; costs nothing until they fill",
      "Hedge: opens as much on the other side: the loss stands still, both legs take margin, fees and funding",
      "Wait: nothing is sent; you are asked again when it is still stuck in 2 h",
      "Card r1-e7, asked by the desk at 14:03:20 UTC",
    ]);
    expect(labels(reply)).toEqual([["Force close", "Ladder again", "Hedge"], ["Wait"]]);
  });

  test("a hedge as the only way: a no is what the card declared, on its button and in what is typed", () => {
    const hedge = { ways: ["hedge"], fallback: "ladder" } as const;
    const reply = cardReply(card({}, hedge), bitcoin, TOKEN, NOON);
    expect(labels(reply)).toEqual([["Hedge"], ["Ladder instead"]]);
    expect(read(reply)).toContain(
      "Ladder instead: the ladder is placed: a third each rests 1.5, 3 and 4.5% from the price towards the exit",
    );
    const { action } = card({}, hedge);
    if (action.type !== "recover") throw new Error("no recovery");
    expect([typedWays(action), chosenText("reject", action), chosenText("hedge", action)]).toEqual([
      ["hedge"],
      "Ladder instead chosen",
      "Hedge chosen",
    ]);
  });

  test("offers a hedge only where the engine does, and names each default", () => {
    const ways = ["aggressive", "ladder"] as const;
    expect(labels(cardReply(card({}, { ways }), bitcoin, TOKEN, NOON))).toEqual([
      ["Force close", "Ladder again"],
      ["Wait"],
    ]);
    const ends = (["aggressive", "ladder", "wait", "hedge"] as const).map(
      (fallback) => cardReply(card({}, { fallback }), bitcoin, TOKEN, NOON).lines?.at(-1)?.split("; ")[1],
    );
    expect(ends).toEqual([
      "then it is closed at the market.",
      "then the ladder is placed.",
      "then the desk waits and changes nothing.",
      "then the desk waits and changes nothing.",
    ]);
  });

  test("every button fits both platforms and reads back as its decision", () => {
    const reply = cardReply(card(), bitcoin, TOKEN, NOON);
    const taps = (reply.buttons ?? []).flat().map(({ action }) => tapText(action) ?? "");
    expect(taps.every((tap) => tap !== "" && Buffer.byteLength(tap) <= TAP_BYTES_MAX)).toBe(true);
    expect(taps.map(readTap)).toEqual(
      ["aggressive", "ladder", "hedge", "reject"].map((decision) => ({
        type: "decide",
        decision,
        token: TOKEN,
      })),
    );
    expect(readTap(`v1:z:${TOKEN}`)).toBeUndefined();
  });

  test("after the decision it says who, where, when and what came of it", () => {
    const decided = { decidedBy: alice("discord"), decidedWallAt: millis(NOON + 5_000) } as const;
    const lines = (changes: Partial<PricedProposal>): string[] =>
      read(cardReply(card({ ...decided, ...changes }), bitcoin, undefined, NOON)).slice(0, -1);
    expect(lines({ state: "executing", decision: "ladder" })).toEqual([
      "Stuck: rung 3 of grid-btc, BTCUSDT long: decided",
      "Ladder again chosen by alice on Discord at 14:03:25 UTC.",
      "Orders are out.",
    ]);
    const outcome = "The ladder rests: 0.010 at 98658.0 (BTC).";
    expect(lines({ state: "done", decision: "ladder", outcome })).toEqual([
      "Stuck: rung 3 of grid-btc, BTCUSDT long: done",
      "Ladder again chosen by alice on Discord at 14:03:25 UTC.",
      outcome,
    ]);
    // A no to a hedge lays a ladder: the card says what the desk says.
    const laid = "The hedge is refused; a ladder is laid.";
    expect(lines({ state: "rejected", decision: "reject", outcome: laid })).toEqual([
      "Stuck: rung 3 of grid-btc, BTCUSDT long: rejected",
      "Wait chosen by alice on Discord at 14:03:25 UTC.",
      laid,
    ]);
    const filled = { executedLots: lots(10), executedCost: value(971_990 * 10 * bitcoin.unit) };
    expect(lines({ state: "done", decision: "aggressive", outcome: "Closed.", ...filled })).toContain(
      "Average fill: 97,199.0 (shown 97,199.0)",
    );
  });

  test("a deadline that passed: the desk did what it had said, or waits", () => {
    const done = card({
      state: "done",
      decision: "ladder",
      decidedWallAt: millis(NOON + 600_000),
      outcome: "It rests.",
    });
    expect(cardReply(done, bitcoin, undefined, NOON).lines).toEqual([
      "Ladder again chosen by the desk at 14:13:20 UTC.",
      "It rests.",
    ]);
    const expired = card({ state: "expired", outcome: "The rung is not stuck any more." });
    expect(cardReply(expired, bitcoin, undefined, NOON).lines).toEqual([
      "The rung is not stuck any more.",
      "/stuck shows what is stuck.",
    ]);
  });

  test("typed ways: the words of the buttons, close or ladder or hedge or wait", () => {
    expect(typedWays(STUCK)).toEqual(["close", "ladder", "hedge", "wait"]);
    expect(["close", "Ladder", "hedge", "wait", "up"].map(wayOf)).toEqual([
      "aggressive",
      "ladder",
      "hedge",
      "reject",
      undefined,
    ]);
  });
});
