import { describe, expect, it } from "vitest";
import type { Actor } from "../../../src/core/proposal.ts";
import { millis } from "../../../src/core/units.ts";
import { LINEAR } from "../../support/instruments.ts";
import { BOB, CAROL, Rig } from "../../support/rig.ts";

const entries = (rig: Rig) => rig.exchange.open("entry").length;
function quoting(): Rig {
  const rig = new Rig().boot();
  rig.pass(2_000);
  expect(entries(rig)).toBe(1);
  return rig;
}
const lock = (rig: Rig, ms?: number, by: Actor = BOB) =>
  rig.ask(
    {
      type: "lock",
      instrument: LINEAR.id,
      kind: "lock",
      ...(ms === undefined ? {} : { untilWallAt: millis(rig.exchange.wallAt + ms) }),
    },
    by,
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

  it("is ended sooner by the role risk alone, with a shorter one too, and made longer by anybody", () => {
    const rig = quoting();
    const asks = (actor: Actor, ms?: number) => lock(rig, ms, actor)?.text;
    lock(rig, 60_000, CAROL);
    expect(asks(BOB, 50_000)).toBe(
      `${LINEAR.id} is locked by carol for longer: ending that sooner needs the role risk; you are trader. Nothing was changed.`,
    );
    expect(lock(rig, 120_000, BOB)?.isOk).toBe(true);
    expect(lock(rig, undefined, BOB)?.isOk).toBe(true);
    expect(asks(BOB, 1_000)).toContain("for longer");
    expect(asks({ ...CAROL, barred: "Too new. Nothing was done." }, 1_000)).toBe(
      "Too new. Nothing was done.",
    );
    expect(lock(rig, 1_000, CAROL)?.isOk).toBe(true);
    rig.pass(3_000);
    expect(entries(rig)).toBe(1);
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
