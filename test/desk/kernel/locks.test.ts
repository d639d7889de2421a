import { describe, expect, it } from "vitest";
import { millis } from "../../../src/core/units.ts";
import { LINEAR } from "../../support/instruments.ts";
import { BOB, Rig } from "../../support/rig.ts";

const entries = (rig: Rig) => rig.exchange.open("entry").length;
function quoting(): Rig {
  const rig = new Rig().boot();
  rig.pass(2_000);
  expect(entries(rig)).toBe(1);
  return rig;
}
const lock = (rig: Rig, ms?: number) =>
  rig.ask(
    {
      type: "lock",
      instrument: LINEAR.id,
      kind: "lock",
      ...(ms === undefined ? {} : { untilWallAt: millis(rig.exchange.wallAt + ms) }),
    },
    BOB,
  );

describe("a lock of an instrument", () => {
  it("takes entries back and lets none leave; what is held keeps its exits", () => {
    const rig = quoting();
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry");
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(1_000);
    expect(lock(rig)?.isOk).toBe(true);
    rig.pass(10_000);
    expect([entries(rig), rig.exchange.open("stop").length, rig.exchange.open("takeProfit").length]).toEqual([
      0, 1, 1,
    ]);
    expect(rig.ask({ type: "unlock", instrument: LINEAR.id, kind: "lock" })?.isOk).toBe(true);
    rig.pass(3_000);
    expect(entries(rig)).toBe(1);
  });

  it("ends by itself when its time is over", () => {
    const rig = quoting();
    lock(rig, 5_000);
    rig.pass(4_000);
    expect(entries(rig)).toBe(0);
    rig.pass(4_000);
    expect(entries(rig)).toBe(1);
  });

  it("a block and a lock are two things: ending the one leaves the other", () => {
    const rig = quoting();
    lock(rig);
    rig.ask({ type: "lock", instrument: LINEAR.id, kind: "block" }, BOB);
    rig.ask({ type: "unlock", instrument: LINEAR.id, kind: "lock" });
    rig.pass(3_000);
    expect(entries(rig)).toBe(0);
    rig.ask({ type: "unlock", instrument: LINEAR.id, kind: "block" });
    rig.pass(3_000);
    expect(entries(rig)).toBe(1);
    expect(rig.ask({ type: "unlock", instrument: LINEAR.id, kind: "block" })).toEqual({
      isOk: false,
      text: `${LINEAR.id} is not blocked.`,
    });
    expect(rig.ask({ type: "lock", instrument: "XRPUSDT", kind: "block" })?.isOk).toBe(false);
  });

  it("outlives a restart, and /resume does not end it", () => {
    const before = quoting();
    lock(before);
    const rig = new Rig({ exchange: before.exchange, config: { epoch: 8, nonce: "abcd" } });
    for (const { body } of before.facts("lock")) rig.ask(body["request"] as never, BOB, true);
    rig.boot();
    rig.ask({ type: "resume" });
    rig.pass(5_000);
    expect([entries(rig), rig.state.isPaused("grid1")]).toEqual([0, true]);
  });
});
