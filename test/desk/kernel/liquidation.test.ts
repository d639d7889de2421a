import { describe, expect, it } from "vitest";
import { ONE } from "../../../src/core/units.ts";
import { Exchange } from "../../support/exchange.ts";
import { Rig } from "../../support/rig.ts";

/** 20 lots bought by hand at 50,000, liquidated at 45,000 by the exchange's figure. */
function long(): Rig {
  const exchange = new Exchange();
  exchange.trade("buy", 20);
  exchange.liquidation = 450_000;
  return new Rig({ exchange, config: { grids: [] } }).boot();
}
const told = (rig: Rig) =>
  rig.alerts.filter(({ key }) => key === "liquidation:main/BTCUSDT/both").map(({ level }) => level);
/** Moves the mark so that the liquidation price is `percent` away. */
const away = (rig: Rig, percent: number) => rig.quote(Math.round(450_000 / (1 - percent / 100)));

describe("nearness to liquidation", () => {
  it("is told at every rise, at once: MEDIUM, HIGH under 10 %, EXTREME under 5 %", () => {
    const rig = long();
    expect(told(rig)).toEqual(["notice"]);
    away(rig, 10.1);
    expect(told(rig)).toEqual(["notice"]);
    away(rig, 9.9);
    expect(told(rig)).toEqual(["notice", "high"]);
    away(rig, 5.1);
    expect(told(rig)).toEqual(["notice", "high"]);
    away(rig, 4.9);
    expect(told(rig)).toEqual(["notice", "high", "extreme"]);
    const alert = rig.alerts.findLast(({ key }) => key.startsWith("liquidation"));
    expect(alert).toMatchObject({ title: "BTCUSDT: liquidation risk EXTREME", instrument: "BTCUSDT" });
    expect(alert?.lines[0]).toMatch(/^Long 0\.020 BTC, unrealized -5\d\.\d\d USDT\.$/);
    expect(alert?.lines[1]).toMatch(/^Mark 4\d{4}\.\d, liquidation at 45000\.0: 4\.90% away\.$/);
    expect(alert?.lines[2]).toContain("/close");
  });

  it("is said to be resolved only after a minute of calm", () => {
    const rig = long();
    away(rig, 9);
    rig.quote(600_000);
    rig.pass(59_000);
    expect(told(rig)).toEqual(["notice", "high"]);
    rig.pass(2_000);
    expect(told(rig)).toEqual(["notice", "high", "resolved"]);
  });

  it("does not flicker at a threshold", () => {
    const rig = long();
    for (let n = 0; n < 20; n += 1) {
      away(rig, n % 2 === 0 ? 9.9 : 10.2);
      rig.pass(5_000);
    }
    expect(told(rig)).toEqual(["notice", "high"]);
  });

  it("is CRITICAL when the exchange takes the position over; the next position starts a new story", () => {
    const rig = long();
    away(rig, 4);
    rig.feed(...rig.exchange.liquidate(20));
    expect(told(rig)).toEqual(["notice", "extreme", "critical"]);
    expect(rig.alerts.findLast(({ key }) => key.startsWith("liquidation"))?.lines).toEqual([
      "Nothing is held any more.",
      "Look at /positions and /balance now.",
    ]);
    rig.exchange.liquidation = undefined;
    rig.pass(200_000);
    rig.feed(...rig.exchange.trade("buy", 1));
    rig.pass(5_000);
    rig.exchange.liquidation = 300_000;
    rig.feed(rig.exchange.exposure());
    away(rig, 4);
    expect(told(rig).slice(3)).not.toContain("critical");
  });

  it("a part that is taken over is CRITICAL too, and forgotten once the rest is gone", () => {
    const rig = long();
    rig.feed(...rig.exchange.liquidate(5));
    expect(told(rig).at(-1)).toBe("critical");
    rig.feed(...rig.exchange.trade("sell", 15));
    rig.pass(3_000);
    const before = told(rig).length;
    // What a reading after that trade sees is the liquidation price of the new position.
    rig.exchange.liquidation = 100_000;
    rig.feed(...rig.exchange.trade("buy", 2));
    rig.pass(3_000);
    rig.feed(rig.exchange.exposure());
    rig.pass(3_000);
    expect([told(rig).slice(before), rig.state.liquidations.level(rig.book())]).toEqual([[], "LOW"]);
  });

  it("an old liquidation in a reading is not told again", () => {
    const rig = long();
    rig.feed(...rig.exchange.liquidate(20));
    const count = told(rig).length;
    const truth = rig.exchange.truth();
    const [fill] = rig.exchange.fills;
    const report = {
      ...rig.exchange.times(),
      type: "orderReport",
      account: "main",
      instrument: "BTCUSDT",
      source: "order",
      clientId: "autoclose-1",
      venueOrderId: "l2",
      status: "filled",
      origin: "liquidation",
      side: "sell",
      positionSide: "both",
      lots: 20,
      isReduceOnly: true,
    } as const;
    rig.feed(report as never);
    for (let n = 0; n < 3; n += 1) {
      rig.feed({ ...truth, truth: { ...truth.truth, history: [report as never] } });
      rig.pass(1_000);
    }
    expect([told(rig).length, fill?.lots]).toEqual([count, 20]);
    // Nor after a restart that reads it as history.
    const next = new Rig({ exchange: rig.exchange, config: { grids: [], epoch: 8 } }).boot();
    expect(told(next)).toEqual([]);
  });

  it("takes the engines' shares of a liquidation from them and pauses them; what is left is closed (Shutdown)", () => {
    const rig = new Rig().boot();
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry");
    rig.feed(...rig.exchange.fill(entry));
    // Only told so far: what leaves for it has not arrived.
    for (const news of rig.exchange.liquidate(4)) rig.turn(news);
    expect([rig.held(), rig.book().foreign.lots, rig.state.paused.get("grid1")]).toEqual([
      6,
      0,
      "its position was liquidated",
    ]);
    rig.pass(2_000);
    const closes = rig.sent.filter(({ role }) => role === "close").map(({ lots }) => lots);
    expect([closes, rig.state.riskState, rig.held(), rig.exchange.open()]).toEqual([[6], "shutdown", 0, []]);
  });

  it("by our own formula when the exchange gives no price: 2x isolated is MEDIUM-free at 50 % away", () => {
    const exchange = new Exchange();
    exchange.trade("buy", 20);
    exchange.leverage = 2;
    const rig = new Rig({ exchange, config: { grids: [] } });
    exchange.marginMode = "isolated";
    rig.boot();
    expect(told(rig)).toEqual([]);
    rig.quote(275_000);
    expect(told(rig)).toEqual(["high"]);
    expect(ONE).toBe(100_000_000);
  });
});
