import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Instrument, type MarginBracket, notional, profit } from "../../src/core/instrument.ts";
import { stepOf } from "../../src/core/text.ts";
import { lots, millis, ONE, rate, type Ticks, ticks, value } from "../../src/core/units.ts";
import {
  exactLiquidationPrice,
  LevelWatch,
  type LiquidationLevel,
  levelOf,
  liquidationDistance,
  liquidationPrice,
  maintenanceMargin,
} from "../../src/risk/liquidation.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";

const btc = INSTRUMENTS.find(({ id }) => id === "BTCUSDT") as Instrument;
const btcTiers = BRACKETS["BTCUSDT"] as readonly MarginBracket[];
const usdt = (amount: number) => value(Math.round(amount * ONE));

/** A single tier, as the published examples give it. */
const tier = (maintenance: number, deduction: number): readonly MarginBracket[] => [
  {
    floor: value(0),
    cap: usdt(80_000_000),
    maintenance: rate(Math.round(maintenance * ONE)),
    deduction: usdt(deduction),
    leverageMax: 20,
  },
];

const perpetual = (kind: Instrument["kind"], tick: string, lot: string, unit: number): Instrument => ({
  ...btc,
  kind,
  tick: stepOf(tick),
  lot: stepOf(lot),
  unit,
});

