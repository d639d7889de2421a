import { describe, expect, it } from "vitest";
import { Rig, readingFrom } from "../../support/rig.ts";

const entries = (rig: Rig) => rig.sent.filter(({ role }) => role === "entry");

/** What is written of people and beginnings; of its own risk the desk writes as well. */
const factsOf = (rig: Rig): readonly string[] =>
  rig.effects.flatMap((effect) =>
    effect.type === "fact" && !effect.kind.startsWith("risk") ? [effect.kind] : [],
  );

describe("a ledger that can't be trusted", () => {
  it("starts reducers-only when the ledger is broken, or empty beside orders of ours, until an admin resumes", () => {
    const rig = new Rig({ config: { ledger: "broken" } }).boot();
    expect(entries(rig)).toEqual([]);
    expect(rig.state.blocks()).toEqual(["the ledger is missing or broken; an admin must /resume"]);
    const refused = rig.ask({ type: "resume" }, { person: "bob", role: "trader", platform: "discord" });
    expect(refused).toEqual({
      isOk: false,
      text: "The ledger is missing or broken: only an admin can resume.",
    });
    expect(rig.ask({ type: "resume" })).toEqual({ isOk: true, text: "Entries run again." });
    // The peak was unknown as well, which is Emergency: the same word ends that.
    expect([rig.facts("riskState").map(({ body }) => body["to"]), rig.state.riskState]).toEqual([
      ["emergency", "monitoring"],
      "monitoring",
    ]);
    rig.pass(1_000);
    expect(entries(rig)).toHaveLength(1);
    const again = new Rig({
      exchange: rig.exchange,
      config: { ledger: "fresh", epoch: 8, nonce: "abcd" },
    }).boot();
    expect(again.state.ledgerDoubt).toBe(true);
    expect(factsOf(again)).toEqual([]);
    // What an admin did not do is no fact: the next start would take it for one.
    again.ask({ type: "resume" }, { person: "bob", role: "trader", platform: "discord" });
    expect([factsOf(again), again.state.ledgerDoubt]).toEqual([[], true]);
    again.ask({ type: "resume" });
    expect([factsOf(again), again.state.ledgerDoubt]).toEqual([["resume"], false]);
    const clean = new Rig({ config: { ledger: "fresh" } }).boot();
    expect(entries(clean)).toHaveLength(1);
    // It begins once, when two readings found nothing of ours.
    clean.pass(400_000);
    expect(factsOf(clean)).toEqual(["genesis"]);
    const whole = new Rig().boot();
    expect(factsOf(whole)).toEqual([]);
  });

  it("doubts an empty ledger as well when only the second reading shows orders of ours", () => {
    const { exchange } = new Rig().boot();
    const second = new Rig({ exchange, config: { ledger: "fresh", epoch: 8, nonce: "abcd" } });
    const whole = readingFrom(second, exchange.wallAt);
    second.feed({ ...whole, truth: { ...whole.truth, openOrders: [], history: [], fills: [] } });
    expect([second.state.isBooted, second.state.ledgerDoubt]).toEqual([true, false]);
    second.feed(readingFrom(second, exchange.wallAt));
    expect(second.state.ledgerDoubt).toBe(true);
    second.pass(30_000);
    expect(factsOf(second)).toEqual([]);
    expect(second.state.blocks()).toEqual(["the ledger is missing or broken; an admin must /resume"]);
  });
});
