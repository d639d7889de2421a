import { describe, expect, it } from "vitest";
import { lots, ONE, ticks, value } from "../../../src/core/units.ts";
import { Exchange } from "../../support/exchange.ts";
import { entryOf } from "../../support/orders.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { one, open, told } from "../../support/scenario.ts";

describe("a start", () => {
  it("that must be flat does not trade while anything is there, says what, and begins when it is gone", () => {
    const exchange = new Exchange();
    exchange.trade("buy", 25);
    const stray = { ...entryOf({ clientId: "web_1", price: ticks(400_000) }), lots: lots(1) };
    exchange.place(stray);
    const rig = new Rig({ exchange, config: { grids: [GRID], start: "flatOnly" } }).boot();
    rig.pass(5_000);
    expect([rig.sent, told(rig)]).toEqual([[], ["critical start:main"]]);
    expect(rig.state.blocks()).toEqual([
      "this start must be flat, but the account holds 1 position (BTCUSDT 0.025 BTC) and 1 order",
    ]);
    exchange.cancel(stray);
    exchange.trade("sell", 25);
    rig.pass(200_000);
    rig.ask({ type: "resume" });
    rig.pass(3_000);
    expect([told(rig).filter((each) => each.endsWith("start:main")), open(rig, "entry")]).toEqual([
      ["critical start:main", "resolved start:main"],
      [10],
    ]);
  });

  it("that must be flat is not, while anything is held in an instrument that the desk does not trade", () => {
    const exchange = new Exchange();
    exchange.others = [{ symbol: "XRPUSDT", size: "120.5", asset: "USDT", notional: value(60 * ONE) }];
    const rig = new Rig({ exchange, config: { grids: [GRID], start: "flatOnly" } }).boot();
    rig.pass(5_000);
    expect([rig.sent, rig.state.blocks()]).toEqual([
      [],
      ["this start must be flat, but the account holds 1 position (XRPUSDT 120.5)"],
    ]);
    exchange.others = [];
    rig.pass(400_000);
    expect([told(rig).at(-1), open(rig, "entry")]).toEqual(["resolved start:main", [10]]);
  });

  it("counts what is held elsewhere for the account's gross leverage, if it is worth the same asset", () => {
    const held = (asset: string) => {
      const exchange = new Exchange();
      exchange.others = [{ symbol: "XRPUSDT", size: "1", asset, notional: value(100_000 * 10 * ONE) }];
      return new Rig({ exchange, config: { grids: [GRID] } }).boot();
    };
    expect([open(held("USDT"), "entry"), open(held("USDC"), "entry")]).toEqual([[], [10]]);
    expect(held("USDT").refused.map(({ reason }) => reason)).toContain("grossLeverage");
  });

  it("that must be flat and is, trades like any other", () => {
    const rig = new Rig({ config: { start: "flatOnly" } }).boot();
    expect([open(rig, "entry"), told(rig)]).toEqual([[10], []]);
  });

  it("that finds what it may not adopt leaves its leverage and margin mode alone, and so does any where a person holds", () => {
    const settings = (start: "flatOnly" | "adopt") => {
      const exchange = new Exchange();
      exchange.leverage = 7;
      exchange.trade("buy", 25);
      const rig = new Rig({ exchange, config: { grids: [GRID], start } }).boot();
      rig.pass(130_000);
      return [exchange.leverage, exchange.marginMode, rig.sent];
    };
    expect([settings("flatOnly"), settings("adopt")]).toEqual([
      [7, "cross", []],
      [7, "cross", []],
    ]);
  });

  it("takes what is held elsewhere for gone when two readings do not show it, not one", () => {
    const exchange = new Exchange();
    const held = [{ symbol: "XRPUSDT", size: "120.5", asset: "USDT", notional: value(60 * ONE) }];
    exchange.others = held;
    const rig = new Rig({ exchange }).boot();
    exchange.others = [];
    rig.feed(exchange.truth());
    expect(rig.state.account.others).toEqual(held);
    rig.feed(exchange.truth());
    expect(rig.state.account.others).toEqual([]);
  });
});

describe("transfers", () => {
  const moved = (rig: Rig, amount: number) => {
    rig.exchange.wallet += amount;
    const wallet = value(rig.exchange.wallet);
    rig.feed({
      ...rig.exchange.times(),
      type: "balance",
      account: "main",
      asset: "USDT",
      wallet,
      cause: "transfer",
    });
  };

  it("money that leaves stops the entries and is said loudly; /resume accepts it", () => {
    const rig = new Rig().boot();
    moved(rig, -1_250 * ONE);
    expect(told(rig)).toEqual(["critical transfer:main"]);
    expect(rig.state.blocks()).toEqual([
      "orders, fills, transfers or settings that are not ours were seen on the account; /resume accepts them",
    ]);
    rig.ask({ type: "resume" });
    expect(rig.state.blocks()).toEqual([]);
  });

  it("money that comes is only noted, and the same news twice is no news", () => {
    const rig = new Rig().boot();
    moved(rig, 500 * ONE);
    moved(rig, 0);
    expect([told(rig), rig.state.blocks()]).toEqual([["notice deposit:main"], []]);
  });
});

describe("figures", () => {
  it("with fees in another asset: they are told apart, and are no part of any profit", () => {
    const exchange = new Exchange();
    exchange.feeAsset = "BNB";
    const rig = new Rig({ exchange, config: { grids: [GRID] } }).boot();
    rig.feed(...exchange.fill(one(rig, "entry")));
    const { fees, otherFees } = rig.state.account;
    expect([fees, [...otherFees.keys()], (otherFees.get("BNB") ?? 0) > 0]).toEqual([0, ["BNB"], true]);
    expect(rig.state.account.share("BTCUSDT", "both", "grid1").fees).toBe(0);
  });
});
