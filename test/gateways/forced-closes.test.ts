import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeskEvent, FillEvent, OrderReportEvent } from "../../src/core/event.ts";
import { lots, millis } from "../../src/core/units.ts";
import type { Gateway } from "../../src/desk/ports.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { openCoinmRig } from "./coinm-rig.ts";
import { marketOrder, openRig, soon } from "./rig.ts";

/** One family of Binance with a long position that the exchange is about to take away. */
interface Stage {
  readonly gateway: Gateway;
  readonly account: readonly DeskEvent[];
  readonly exchange: Exchange;
  readonly instrument: string;
  move(price: number): void;
  close(): Promise<void>;
}

async function usdm(): Promise<Stage> {
  const rig = await openRig();
  await rig.start();
  const { exchange, move } = rig.venue;
  return { ...rig, exchange, move: (price) => move(price), instrument: "BTCUSDT" };
}

async function coinm(): Promise<Stage> {
  const rig = await openCoinmRig({ symbols: ["BTCUSD_PERP"] });
  await rig.start();
  return {
    ...rig,
    exchange: rig.venue.btc,
    move: (price) => rig.venue.move(price),
    instrument: "BTCUSD_PERP",
  };
}

describe.each([
  ["USDT-M", usdm],
  ["COIN-M", coinm],
] as const)("what the exchange does to a position on %s by itself", (_name, open) => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await open();
    const { instrument, gateway } = stage;
    await gateway.trading.setMarginMode(instrument, "isolated");
    await gateway.trading.setLeverage(instrument, 20);
    await gateway.trading.place(marketOrder({ instrument, lots: lots(100) }));
    await soon(() => stage.account.some(({ type }) => type === "fill"), "the position is there");
  });
  afterEach(() => stage.close());

  const forced = (events: readonly DeskEvent[], origin: string): readonly FillEvent[] =>
    events.filter((event): event is FillEvent => event.type === "fill" && event.origin === origin);
  const reports = (origin: string): readonly OrderReportEvent[] =>
    stage.account.filter(
      (event): event is OrderReportEvent => event.type === "orderReport" && event.origin === origin,
    );
  /** The stream and the history tell the same executions. */
  async function told(origin: "liquidation" | "adl", size: number, name: RegExp): Promise<void> {
    await soon(
      () => forced(stage.account, origin).reduce((sum, fill) => sum + fill.lots, 0) === size,
      "all is told",
    );
    expect(reports(origin).at(-1)).toMatchObject({ status: "filled", clientId: expect.stringMatching(name) });
    const { truth } = await stage.gateway.account.truth([stage.instrument], stage.exchange.now() - 3_600_000);
    const without = ({ wallAt: _wallAt, ...rest }: FillEvent) => rest;
    expect(forced(truth.fills, origin).map(without)).toEqual(forced(stage.account, origin).map(without));
    const told = stage.account.filter((event) => event.type === "position").at(-1);
    expect(told).toMatchObject({ lots: 100 - size });
  }

  it("a liquidation", async () => {
    const [held] = stage.exchange.positions("main").filter((each) => each.lots !== 0);
    stage.move((held?.liquidation ?? 0) - 50);
    await told("liquidation", 100, /^autoclose-/);
  });

  it("a deleveraging, of a part", async () => {
    stage.exchange.hand.deleverage("main", stage.instrument, "both", lots(40));
    await told("adl", 40, /^adl_autoclose/);
  });

  it("the settlement of a delisted contract", async () => {
    const end = millis(stage.exchange.now() + 2_000);
    stage.exchange.hand.delist(stage.instrument, end);
    while (stage.exchange.now() <= end) stage.move(500_003);
    await told("liquidation", 100, /^settlement_autoclose-/);
  });
});
