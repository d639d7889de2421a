import { describe, expect, it } from "vitest";
import { notional } from "../../../src/core/instrument.ts";
import type { OrderFacts, OrderRecord } from "../../../src/core/order.ts";
import { lots, millis, ticks } from "../../../src/core/units.ts";
import { EngineWindow } from "../../../src/desk/kernel/window.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { newRung, sums } from "../../../src/engines/grid/rung.ts";
import { closeLines } from "../../../src/engines/grid/trade-line.ts";
import { LINEAR } from "../../support/instruments.ts";
import { entryOf, exitOf, recordOf, stopOf } from "../../support/orders.ts";
import { GRID, Rig } from "../../support/rig.ts";

/** A rung that holds 10 lots at 49,926.1 with both exits resting. */
function held(given: Partial<GridParameters> = {}): Rig {
  const rig = new Rig({ config: { grids: [{ ...GRID, waitMs: millis(3_600_000), ...given }] } }).boot();
  const [entry] = rig.exchange.open("entry");
  if (entry === undefined) throw new Error("no entry rests");
  rig.feed(...rig.exchange.fill(entry));
  return rig;
}
const lines = (rig: Rig) =>
  rig.effects.flatMap((effect) => (effect.type === "logTrade" ? [effect.fields] : []));
const resting = (rig: Rig, role: string) => {
  const [order] = rig.exchange.open(role);
  if (order === undefined) throw new Error(`no ${role} rests`);
  return order;
};

/** An order of rung 1 that was filled whole, 10 lots at a price. */
function filled(facts: OrderFacts, price: number, createdAt: number, at: number): OrderRecord {
  const order = recordOf({ ...facts, rung: 1, lots: lots(10) }, "filled", 10);
  const times = { createdAt: millis(createdAt), firstFillAt: millis(at), lastFillAt: millis(at) };
  return Object.assign(order, times, { cost: notional(LINEAR, ticks(price), lots(10), "nearest") });
}

describe("a line of the trade log", () => {
  it("of a rung that was found with an earlier cycle of it tells the times of the lots that it closed", () => {
    const close = exitOf({ role: "close", kind: "market", cause: "beyondStop" });
    const rung = newRung(1);
    rung.orders.push(
      filled(entryOf(), 500_000, 1_000, 2_000),
      filled(stopOf(), 490_000, 2_000, 8_000),
      filled(entryOf(), 500_000, 100_000, 101_000),
      filled(stopOf(), 490_000, 101_000, 104_000),
      filled(entryOf(), 489_000, 105_000, 106_000),
      filled(close, 488_000, 106_000, 107_000),
    );
    rung.stopSeenAt = millis(5_000);
    const told = closeLines(rung, sums(rung), GRID, new EngineWindow(new Rig().boot().state, GRID.engine));
    expect(told.map(({ fields }) => [fields["Duration"], fields["StopLatencyMs"]])).toEqual([
      ["6s", 3_000],
      ["3s", undefined],
      ["1s", 1_000],
    ]);
  });

  it("of a take profit in two parts tells each part's own lots, money and fees, and what is left", () => {
    const rig = held();
    const takeProfit = resting(rig, "takeProfit");
    const { clientId } = takeProfit.facts;
    rig.pass(42_000);
    rig.feed(...rig.exchange.fill(takeProfit, 4));
    rig.feed(...rig.exchange.fill(takeProfit));
    const common = {
      Engine: "grid1",
      Symbol: LINEAR.id,
      Action: "TAKE_PROFIT",
      Cause: "takeProfit",
      Entry: "49926.1",
      Exit: "50325.6",
      Order: clientId,
    };
    expect(lines(rig)).toEqual([
      {
        ...common,
        Rung: 6567,
        Size: "0.004",
        Left: "0.006",
        PnL: "1.59800000",
        Fees: "0.08020136",
        Duration: "42s",
        Filled: "0.004",
        Trade: expect.any(String),
        At: rig.exchange.at,
      },
      {
        ...common,
        Rung: 6567,
        Size: "0.006",
        Left: "0.000",
        PnL: "2.39700000",
        Fees: "0.12030204",
        Duration: "42s",
        Filled: "0.010",
        Trade: expect.any(String),
        At: rig.exchange.at,
      },
    ]);
  });

  it("of a stop tells its trigger, how long it took since the price was seen there, and the money beyond it", () => {
    const rig = held();
    const stop = resting(rig, "stop");
    const { trigger = 0 } = stop.facts;
    rig.quote(trigger + 1);
    rig.pass(10_000);
    rig.quote(trigger);
    rig.exchange.at += 700;
    rig.exchange.wallAt += 700;
    rig.feed(...rig.exchange.trigger(stop, false, trigger - 50));
    expect(lines(rig)).toMatchObject([
      {
        Action: "STOP_LOSS",
        Cause: "stop",
        Trigger: "48927.6",
        Exit: "48922.6",
        StopLatencyMs: 700,
        Slippage: "0.05000000",
        Left: "0.000",
      },
    ]);
  });

  it("of a stop that the exchange refused says so of the close at the market, with the stop's trigger", () => {
    const rig = held();
    const stop = resting(rig, "stop");
    rig.quote(stop.facts.trigger ?? 0);
    rig.feed(...rig.exchange.trigger(stop, true));
    expect(lines(rig)).toMatchObject([
      { Action: "CLOSE", Cause: "stopRefused", Trigger: "48927.6", StopLatencyMs: expect.any(Number) },
    ]);
    expect(rig.state.engines.get("grid1")?.snapshot().stops).toBe(1);
  });

  it("of a close that was asked for tells by whom", () => {
    const rig = held();
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    expect(lines(rig)).toMatchObject([{ Action: "CLOSE", Cause: "asked", By: "bob", Size: "0.010" }]);
    const other = held();
    other.ask({ type: "panic" });
    other.pass(2_000);
    expect(lines(other)).toMatchObject([{ Action: "CLOSE", Cause: "asked", By: "panic" }]);
  });

  it("of lots that a liquidation took has the price and the fee that it took them for, and no order", () => {
    const rig = held();
    rig.feed(...rig.exchange.liquidate(3));
    expect(lines(rig)).toMatchObject([
      {
        Action: "LIQUIDATION",
        Cause: "liquidation",
        Size: "0.003",
        Left: "0.007",
        Exit: "50000.0",
        PnL: "0.22170000",
      },
      // The desk shuts down after a liquidation: it closes the rest.
      { Action: "CLOSE", Cause: "asked", By: "risk", Size: "0.007", Left: "0.000" },
    ]);
    expect(lines(rig)[0]).not.toHaveProperty("Order");
  });

  it("of lots that a person sold says so", () => {
    const rig = held();
    rig.feed(...rig.exchange.trade("sell", 10));
    rig.pass(5_000);
    expect(lines(rig)).toMatchObject([{ Action: "TAKEN", Cause: "person", Size: "0.010", Left: "0.000" }]);
  });
});
