import { describe, expect, it } from "vitest";
import { lots, millis, ONE, value } from "../../../src/core/units.ts";
import { recoveryOf } from "../../../src/desk/kernel/recovery-action.ts";
import { LINEAR, ONE_BRACKET } from "../../support/instruments.ts";
import { Rig } from "../../support/rig.ts";
import { answer, changed, sentOf } from "../../support/scenario.ts";
import {
  asked,
  ENTRY,
  EXAMPLE,
  fillsOnly,
  hedgeMode,
  held,
  LEG_STOP,
  minutes,
  nextLife,
  OWN_STOP,
  PAIR,
  paired,
  quote,
  rests,
  shares,
  stopOf,
  yes,
} from "./hedged.ts";

/** The exchange deleverages a part of the hedge. */
function deleverage(rig: Rig, size: number): void {
  rig.exchange.liquidate(size, "short");
  const { fills } = rig.exchange;
  const [fill] = fills.splice(-1);
  if (fill === undefined) throw new Error("nothing was deleveraged");
  fills.push({ ...fill, origin: "adl" });
  rig.feed(...fills.slice(-1));
}
const titled = (rig: Rig, words: string) => rig.alerts.filter(({ title }) => title.includes(words));
const stopsOf = (size: number) => PAIR.map(([role, side, price]) => [role, side, price, size]);

