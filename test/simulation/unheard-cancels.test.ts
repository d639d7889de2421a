import { describe, expect, it } from "vitest";
import { newOrder } from "../../src/core/order.ts";
import { millis } from "../../src/core/units.ts";
import { Exchange } from "../support/exchange.ts";
import { desk, one } from "../support/scenario.ts";
import { Calm } from "./calm.ts";
import { UnheardCancels } from "./unheard-cancels.ts";
import type { Witness } from "./witness.ts";

const LIMIT_MS = 186_000;

/** An order that a person cancelled at 1,000,000, and what was lost then. */
function cancelled(lostAt: readonly number[]) {
  const { facts } = one(desk({}, { exchange: new Exchange() }), "entry");
  const order = { ...newOrder(facts, "sending", millis(1), millis(1)), state: "resting" as const };
  const calm = new Calm();
  calm.unheard.push(...lostAt);
  const witness = { canceledWall: new Map([[facts.clientId, 1_000_000]]) } as Partial<Witness> as Witness;
  return { order, unheard: new UnheardCancels(witness, calm, LIMIT_MS) };
}

describe("an order that a person cancelled", () => {
  it("may be taken for resting when its one message was lost, until the next reading", () => {
    const { order, unheard } = cancelled([1_000_050]);
    expect([0, LIMIT_MS, LIMIT_MS + 1].map((ms) => unheard.isExcused(order, 1_000_000 + ms))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("may not when nothing was lost in that moment, nor when the desk had asked for its end", () => {
    expect(cancelled([]).unheard.isExcused(cancelled([]).order, 1_000_000)).toBe(false);
    const { order, unheard } = cancelled([900_000, 1_000_100]);
    expect(unheard.isExcused(order, 1_000_000)).toBe(false);
    const own = cancelled([1_000_000]);
    expect(own.unheard.isExcused({ ...own.order, cancelAskedWallAt: millis(999_000) }, 1_000_000)).toBe(
      false,
    );
    expect(own.unheard.isExcused({ ...own.order, state: "unknown" }, 1_000_000)).toBe(false);
  });
});
