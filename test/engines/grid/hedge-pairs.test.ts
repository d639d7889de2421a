import { describe, expect, it } from "vitest";
import type { Rig } from "../../support/rig.ts";
import { answer, sentOf } from "../../support/scenario.ts";
import { asked, held, minutes, OWN_STOP, PAIR, paired, quote, rests, shares } from "./hedged.ts";

/** The exchange deleverages a part of the hedge. */
function deleverage(rig: Rig, size: number): void {
  for (const event of rig.exchange.liquidate(size, "short"))
    rig.feed(event.type === "fill" ? { ...event, origin: "adl" } : event);
}
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
