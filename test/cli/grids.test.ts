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

  test("a symbol without a price is no longer traded and lays nothing", () => {
    const settings = settingsIn(folder.path, { engines: [grid("ETHUSDT")] });
    expect(layGrids(settings, infos, prices)).toEqual([]);
    expect(gridNotices(settings, infos, prices)).toEqual([]);
  });
});
