import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { executionCost, type Instrument, type MarginBracket } from "../../src/core/instrument.ts";
import { lots, ONE, type Rate, rate, ticks, value } from "../../src/core/units.ts";
import { exactLiquidationPrice, type LiquidationCase, liquidationPrice } from "../../src/risk/liquidation.ts";
import { type BuiltInVenue, bracketsFor, instrumentsOf } from "../../src/venue/instruments.ts";
import { rulesOf } from "../../src/venue/venue-rules.ts";
import { endOfSafety, lotSize, maintenance, type OracleCase, surplus, tickSize } from "./margin-oracle.ts";

const coins = (amount: number) => value(Math.round(amount * ONE));

/** An instrument, its tiers, the fee that counts as maintenance, and about where its price is. */
interface Stage {
  readonly instrument: Instrument;
  readonly brackets: readonly MarginBracket[];
  readonly closeFee: Rate;
  readonly around: number;
}

const AROUND: Readonly<Record<string, number>> = { BTC: 60_000, ETH: 3_000, SOL: 150 };
const VENUES: readonly BuiltInVenue[] = ["binanceusdm", "binancecoinm", "bybit", "okx"];
const BUILT_IN: readonly Stage[] = VENUES.flatMap((venue) =>
  instrumentsOf(venue).map((instrument) => ({
    instrument,
    brackets: bracketsFor(venue)[instrument.id] ?? [],
    closeFee: rulesOf(venue).closeFeeInMaintenance ?? rate(0),
    around: AROUND[instrument.base] ?? 100,
  })),
);

/** Tiers that Binance published, when the market data lies beside the checkout, on an instrument of ours: more stages, no other tests. */
const TABLE = "../shared/data/ref/binance-usdm-leverage-brackets-20251205.json";
type Published = Readonly<Record<"notionalFloor" | "notionalCap" | "maintMarginRatio" | "cum", string>>;

function publishedStages(): readonly Stage[] {
  if (!existsSync(TABLE)) return [];
  const sol = BUILT_IN.find(({ instrument }) => instrument.id === "SOLUSDT");
  if (sol === undefined) throw new Error("SOLUSDT ships");
  const table = JSON.parse(readFileSync(TABLE, "utf8")) as Readonly<Record<string, readonly Published[]>>;
  return Object.values(table).map((tiers) => {
    // Larger caps don't fit exact sums.
    const fitting = tiers.filter((tier) => Number(tier.notionalCap) <= 40_000_000);
    const brackets = fitting.map((tier) => ({
      floor: coins(Number(tier.notionalFloor)),
      cap: coins(Number(tier.notionalCap)),
      maintenance: rate(Math.round(Number(tier.maintMarginRatio) * ONE)),
      deduction: coins(Number(tier.cum)),
      leverageMax: 1,
    }));
    return { ...sol, brackets };
  });
}

const STAGES: readonly Stage[] = [...BUILT_IN, ...publishedStages()];

/** A small generator of its own, so that the cases don't hang on the house's. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function legOf(
  stage: Stage,
  count: number,
  price: number,
): { readonly lots: number; readonly cost: LiquidationCase["cost"] } {
  const at = ticks(Math.max(1, Math.round(price / tickSize(stage.instrument))));
  return { lots: count, cost: executionCost(stage.instrument, at, lots(count), "nearest") };
}

const oracleOf = (stage: Stage, given: LiquidationCase): OracleCase => ({
  isInverse: stage.instrument.kind === "inverse",
  brackets: stage.brackets,
  closeFee: stage.closeFee / ONE,
  money: (given.wallet - (given.otherMaintenance ?? 0) + (given.otherUnrealized ?? 0)) / ONE,
  legs: [given, ...(given.hedge === undefined ? [] : [given.hedge])].map((leg) => ({
    size: leg.lots * lotSize(stage.instrument),
    cost: leg.cost / ONE,
  })),
});

/** How many lots are worth `worth` of the settle asset at `price`. */
function lotsOf(stage: Stage, worth: number, price: number): number {
  const size = stage.instrument.kind === "inverse" ? worth * price : worth / price;
  return Math.max(1, Math.round(size / lotSize(stage.instrument)));
}

