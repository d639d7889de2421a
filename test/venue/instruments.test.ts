import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { notional } from "../../src/core/instrument.ts";
import { lots, ONE, ticks } from "../../src/core/units.ts";
import {
  BRACKETS,
  type BuiltInVenue,
  bracketsFor,
  INSTRUMENTS,
  instrumentsOf,
} from "../../src/venue/instruments.ts";

/** Published tiers, when the market data lies beside the checkout. */
const TABLE = "../shared/data/ref/binance-usdm-leverage-brackets-20251205.json";

interface PublishedTier {
  readonly initialLeverage: number;
  readonly notionalFloor: string;
  readonly maintMarginRatio: string;
  readonly cum: string;
}

describe("the instruments that ship", () => {
  it.skipIf(!existsSync(TABLE))(
    "have the tiers that Binance published, as far as they go (needs ../shared/data)",
    () => {
      const table = JSON.parse(readFileSync(TABLE, "utf8")) as Record<string, readonly PublishedTier[]>;
      for (const [id, tiers] of Object.entries(BRACKETS)) {
        tiers.forEach((tier, at) => {
          const published = table[id]?.[at];
          expect({
            leverage: tier.leverageMax,
            floor: tier.floor,
            rate: tier.maintenance,
            cum: tier.deduction,
          }).toEqual({
            leverage: published?.initialLeverage,
            floor: Number(published?.notionalFloor) * ONE,
            rate: Math.round(Number(published?.maintMarginRatio) * ONE),
            cum: Math.round(Number(published?.cum) * ONE),
          });
        });
      }
    },
  );

  it.each<[BuiltInVenue, string, number, number, string]>([
    ["binancecoinm", "BTCUSD_PERP", 600_000, 60, "0.1 BTC"],
    ["binancecoinm", "ETHUSD_PERP", 300_000, 30, "0.1 ETH"],
    ["bybit", "BTCUSDT", 600_000, 2, "120 USDT"],
    ["bybit", "BTCUSD", 600_000, 6_000, "0.1 BTC"],
    ["okx", "BTC-USDT-SWAP", 600_000, 100, "600 USDT"],
    ["okx", "ETH-USDT-SWAP", 300_000, 100, "300 USDT"],
    ["okx", "BTC-USD-SWAP", 600_000, 60, "0.1 BTC"],
  ])("of %s: %s at %d ticks, %d lots are worth %s, to the last step", (venue, id, price, count, worth) => {
    const instrument = instrumentsOf(venue).find((each) => each.id === id);
    if (instrument === undefined) throw new Error(`${venue} has no ${id}`);
    expect(instrument.venue).toBe(venue);
    const amount = notional(instrument, ticks(price), lots(count), "towardZero") / ONE;
    expect(`${amount} ${instrument.settle}`).toBe(worth);
    const tiers = bracketsFor(venue)[id] ?? [];
    tiers.forEach((tier, at) => {
      expect(tier.floor).toBe(tiers[at - 1]?.cap ?? 0);
      expect(tier.leverageMax).toBeLessThan(tiers[at - 1]?.leverageMax ?? 1_000);
    });
    expect(tiers.length).toBeGreaterThan(0);
  });

  it("differ in tick, lot and smallest order, so that hard-coded rounding shows", () => {
    const facts = INSTRUMENTS.map(({ id, tick, lot, unit, notionalMin }) => [
      id,
      tick.text,
      lot.text,
      unit,
      notionalMin / ONE,
    ]);
    expect(facts).toEqual([
      ["BTCUSDT", "0.1", "0.001", 10_000, 100],
      ["ETHUSDT", "0.01", "0.001", 1_000, 20],
      ["SOLUSDT", "0.01", "1", 1_000_000, 5],
    ]);
    expect(INSTRUMENTS.map((each) => [each.makerFee, each.takerFee, each.liquidationFee])).toEqual(
      INSTRUMENTS.map(() => [20_000, 50_000, 1_250_000]),
    );
  });
});
