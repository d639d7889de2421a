import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gridNotices, layGrids } from "../../src/cli/grids.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { ONE, ticks } from "../../src/core/units.ts";
import { bracketsFor, INSTRUMENTS } from "../../src/venue/instruments.ts";
import { grid, ownFolder, settingsIn } from "./settings.ts";

let folder: ReturnType<typeof ownFolder>;
beforeEach(() => {
  folder = ownFolder();
});
afterEach(() => folder.gone());

const brackets = bracketsFor("binanceusdm");
const infos = INSTRUMENTS.map((instrument) => ({ instrument, brackets: brackets[instrument.id] ?? [] }));
const prices = new Map([["BTCUSDT", ticks(1_000_000)]]);
const laid = (engines: readonly object[], account: object = {}) =>
  layGrids(settingsIn(folder.path, { engines, account }), infos, prices);

describe("grids are laid from their settings", () => {
  test("with every parameter in counts, and what S1 sets when the file says nothing", () => {
    expect(laid([grid("BTCUSDT")])).toEqual([
      {
        engine: "grid",
        account: "main",
        instrument: "BTCUSDT",
        positionSide: "both",
        direction: "buy",
        quantity: 4,
        takeProfit: 500_000,
        step: 100_000,
        ordersMax: 2,
        waitMs: 0,
        positionMax: 8,
        purse: 1_000 * ONE,
        leverage: 3,
        stopLoss: 2_000_000,
        anchor: undefined,
        priceMin: undefined,
        priceMax: undefined,
        stuckAfterMs: 3_600_000,
        recovery: "ladder",
        stopPrice: undefined,
        pausePrice: undefined,
        lossMax: undefined,
      },
    ]);
    const all = {
      anchor_price: "97000",
      lower_price: "90000",
      upper_price: "110000",
      stop_price: "85000",
      pause_price: "95000.5",
      position_timeout_minutes: 90,
      recovery_mode: "aggressive",
      max_loss_usd: "250.5",
      stop_loss_enabled: false,
    };
    expect(laid([grid("BTCUSDT", all)])).toMatchObject([
      {
        anchor: 970_000,
        priceMin: 900_000,
        priceMax: 1_100_000,
        stopPrice: 850_000,
        pausePrice: 950_005,
        stuckAfterMs: 5_400_000,
        recovery: "aggressive",
        lossMax: 250.5 * ONE,
        stopLoss: undefined,
      },
    ]);
  });

  test("in hedge mode each on its own side of the symbol, so that both directions may run", () => {
    const both = [
      grid("BTCUSDT", { name: "up", recovery_mode: "hedge" }),
      grid("BTCUSDT", { name: "down", direction: "sell" }),
    ];
    expect(() => laid(both)).toThrow(/one-way mode/);
    const sides = laid(both, { positionMode: "hedge" });
    expect(sides).toMatchObject([
      { direction: "buy", positionSide: "long", recovery: "hedge" },
      { direction: "sell", positionSide: "short" },
    ]);
  });

  test("a mistake of any of them refuses the start, what is worth knowing does not", () => {
    const engines = [grid("BTCUSDT"), grid("BTCUSDT", { name: "two", stop_price: "100000.05" })];
    expect(() => laid(engines)).toThrow(
      new StartError('engine "two": stop_price is 100000.05: write a multiple of 0.1, the step of BTCUSDT.'),
    );
    const settings = settingsIn(folder.path, { engines: [grid("BTCUSDT", { max_orders: 20 })] });
    expect(gridNotices(settings, infos, prices)).toContain(
      "grid: its purse max_margin_usd of 1000.00 is enough for about 7 of its 20 rungs, all of them need 2670.67 at leverage 3.",
    );
  });

  describe("whose stops share an account", () => {
    const symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];
    const priced = new Map(
      symbols.map((symbol, at) => [symbol, ticks([1_000_000, 40_000, 20_000][at] ?? 0)]),
    );
    const size = { quantity: undefined, quantity_usd: 400, max_margin_usd: 3_000, grid_step: "0.2%" };
    const three = (maxOrders: readonly number[], more: object = {}) =>
      symbols.map((symbol, at) =>
        grid(symbol, { ...size, name: `g${at + 1}`, max_orders: maxOrders[at], ...more }),
      );
    const laidWith = (written: object) => layGrids(settingsIn(folder.path, written), infos, priced);

    test("may need as many as Binance keeps for all its symbols, and not one more", () => {
      expect(laidWith({ engines: three([80, 80, 40]) })).toHaveLength(3);
      expect(() => laidWith({ engines: three([80, 80, 80]) })).toThrow(
        new StartError(
          'engines "g1", "g2", "g3": max_orders is 80 + 80 + 80 = 240: binanceusdm keeps 200 stops for all symbols of an account together, one for each rung: lower max_orders, or give a grid a desk with an account of its own.',
        ),
      );
      // A loss limit in the place of the stops rests as stops, too.
      const limited = { stop_loss_enabled: false, max_loss_usd: 3_000 };
      expect(() => laidWith({ engines: three([80, 80, 41], limited) })).toThrow(/80 \+ 80 \+ 41 = 201: /);
    });

    test("leave room for the last stop of each position", () => {
      const risk = { lastStop: true };
      expect(laidWith({ risk, engines: three([80, 80, 37]) })).toHaveLength(3);
      expect(() => laidWith({ risk, engines: three([80, 80, 38]) })).toThrow(
        /max_orders is 80 \+ 80 \+ 38 = 198 and risk\.lastStop takes 3 more: /,
      );
      expect(() => laidWith({ risk, engines: three([200]).slice(0, 1) })).toThrow(
        /^engine "g1": max_orders is 200 and risk\.lastStop takes 1 more: /,
      );
      const pair = ["buy", "sell"].map((direction) =>
        grid("BTCUSDT", { ...size, name: direction, direction, max_orders: 100 }),
      );
      const account = { positionMode: "hedge" };
      expect(laidWith({ account, engines: pair })).toHaveLength(2);
      expect(() => laidWith({ account, risk, engines: pair })).toThrow(/lastStop takes 2 more/);
    });

    test("count per symbol where the exchange counts so", () => {
      const engines = three([80, 80, 80]);
      expect(laidWith({ exchange: "bybit", engines })).toHaveLength(3);
    });
  });

  test("a symbol without a price is no longer traded and lays nothing", () => {
    const settings = settingsIn(folder.path, { engines: [grid("ETHUSDT")] });
    expect(layGrids(settings, infos, prices)).toEqual([]);
    expect(gridNotices(settings, infos, prices)).toEqual([]);
  });
});