describe("liquidation price", () => {
  it("is what Binance showed for a live long of 0.048 BTC, to the eighth decimal", () => {
    const cost = notional(btc, ticks(839_997), lots(48), "nearest");
    const given = { instrument: btc, brackets: btcTiers, lots: 48, cost, wallet: usdt(795.43606557) };
    expect(exactLiquidationPrice(given)).toBe(6_769_891_094_440);
    expect(liquidationPrice(given)).toBe(676_990);
    const worth = notional(btc, ticks(1_114_166), lots(48), "nearest");
    expect(maintenanceMargin(btcTiers, worth)).toBe(usdt(21.3919872));
  });

  // Wallet, maintenance and profit of the other positions, cum, size, entry, rate: Binance's published examples.
  it.each([
    [1_535_443.01, 0, 0, 135_365, 3_683_979, 1_456.84, 0.1, 1_114.784964],
    [1_535_443.01, 0, 0, 16_300, 109_488, 32_481.98, 0.025, 18_778.725932],
    [1_535_443.01, 71_200.81144, -56_354.57, 135_365, 3_683_979, 1_456.84, 0.1, 1_153.256465],
    [1_535_443.01, 356_512.508, -448_192.89, 16_300, 109_488, 32_481.98, 0.025, 26_316.893309],
  ])(
    "agrees with the published example (wallet %d, others %d and %d)",
    (wallet, mm, upnl, cum, size, entry, mmr, is) => {
      const instrument = perpetual("linear", "0.01", "0.001", 1_000);
      const price = exactLiquidationPrice({
        instrument,
        brackets: tier(mmr, cum),
        lots: size,
        cost: notional(instrument, ticks(Math.round(entry * 100)), lots(size), "nearest"),
        wallet: usdt(wallet),
        otherMaintenance: usdt(mm),
        otherUnrealized: usdt(upnl),
      });
      expect(Math.abs((price ?? 0) / ONE - is)).toBeLessThan(1e-6);
    },
  );

  it("counts the fee to close where Bybit and OKX do: long (EP - m/q) / (1 - mmr - fee), short (EP + m/q) / (1 + mmr + fee)", () => {
    const closeFee = rate(50_000);
    const at = (size: number): number => {
      const cost = value(Math.sign(size) * notional(btc, ticks(200_000), lots(Math.abs(size)), "nearest"));
      const brackets = tier(0.005, 0);
      const given = { instrument: btc, brackets, lots: size, cost, wallet: usdt(400), closeFee };
      return (exactLiquidationPrice(given) ?? 0) / ONE;
    };
    expect(at(1000)).toBeCloseTo(19_600 / (1 - 0.005 - 0.0005), 7);
    expect(at(-1000)).toBeCloseTo(20_400 / (1 + 0.005 + 0.0005), 7);
    const worth = usdt(20_000);
    expect(maintenanceMargin(tier(0.005, 0), worth, closeFee)).toBe(usdt(110));
  });

  it("meets Bybit's older example (1 BTC at 20,000, 50x, 0.5 %: 19,700) when the maintenance stays at the entry's, and lies nearer with the mark's", () => {
    const long = {
      instrument: btc,
      lots: 1000,
      cost: notional(btc, ticks(200_000), lots(1000), "nearest"),
      wallet: usdt(400),
    };
    const fixed = { ...long, brackets: tier(0, 0), otherMaintenance: usdt(100) };
    expect(exactLiquidationPrice(fixed)).toBe(usdt(19_700));
    expect(exactLiquidationPrice({ ...long, brackets: tier(0.005, 0) })).toBe(usdt(19_698.49246231));
  });

  it("of a hedge that can be liquidated both ways is the price nearer to the mark, else that of the larger leg's loss", () => {
    const leg = (size: number) => ({
      lots: size,
      cost: value(Math.sign(size) * notional(btc, ticks(600_000), lots(Math.abs(size)), "nearest")),
    });
    // 0.1 % up to a million, 5 % beyond: 10 BTC long and 9.5 BTC short lose below, and their margin outgrows them above.
    const [low, high] = [tier(0.001, 0)[0], tier(0.05, 49_000)[0]] as [MarginBracket, MarginBracket];
    const brackets = [
      { ...low, cap: usdt(1_000_000) },
      { ...high, floor: usdt(1_000_000) },
    ];
    const given = { instrument: btc, brackets, ...leg(10_000), hedge: leg(-9_500), wallet: usdt(3_000) };
    // 3,000 + 0.5 (P - 60,000) = 0.0195 P, and = 0.975 P - 98,000.
    const [below, above] = [Math.ceil((27_000 / 0.4805) * 10), Math.floor((71_000 / 0.475) * 10)];
    expect(liquidationPrice(given)).toBe(below);
    expect(liquidationPrice({ ...given, mark: ticks(600_000) })).toBe(below);
    expect(liquidationPrice({ ...given, mark: ticks(1_400_000) })).toBe(above);
    // Seen from the other leg it is the same.
    const other = { ...given, ...leg(-9_500), hedge: leg(10_000) };
    expect([liquidationPrice(other), liquidationPrice({ ...other, mark: ticks(1_400_000) })]).toEqual([
      below,
      above,
    ]);
  });

  it("is found where the notional meets a tier's edge exactly", () => {
    const cost = notional(btc, ticks(600_000), lots(10_000), "nearest");
    const given = { instrument: btc, brackets: btcTiers, lots: 10_000, cost, wallet: usdt(301_200) };
    expect(exactLiquidationPrice(given)).toBe(usdt(30_000));
  });

  it("leaves equity and maintenance equal, in whichever tier the price falls, for longs, shorts and hedges", () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: -50_000, max: 50_000 }),
        fc.integer({ min: -20_000, max: 20_000 }),
        fc.integer({ min: 300_000, max: 900_000 }),
        fc.integer({ min: 1, max: 2_000_000 }),
        (size, other, entry, wallet) => {
          const leg = (count: number) => ({
            lots: count,
            cost: value(Math.sign(count) * notional(btc, ticks(entry), lots(Math.abs(count)), "nearest")),
          });
          const hedge = Math.sign(other) === Math.sign(size) ? undefined : leg(other);
          const given = {
            instrument: btc,
            brackets: btcTiers,
            ...leg(size),
            wallet: usdt(wallet),
            ...(hedge === undefined ? {} : { hedge }),
          };
          const price = liquidationPrice(given);
          if (price === undefined || price > 5_000_000) return;
          found += 1;
          const margin = (at: Ticks): number =>
            [leg(size), ...(hedge === undefined ? [] : [hedge])].reduce(
              (sum, { lots: count, cost }) =>
                sum +
                profit(btc, cost, lots(count), at) -
                maintenanceMargin(btcTiers, notional(btc, at, lots(Math.abs(count)), "nearest")),
              given.wallet as number,
            );
          const tickWorth = (Math.abs(size) + Math.abs(hedge?.lots ?? 0)) * btc.unit;
          expect(Math.abs(margin(price))).toBeLessThanOrEqual(tickWorth * 1.02 + 4);
          // One tick away from the danger nothing is missing. Of a hedge that is nearly even the maintenance, which grows with
          // the price, outweighs what the larger leg earns: then a rise is the danger of a net long too.
          const isHedged = hedge !== undefined && hedge.lots !== 0;
          const isSafeAbove = isHedged ? margin(ticks(price + 1)) > margin(ticks(price - 1)) : size > 0;
          if (size !== 0 || isHedged)
            expect(margin(ticks(price + (isSafeAbove ? 1 : -1)))).toBeGreaterThanOrEqual(-4);
        },
      ),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it("works for inverse contracts, where the margin itself loses worth", () => {
    const inverse = perpetual("inverse", "0.1", "1", 100 * ONE);
    const cost = notional(inverse, ticks(600_000), lots(300), "nearest");
    // 300 contracts of 100 USD at 60,000 are 0.5 BTC; behind it stand 0.1 BTC.
    const brackets: readonly MarginBracket[] = tier(0.004, 0);
    const long = liquidationPrice({
      instrument: inverse,
      brackets,
      lots: 300,
      cost: value(-cost),
      wallet: usdt(0.1),
    });
    expect(long).toBe(Math.ceil((30_000 * 1.004 * 10) / 0.6));
    const short = liquidationPrice({
      instrument: inverse,
      brackets,
      lots: -300,
      cost,
      wallet: usdt(0.1),
    });
    expect(short).toBe(Math.floor((30_000 * 0.996 * 10) / 0.4));
  });

  it("is none for a flat book and for a long that is fully paid", () => {
    const given = { instrument: btc, brackets: btcTiers, lots: 10, cost: usdt(600), wallet: usdt(700) };
    expect(liquidationPrice(given)).toBeUndefined();
    expect(liquidationPrice({ ...given, lots: 0, cost: value(0) })).toBeUndefined();
  });

  it("keeps the maintenance margin continuous from tier to tier", () => {
    for (const tiers of Object.values(BRACKETS)) {
      tiers.forEach((each, at) => {
        const below = tiers[at - 1];
        if (below === undefined) return;
        expect(each.floor).toBe(below.cap);
        const own = maintenanceMargin([each], each.floor);
        expect(own).toBe(maintenanceMargin([below], each.floor));
      });
    }
  });
});