describe("a hedged pair", () => {
  it("that a deleveraging makes smaller stands below the rung's own stop, though the hedge's new stop is late", () => {
    const rig = paired();
    quote(rig, 445_000);
    const release = answer(rig, (effect) =>
      effect.type === "send" && effect.order.role === "stop" && effect.order.positionSide === "short"
        ? []
        : undefined,
    );
    deleverage(rig, 4);
    rig.pass(1_000);
    expect([held(rig), rests(rig)]).toEqual([[6, -6], [["stop", "long", OWN_STOP, 6]]]);
    release();
    rig.pass(4_000);
    expect([held(rig), shares(rig), rests(rig).sort()]).toEqual([[6, -6], [6, -6], stopsOf(6).sort()]);
    expect(sentOf(rig, "close")).toBe(1);
  });

  it("that is made smaller is told as that, not as closed", () => {
    const rig = paired();
    deleverage(rig, 4);
    rig.pass(1_000);
    expect([held(rig), titled(rig, "is closed")]).toEqual([[6, -6], []]);
    expect(titled(rig, "made smaller").map(({ lines }) => lines)).toEqual([
      ["Rung 0 of grid1: a part of its hedge was closed. Both legs are made smaller, to 0.006 BTC each."],
    ]);
    deleverage(rig, 6);
    rig.pass(1_000);
    expect([held(rig), titled(rig, "is closed").length]).toEqual([[0, 0], 1]);
  });

  it("that is closed slice by slice below the rung's own stop has the pair's stop for all that is left", () => {
    const rig = paired();
    quote(rig, 445_000);
    const quotes = rig.exchange.quotes.bind(rig.exchange);
    rig.exchange.quotes = () =>
      quotes().map((event) => (event.type === "top" ? { ...event, bidLots: lots(4) } : event));
    minutes(rig, 125);
    rig.decide("r2-e7", "k9-e7", "aggressive");
    expect([held(rig), rests(rig).sort()]).toEqual([[6, -6], stopsOf(6).sort()]);
    rig.pass(3_000);
    expect([held(rig), rests(rig)]).toEqual([[0, 0], []]);
  });

  it("stands though what is missing of its hedge is less than the exchange lets anybody open", () => {
    const rig = asked();
    rig.feed(changed(rig, { notionalMin: value(100 * ONE) }));
    fillsOnly(rig, () => 9);
    yes(rig);
    rig.pass(6_000);
    expect([held(rig), sentOf(rig, "hedge"), rests(rig).sort()]).toEqual([
      [10, -9],
      1,
      [
        ["stop", "long", OWN_STOP, 10],
        ["stop", "short", LEG_STOP, 9],
      ],
    ]);
    expect([titled(rig, "could not be opened"), rig.kernel.rungs("grid1")[0]?.stage]).toEqual([[], "hedged"]);
  });

  it("whose hedge lost its stop to somebody's hand twice gets it back by /resume", () => {
    const rig = paired();
    for (let n = 0; n < 2; n += 1) {
      rig.feed(...rig.exchange.cancel(stopOf(rig, "short").facts));
      if (n === 0) rig.pass(1_000);
    }
    rig.pass(2_000);
    expect(rests(rig)).toEqual([["stop", "long", OWN_STOP, 10]]);
    rig.ask({ type: "resume" });
    rig.pass(6_000);
    expect([held(rig), rests(rig).sort()]).toEqual([[10, -10], [...PAIR].sort()]);
  });

  it("of which less is left than can be traded ends, once, and leaves its rung free", () => {
    const rig = paired({ waitMs: millis(1_000), ordersMax: 1 });
    rig.feed(changed(rig, { lotStep: 4 }));
    quote(rig, ENTRY);
    for (let n = 0; n < 3; n += 1) quote(rig, ENTRY + n);
    expect([held(rig), titled(rig, "is closed").length]).toEqual([[2, -2], 1]);
    expect(rig.kernel.rungs("grid1").some(({ hedge }) => hedge !== undefined)).toBe(false);
    // The slot is free: the next entry takes the rest along, and what it holds is no pair's.
    const [entry] = rig.exchange.open("entry");
    expect([entry?.facts.rung, entry?.facts.lots]).toEqual([0, 8]);
    if (entry !== undefined) rig.feed(...rig.exchange.fill(entry));
    rig.pass(2_000);
    expect([held(rig), titled(rig, "is closed").length, sentOf(rig, "close")]).toEqual([[10, -2], 1, 2]);
    minutes(rig, 10);
    expect(rig.kernel.rungs("grid1")[0]).toMatchObject({ stage: "none", held: 10 });
    // Stuck once more it is hedged once more.
    rig.quote(475_000);
    minutes(rig, 65);
    const card = rig.state.proposals.all().find(({ state }) => state === "pending");
    rig.decide(card?.id ?? "", "k9-e7", "hedge");
    rig.pass(2_000);
    expect(rig.kernel.rungs("grid1")[0]).toMatchObject({ stage: "hedged", held: 10, hedge: { lots: 10 } });
    expect(held(rig)).toEqual([10, -10]);
  });

  it("is not offered a ladder where the rung's own stop would fire at once without its hedge", () => {
    const rig = paired();
    quote(rig, 440_000);
    minutes(rig, 125);
    const { action } = rig.proposal("r2-e7") ?? {};
    expect(action).toMatchObject({ ways: ["aggressive"], fallback: "aggressive" });
    expect(action?.type === "recover" && action.lines.at(-1)).toBe(
      "A force close closes both legs. A ladder is not offered: the price is beyond the rung's own stop at 45000.0, where it is closed without its hedge.",
    );
    expect(recoveryOf(rig.state, { engine: "grid1", rung: 0 })).toMatchObject({ ways: ["aggressive"] });
    quote(rig, 451_000);
    expect(recoveryOf(rig.state, { engine: "grid1", rung: 0 })).toMatchObject({
      ways: ["aggressive", "ladder"],
    });
  });
});

describe("the first question of a hedge", () => {
  it("is withdrawn when the price comes back, and nothing is laid", () => {
    const rig = asked();
    const before = rests(rig);
    rig.quote(495_000);
    minutes(rig, 6);
    expect(rig.proposal("r1-e7")).toMatchObject({
      state: "expired",
      outcome: "The rung is not stuck any more.",
    });
    minutes(rig, 120);
    rig.pass(601_000);
    expect([held(rig), rests(rig), sentOf(rig, "ladder")]).toEqual([[10, 0], before, 0]);
    // Stuck again, it is asked about again.
    quote(rig, 475_000);
    minutes(rig, 6);
    expect(rig.proposal("r2-e7")).toMatchObject({ state: "pending", action: { ways: ["hedge"] } });
  });
});

