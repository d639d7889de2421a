import { describe, expect, it } from "vitest";
import { millis, ticks } from "../../../src/core/units.ts";
import { recoveryOf } from "../../../src/desk/kernel/recovery-action.ts";
import { viewOf } from "../../../src/desk/view.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { StuckGrid } from "../../support/stuck-grid.ts";

describe("one engine", () => {
  it("is stopped and started alone: its entry goes and comes back, the fact is kept", () => {
    const rig = new Rig().boot();
    expect(rig.ask({ type: "pause", engine: "grid1" })?.text).toBe(
      "grid1 enters nothing any more. Its stops and take profits keep working. /grid_start grid1 lets it enter again.",
    );
    rig.pass(1_000);
    expect([rig.exchange.open("entry"), rig.state.paused.get("grid1")]).toEqual([[], "alice"]);
    expect(viewOf(rig.state).engines).toMatchObject([{ isRunning: false, pausedBy: "alice" }]);
    expect(rig.ask({ type: "resume", engine: "grid1" })?.text).toBe("grid1 enters again.");
    rig.pass(3_000);
    expect(rig.exchange.open("entry")).toHaveLength(1);
    expect(rig.facts("pause")).toMatchObject([{ body: { request: { engine: "grid1" } } }]);
  });

  it("started alone does not lift what holds the whole desk back", () => {
    const rig = new Rig().boot();
    rig.ask({ type: "pause" });
    expect(rig.ask({ type: "resume", engine: "grid1" })?.text).toBe(
      "grid1 is free, but the whole desk is paused by alice: /resume ends that.",
    );
    rig.ask({ type: "resume" });
    rig.feed(...rig.exchange.trade("buy", 5));
    rig.pass(3_000);
    expect(rig.state.foreignActivity).toBe(true);
    expect(rig.ask({ type: "resume", engine: "grid1" })?.text).toMatch(
      /^grid1 is free, but entries still wait: /,
    );
    expect(rig.state.foreignActivity).toBe(true);
  });

  it("that is not there is named, and no fact is made of it", () => {
    const rig = new Rig().boot();
    expect(rig.ask({ type: "pause", engine: "grid9" })).toEqual({
      isOk: false,
      text: 'There is no engine "grid9"; use one of grid1.',
    });
    expect([rig.facts("pause"), rig.state.paused.size]).toEqual([[], 0]);
  });
});

it("a person's /reconcile reads the account at once", () => {
  const rig = new Rig().boot();
  rig.pass(5_000);
  const readings = () => rig.effects.filter(({ type }) => type === "readTruth").length;
  const before = readings();
  rig.pass(5_000);
  expect(readings()).toBe(before);
  rig.ask({ type: "reconcile" });
  rig.pass(500);
  expect(readings()).toBe(before + 1);
});

describe("what people see of a grid", () => {
  it("is its settings, its rungs and how many of its entries filled", () => {
    const rig = new Rig().boot();
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(3_000);
    const [engine] = viewOf(rig.state).engines;
    expect(engine?.grid).toMatchObject({
      direction: "buy",
      ordersMax: 5,
      stopPrice: undefined,
      entriesEnded: 1,
      entriesFilled: 1,
    });
    const [opening, held] = engine?.grid?.rungs ?? [];
    expect(opening).toMatchObject({ status: "opening", held: 0, entry: undefined });
    expect(held).toMatchObject({
      status: "holding",
      held: 10,
      price: entry.facts.price,
      entry: entry.facts.price,
    });
    expect(held?.closes).toHaveLength(1);
    expect(held?.stop).toBeLessThan(held?.entry ?? 0);
    rig.ask({ type: "setPrice", engine: "grid1", which: "pause", price: entry.facts.price });
    expect(viewOf(rig.state).engines[0]?.grid?.pausePrice).toBe(entry.facts.price);
  });
});

describe("a stop or pause price", () => {
  it.each([
    [
      "stop",
      49_000,
      "A stop price of 4900.0 is more than ten times away from the mark price 50000.0: name one that is nearer, or none.",
    ],
    [
      "pause",
      5_100_000,
      "A pause price of 510000.0 is more than ten times away from the mark price 50000.0: name one that is nearer, or none.",
    ],
  ] as const)("of a %s at %d ticks is a slip of the hand", (which, price, text) => {
    const rig = new Rig().boot();
    expect(rig.ask({ type: "setPrice", engine: "grid1", which, price: ticks(price) })).toEqual({
      isOk: false,
      text,
    });
  });
});

describe("what a person may ask about a rung", () => {
  it("is one that is stuck; else it is said what is wrong", () => {
    const grid = new StuckGrid({ ...GRID, waitMs: millis(86_400_000) });
    const rig = new Rig({ engines: [grid] }).boot();
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
    const key = { engine: "grid1", rung: entry.facts.rung };
    expect(recoveryOf(rig.state, key)).toBe(
      `Rung ${key.rung} of grid1 is not stuck; nothing is. /close closes a position.`,
    );
    grid.stuckSince = millis(rig.exchange.at - 1);
    expect(recoveryOf(rig.state, key)).toMatchObject({
      ...key,
      lots: 10,
      ways: ["aggressive", "ladder"],
      fallback: "wait",
    });
    expect(recoveryOf(rig.state, { ...key, rung: 1 })).toBe("Rung 1 of grid1 holds nothing.");
    expect(recoveryOf(rig.state, { engine: "x", rung: 1 })).toBe('There is no engine "x"; use one of grid1.');
  });
});