/** One leg of any size, mostly with a wallet that a price within reach uses up. */
function anyCase(stage: Stage, roll: () => number): LiquidationCase {
  const { instrument, brackets, closeFee, around } = stage;
  const top = (brackets[brackets.length - 1]?.cap ?? 0) / ONE;
  const worth = top * roll() ** 4;
  const entry = around * (0.5 + roll());
  const leg = legOf(stage, (roll() < 0.5 ? 1 : -1) * lotsOf(stage, worth, entry), entry);
  const wallet = coins(worth * (roll() < 0.2 ? 1.5 : 0.3) * roll() + 1e-4);
  const others =
    roll() < 0.3
      ? {
          otherMaintenance: coins(worth * 0.02 * roll()),
          otherUnrealized: coins(worth * 0.1 * (roll() - 0.5)),
        }
      : {};
  return { instrument, brackets, closeFee, ...leg, wallet, ...others };
}

/** A wallet that is used up where the notional meets a tier's edge, or a hair beside it. */
function edgeCase(stage: Stage, roll: () => number): LiquidationCase {
  const { instrument, brackets, closeFee, around } = stage;
  const edge = (brackets[Math.floor(roll() * brackets.length)]?.cap ?? 0) / ONE;
  const price = around * (0.5 + roll());
  const beside = [0, 1e-9, -1e-9, 1e-5, -1e-5][Math.floor(roll() * 5)] ?? 0;
  const count = (roll() < 0.5 ? 1 : -1) * lotsOf(stage, edge * (1 + beside), price);
  const leg = legOf(stage, count, price * (count > 0 ? 1 + 0.2 * roll() : 1 - 0.2 * roll()));
  const bare = oracleOf(stage, { instrument, brackets, ...leg, wallet: value(0) });
  const wallet = coins(Math.max(0, -surplus({ ...bare, closeFee: closeFee / ONE }, price)));
  return { instrument, brackets, closeFee, ...leg, wallet };
}

/** A long and a short of one instrument that share a cross wallet, safe at the mark. */
function hedgeCase(stage: Stage, roll: () => number): LiquidationCase {
  const { instrument, brackets, closeFee, around } = stage;
  const top = ((brackets[brackets.length - 1]?.cap ?? 0) / ONE) * 0.5;
  const [one, other] = [top * roll() ** 3, top * roll() ** 3];
  const long = legOf(stage, lotsOf(stage, one, around), around * (0.7 + 0.6 * roll()));
  const short = legOf(stage, -lotsOf(stage, other, around), around * (0.7 + 0.6 * roll()));
  const mark = ticks(Math.round(around / tickSize(instrument)));
  const wallet = coins((one + other) * (0.05 + 0.5 * roll()));
  return { instrument, brackets, closeFee, ...long, hedge: short, wallet, mark };
}

/** The liquidation price by bisection from the definition. */
function expected(stage: Stage, given: LiquidationCase): number | undefined {
  const oracle = oracleOf(stage, given);
  if (given.hedge === undefined)
    return given.lots > 0 ? endOfSafety(oracle, 1e18, "down") : endOfSafety(oracle, 1e-12, "up");
  const mark = (given.mark ?? 0) * tickSize(stage.instrument);
  const below = endOfSafety(oracle, mark, "down");
  const above = endOfSafety(oracle, mark, "up");
  if (below === undefined || above === undefined) return below ?? above;
  return mark - below < above - mark ? below : above;
}

const isSafeSomewhere = (stage: Stage, given: LiquidationCase): boolean => {
  const oracle = oracleOf(stage, given);
  if (given.hedge === undefined) return surplus(oracle, given.lots > 0 ? 1e18 : 1e-12) > 0;
  return surplus(oracle, (given.mark ?? 0) * tickSize(stage.instrument)) > 1e-6;
};