describe("liquidation level", () => {
  const mark = ticks(100_000);
  const at = (percent: number) => ({ mark, liquidation: ticks(100_000 - percent * 1_000) });

  it("follows the thresholds of S3 and X47 at their very edges", () => {
    const levels = [0, 4.999, 5, 9.999, 10, 20, 20.001, 60].map((percent) => levelOf(at(percent)));
    expect(levels).toEqual(["EXTREME", "EXTREME", "HIGH", "HIGH", "MEDIUM", "MEDIUM", "LOW", "LOW"]);
    expect(liquidationDistance(mark, ticks(120_000))).toBe(20_000_000);
  });

  it("is CRITICAL once liquidated or without margin, HIGH when something is missing, LOW when nothing can liquidate", () => {
    expect(levelOf({ ...at(50), isLiquidationSeen: true })).toBe("CRITICAL");
    expect(levelOf({ ...at(50), marginRatio: ONE })).toBe("CRITICAL");
    expect(levelOf({ ...at(50), marginRatio: ONE - 1 })).toBe("LOW");
    expect(levelOf({ mark, liquidation: undefined })).toBe("HIGH");
    expect(levelOf({ mark: undefined, liquidation: ticks(1) })).toBe("HIGH");
    expect(levelOf({ mark: undefined, liquidation: "none" })).toBe("LOW");
  });

  it("rises at once and falls only after a point of margin held for a minute", () => {
    const watch = new LevelWatch();
    const story: readonly (readonly [seconds: number, percent: number, level: LiquidationLevel])[] = [
      [0, 30, "LOW"],
      [1, 9, "HIGH"],
      [2, 4, "EXTREME"],
      [3, 5.5, "EXTREME"],
      [100, 5.9, "EXTREME"],
      [101, 6.1, "EXTREME"],
      [160, 6.1, "EXTREME"],
      [161, 6.1, "HIGH"],
      [162, 30, "HIGH"],
      [200, 10.5, "HIGH"],
      [201, 30, "HIGH"],
      [230, 12, "HIGH"],
      [261, 30, "MEDIUM"],
      [262, 3, "EXTREME"],
    ];
    for (const [seconds, percent, level] of story) {
      expect([seconds, watch.read(at(percent), millis(seconds * 1000))]).toEqual([seconds, level]);
    }
    expect(watch.level).toBe("EXTREME");
  });
});