describe("the loss limit of a grid that hedges", () => {
  const takenBack = (lossMax: number, at: number): Rig => {
    const rig = paired({ lossMax: value(lossMax * ONE) });
    quote(rig, at);
    minutes(rig, 125);
    rig.decide("r2-e7", "k9-e7", "ladder");
    rig.pass(5_000);
    return rig;
  };
  const isHalted = (rig: Rig): boolean => rig.state.facts.isHalted("grid1");

  it("still counts what a hedge gained once it is taken back, after a restart too", () => {
    // The rung has lost 45, its hedge gained 20.
    const rig = takenBack(40, 455_000);
    expect([held(rig), isHalted(rig)]).toEqual([[10, 0], false]);
    const next = nextLife(rig, 8);
    quote(next, 454_000);
    expect([held(next), isHalted(next)]).toEqual([[10, 0], false]);
  });

  it.each([false, true])("still counts what a hedge lost once it is taken back (restarted: %s)", (isNew) => {
    // 20 are lost with the hedge; at 482,000 the rung has lost 18 more.
    const rig = takenBack(38, 495_000);
    expect([held(rig), isHalted(rig)]).toEqual([[10, 0], false]);
    const life = isNew ? nextLife(rig, 8) : rig;
    quote(life, 482_500);
    expect([held(life), isHalted(life)]).toEqual([[10, 0], false]);
    quote(life, 482_000);
    expect([held(life), isHalted(life)]).toEqual([[0, 0], true]);
  });

  it.each([false, true])("counts a hedge that the exchange took while another rung is held (%s)", (isNew) => {
    const grids = [
      {
        ...EXAMPLE,
        waitMs: millis(1_000),
        ordersMax: 2,
        purse: value(20_000 * ONE),
        lossMax: value(80 * ONE),
      },
    ];
    const rig = new Rig({ exchange: hedgeMode(), config: { grids } }).boot();
    for (let n = 0; n < 2; n += 1) {
      const [entry] = rig.exchange.open("entry");
      if (entry !== undefined) rig.feed(...rig.exchange.fill(entry));
      rig.pass(2_000);
    }
    rig.quote(475_000);
    minutes(rig, 65);
    yes(rig);
    rig.pass(2_000);
    expect(held(rig)).toEqual([20, -10]);
    quote(rig, 455_000);
    // One rung is closed 45 lower, its hedge gained 20; the other one has lost 44.
    deleverage(rig, 10);
    rig.pass(1_000);
    const life = isNew ? nextLife(rig, 8) : rig;
    quote(life, 455_000);
    expect([held(life), isHalted(life)]).toEqual([[10, 0], false]);
  });

  it.each([false, true])(
    "begins anew beside a rest of a hedge that can't be traded (restarted: %s)",
    (isNew) => {
      const given = { quantity: lots(8), lossMax: value(27 * ONE), waitMs: millis(1_000), ordersMax: 1 };
      const rig = asked(given);
      fillsOnly(rig, () => 7);
      rig.feed(changed(rig, { notionalMin: value(100 * ONE) }));
      yes(rig);
      rig.pass(6_000);
      expect(held(rig)).toEqual([8, -7]);
      rig.feed(changed(rig, { lotStep: 4 }));
      // The hedge loses 10 with what is closed of it, and 7.5 are open on the rest.
      quote(rig, ENTRY);
      rig.pass(3_000);
      const [entry] = rig.exchange.open("entry");
      if (entry !== undefined) rig.feed(...rig.exchange.fill(entry));
      rig.pass(2_000);
      expect([held(rig), isHalted(rig)]).toEqual([[8, -3], false]);
      const instruments = [{ instrument: LINEAR, brackets: ONE_BRACKET, lotStep: 4 }];
      const config = { ...rig.config, instruments, epoch: 8, nonce: "abcd" };
      const life = isNew ? new Rig({ exchange: rig.exchange, config }).boot() : rig;
      quote(life, 479_000);
      expect([held(life), isHalted(life)]).toEqual([[8, -3], false]);
      quote(life, 460_000);
      expect(isHalted(life)).toBe(true);
    },
  );

  it("begins anew when a person lets it go on", () => {
    const rig = takenBack(38, 495_000);
    rig.feed(changed(rig, { lotStep: 4 }));
    quote(rig, 481_000);
    rig.pass(2_000);
    // A rest too small to be closed keeps the holding alive: what its hedge had lost is forgiven with it.
    expect([held(rig), isHalted(rig)]).toEqual([[2, 0], true]);
    rig.ask({ type: "resume" });
    rig.pass(3_000);
    const [{ body } = { body: {} }] = rig.facts("forgive");
    expect(Number((body as { request?: { loss?: number } }).request?.loss)).toBeGreaterThan(38 * ONE);
    expect(isHalted(rig)).toBe(false);
  });
});