describe("the liquidation price against bisection", () => {
  it("is where equity is the maintenance margin, in 100,000 cases over all exchanges, tiers and their edges; or there is none", () => {
    const roll = dice(20_251_121);
    const seen = { found: 0, none: 0, hedge: 0, inverse: 0, edge: 0 };
    const wrong: string[] = [];
    for (let count = 0; count < 100_000; count += 1) {
      const stage = STAGES[count % STAGES.length] as Stage;
      const kind = Math.floor(roll() * 20);
      const given =
        kind < 2 ? hedgeCase(stage, roll) : kind < 9 ? edgeCase(stage, roll) : anyCase(stage, roll);
      if (!isSafeSomewhere(stage, given)) continue;
      const truth = expected(stage, given);
      const exact = exactLiquidationPrice(given);
      const inTicks = liquidationPrice(given);
      const say = (what: string): unknown =>
        wrong.push(
          `${what}: ${stage.instrument.id} ${JSON.stringify({ ...given, instrument: 0, brackets: 0 })} ${truth} ${exact}`,
        );
      if (truth === undefined || truth > 9e7) {
        seen.none += 1;
        if (exact !== undefined && exact / ONE < 8.9e7) say("there is none");
        continue;
      }
      if (truth < 1e-6) continue;
      if (exact === undefined || inTicks === undefined) {
        // Less than a tick above zero is no price, and nor is the last hair before never.
        if (truth > tickSize(stage.instrument)) say("not found");
        continue;
      }
      seen.found += 1;
      if (kind < 2) seen.hedge += 1;
      else if (kind < 9) seen.edge += 1;
      const oracle = oracleOf(stage, given);
      if (oracle.isInverse) seen.inverse += 1;
      const price = exact / ONE;
      const width = Math.max(1e-6, price * 1e-9);
      const slope = Math.abs(surplus(oracle, price + width) - surplus(oracle, price - width)) / (2 * width);
      const scale = oracle.legs.reduce(
        (sum, { size, cost }) =>
          sum + Math.abs(cost) + (oracle.isInverse ? Math.abs(size) / truth : Math.abs(size) * truth),
        Math.abs(oracle.money) + 1,
      );
      const noise = (scale * 4e-15) / Math.max(slope, 1e-30);
      if (Math.abs(price - truth) > 1e-6 + truth * 1e-12 + noise) say("another price");
      // At the price itself equity is maintenance, to what eight decimals of a price are worth.
      if (Math.abs(surplus(oracle, price)) > slope * 1e-8 + scale * 4e-15) say("equity is not maintenance");
      const tick = tickSize(stage.instrument);
      const rest = inTicks * tick - truth;
      if (Math.abs(rest) > tick * 1.000001 + noise) say("not the tick beside it");
      // Rounded towards where the account is safe.
      if (surplus(oracle, inTicks * tick) < -scale * 4e-15 - slope * noise) say("rounded into danger");
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(seen.found).toBeGreaterThan(75_000);
    expect(seen.none).toBeGreaterThan(2_000);
    expect(seen.hedge).toBeGreaterThan(3_000);
    expect(seen.edge).toBeGreaterThan(25_000);
    expect(seen.inverse).toBeGreaterThan(8_000);
  });

  it("has tiers whose deductions say what a margin tier by tier says, at their edges too", () => {
    for (const { brackets } of STAGES) {
      for (const tier of brackets) {
        for (const worth of [tier.floor / ONE, (tier.floor + tier.cap) / 2 / ONE]) {
          const byDeduction = worth * (tier.maintenance / ONE) - tier.deduction / ONE;
          expect(byDeduction).toBeCloseTo(maintenance(brackets, 0, worth), 6);
        }
      }
    }
  });
});
