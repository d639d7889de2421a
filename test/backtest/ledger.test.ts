import { expect, test } from "vitest";
import { TradeLedger } from "../../src/backtest/ledger.ts";
import { isRecovered } from "../../src/backtest/stuck-watch.ts";
import type { FillEvent } from "../../src/core/event.ts";
import type { OrderFacts, PositionSide, Role } from "../../src/core/order.ts";
import { lots, millis, ONE, rate, type Side, ticks, value } from "../../src/core/units.ts";
import { BTC } from "./markets.ts";

const { instrument } = BTC;
const ledger = () => new TradeLedger(new Map([[instrument.id, instrument]]));

let count = 0;
function fill(side: Side, price: number, size: number, positionSide: PositionSide = "both"): FillEvent {
  count += 1;
  return {
    type: "fill",
    at: millis(1_000 * count),
    wallAt: millis(1_000 * count),
    account: "main",
    instrument: instrument.id,
    positionSide,
    tradeId: `${count}`,
    venueOrderId: "1",
    clientId: "x",
    side,
    price: ticks(price),
    lots: lots(size),
    fee: value(ONE / 100),
    feeAsset: "USDT",
    realized: value(0),
    isMaker: true,
    origin: "client",
  };
}
const order = (role: Role, rung = 7): OrderFacts =>
  ({ engine: "g", rung, role, side: "buy" }) as unknown as OrderFacts;
/** A tick of 0.1 on a lot of 0.001 BTC is 0.0001 USDT. */
const money = (ticksTimesLots: number): number => ticksTimesLots * 10_000;

test("a rung that is filled and closed in parts is one trade", () => {
  const told = ledger();
  told.take(fill("buy", 600_000, 4), order("entry"), "entry");
  told.take(fill("buy", 600_000, 6), order("entry"), "entry");
  told.take(fill("sell", 601_000, 3), order("takeProfit"), "takeProfit");
  expect(told.closed).toEqual([]);
  told.take(fill("sell", 590_000, 7), order("stop"), "stop");
  expect(told.closed).toMatchObject([
    { lots: 10, pnl: money(3 * 1_000 - 7 * 10_000), fees: (4 * ONE) / 100, how: "stop", rung: 7 },
  ]);
  expect([...told.open()]).toEqual([]);
});

test("a hedge is a leg of its rung's trade, which is over when both are flat", () => {
  const told = ledger();
  told.take(fill("buy", 600_000, 10, "long"), order("entry"), "entry");
  told.take(fill("sell", 580_000, 10, "short"), order("hedge"), "hedge");
  told.take(fill("sell", 590_000, 10, "long"), order("close"), "asked");
  expect(told.closed).toEqual([]);
  told.take(fill("buy", 570_000, 10, "short"), order("close"), "asked");
  expect(told.closed).toMatchObject([{ pnl: money(10 * (-10_000 + 10_000)), lots: 10, how: "asked" }]);
});

test("what the exchange takes by force is taken from the oldest trades first", () => {
  const told = ledger();
  told.take(fill("buy", 600_000, 4), order("entry", 1), "entry");
  told.take(fill("buy", 590_000, 4), order("entry", 2), "entry");
  told.take(fill("sell", 500_000, 6), undefined, "liquidation");
  expect(told.closed).toMatchObject([{ rung: 1, pnl: money(-4 * 100_000), how: "liquidation" }]);
  expect([...told.open()]).toMatchObject([{ rung: 2, entered: 4 }]);
});

test("a trade that is marked as stuck keeps what closing it at the mark price would have come to", () => {
  const told = ledger();
  told.take(fill("buy", 600_000, 4), order("entry", 1), "entry");
  const [open] = told.open();
  if (open === undefined) throw new Error("nothing is open");
  told.mark(open, millis(7), ticks(570_000));
  told.take(fill("sell", 580_000, 4), order("close", 1), "loss");
  expect(told.closed).toMatchObject([{ stuckAt: 7, atOnce: money(-4 * 30_000), pnl: money(-4 * 20_000) }]);
});

test("recovered is: closed within a day of being stuck, at no more than the stop's loss after fees", () => {
  const closed = {
    engine: "g",
    instrument: instrument.id,
    rung: 1,
    side: "buy",
    openedAt: millis(0),
    closedAt: millis(20 * 3_600_000),
    lots: lots(10),
    entryCost: value(1_000 * ONE),
    exitCost: value(950 * ONE),
    pnl: value(-50 * ONE),
    fees: value(ONE),
    how: "ladder",
    stuckAt: millis(3_600_000),
    atOnce: undefined,
  } as const;
  expect(isRecovered(closed, undefined)).toBe(true);
  expect(isRecovered(closed, rate(ONE * 0.051))).toBe(true);
  expect(isRecovered(closed, rate(ONE * 0.05))).toBe(false);
  expect(isRecovered({ ...closed, stuckAt: undefined }, undefined)).toBe(false);
  expect(isRecovered({ ...closed, closedAt: millis(26 * 3_600_000) }, undefined)).toBe(false);
});
