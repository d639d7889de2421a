import { engineTag, writeClientId } from "../../src/core/ids.ts";
import { newOrder, type OrderFacts, type OrderRecord, type OrderState } from "../../src/core/order.ts";
import { lots, millis, ticks } from "../../src/core/units.ts";

let counted = 0;

/** The facts of a resting buy entry of one lot, with whatever the test cares about. */
export function entryOf(given: Partial<OrderFacts> = {}): OrderFacts {
  counted += 1;
  const { engine = "grid1", role = "entry", rung = 0, slice = 0 } = given;
  const clientId = writeClientId({
    desk: "abc",
    engineTag: engineTag(engine),
    role,
    rung,
    slice,
    generation: counted,
    epoch: 1,
    nonce: "wxyz",
  });
  return {
    clientId,
    account: "main",
    instrument: "BTCUSDT",
    positionSide: "both",
    engine,
    role,
    rung,
    slice,
    side: "buy",
    kind: "limit",
    price: ticks(500_000),
    lots: lots(1),
    isReduceOnly: false,
    isPostOnly: true,
    ...given,
  };
}

/** A reduce-only sell: a take profit unless said otherwise. */
export const exitOf = (given: Partial<OrderFacts> = {}): OrderFacts =>
  entryOf({ role: "takeProfit", side: "sell", isReduceOnly: true, isPostOnly: false, ...given });

/** A stop on mark price. */
export const stopOf = (given: Partial<OrderFacts> = {}): OrderFacts => {
  const { price: _none, ...facts } = exitOf({ role: "stop", kind: "stopMarket", ...given });
  return { ...facts, trigger: given.trigger ?? ticks(490_000) };
};

/** An order's record in a given state. */
export function recordOf(facts: OrderFacts, state: OrderState = "resting", filled = 0): OrderRecord {
  const order = newOrder(facts, "sending", millis(0), millis(0));
  order.state = state;
  order.filled = lots(filled);
  return order;
}
