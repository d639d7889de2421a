import { describe, expect, it } from "vitest";
import type { Instrument } from "../../src/core/instrument.ts";
import { lots, ONE, value } from "../../src/core/units.ts";
import type { Exchange, OrderRequest } from "../../src/venue/exchange.ts";
import { type BuiltInVenue, bracketsFor, instrumentsOf } from "../../src/venue/instruments.ts";
import { mergedMarket } from "../../src/venue/market-source.ts";
import { rulesOf } from "../../src/venue/venue-rules.ts";
import { exchangeOf, market, runOut, scripted, yes } from "./scripted-market.ts";

const AROUND: Readonly<Record<string, number>> = { BTC: 60_000, ETH: 3_000, SOL: 150 };

/** One leg: which book, which way, and about how many dollars. */
interface Leg {
  readonly positionSide: OrderRequest["positionSide"];
  readonly side: "buy" | "sell";
  readonly dollars: number;
}
interface Story {
  readonly mode: "isolated" | "cross";
  readonly leverage: number;
  readonly legs: readonly Leg[];
}
const one = (side: "buy" | "sell", dollars: number): readonly Leg[] => [
  { positionSide: "both", side, dollars },
];
const both = (long: number, short: number): readonly Leg[] => [
  { positionSide: "long", side: "buy", dollars: long },
  { positionSide: "short", side: "sell", dollars: short },
];
const STORIES: readonly Story[] = [
  { mode: "isolated", leverage: 20, legs: one("buy", 90_000) },
  { mode: "isolated", leverage: 20, legs: one("sell", 90_000) },
  { mode: "isolated", leverage: 3, legs: one("sell", 350_000) },
  { mode: "cross", leverage: 20, legs: one("buy", 900_000) },
  { mode: "cross", leverage: 20, legs: one("sell", 900_000) },
  { mode: "cross", leverage: 20, legs: both(1_000_000, 100_000) },
  { mode: "cross", leverage: 20, legs: both(100_000, 1_000_000) },
];

/** Opens the story's positions, then sends the market to `to` (dollars), if anywhere. */
function tell(venue: BuiltInVenue, instrument: Instrument, story: Story, to?: number): Exchange {
  const around = AROUND[instrument.base] ?? 100;
  const isInverse = instrument.kind === "inverse";
  const oneLot = isInverse
    ? instrument.unit / ONE
    : (instrument.unit * around * 10 ** instrument.tick.decimals) / ONE / instrument.tick.units;
  const { exchange } = exchangeOf(
    scripted(to === undefined ? [around] : [around, to], { instrument, volume: 100_000_000 }),
    {
      instruments: [instrument],
      brackets: bracketsFor(venue),
      rules: { ...rulesOf(venue), fundingIntervalMs: 1e12 },
      accounts: [
        {
          id: "a",
          deposit: value(Math.round((isInverse ? 150_000 / around : 150_000) * ONE)),
          leverage: story.leverage,
          marginMode: story.mode,
          hedgeMode: story.legs.length > 1,
        },
      ],
    },
  );
  for (const { positionSide, side, dollars } of story.legs) {
    const count = lots(Math.max(1, Math.round(dollars / oneLot)));
    yes(
      exchange.place("a", { ...market(side, 1, { positionSide }), instrument: instrument.id, lots: count }),
    );
  }
  if (to !== undefined) runOut(exchange);
  return exchange;
}

describe("a market that walks to a position's liquidation price", () => {
  for (const venue of ["binanceusdm", "binancecoinm", "bybit", "okx"] as const) {
    for (const instrument of instrumentsOf(venue)) {
      it(`leaves it alone a tick before and takes it a tick beyond: ${venue} ${instrument.id}`, () => {
        let walked = 0;
        for (const story of STORIES) {
          const open = tell(venue, instrument, story);
          const held = open.positions("a").filter((position) => position.lots !== 0);
          expect(held).toHaveLength(story.legs.length);
          const { liquidation, exactLiquidation } = held[0] ?? {};
          // Legs of one cross wallet share one price.
          expect(held.every((position) => position.liquidation === liquidation)).toBe(true);
          if (liquidation === undefined || exactLiquidation === undefined) continue;
          const tick = instrument.tick.units / 10 ** instrument.tick.decimals;
          expect(Math.abs(exactLiquidation / ONE - liquidation * tick)).toBeLessThan(tick);
          const mark = open.mark(instrument.id).mark;
          if (liquidation > 4 * mark) continue;
          walked += 1;
          const away = liquidation < mark ? 1 : -1;
          const heldAt = (price: number): number =>
            tell(venue, instrument, story, price * tick)
              .positions("a")
              .filter((position) => position.lots !== 0).length;
          // Profit and margin are rounded against the account, which may cost it a tick of a coarse one.
          expect(heldAt(liquidation + 2 * away)).toBe(story.legs.length);
          // Of a hedge the hungrier leg goes first; without it the other one may be safe.
          expect(heldAt(liquidation - 2 * away)).toBeLessThan(story.legs.length);
        }
        expect(walked).toBeGreaterThanOrEqual(5);
      });
    }
  }

  it("counts the margin and the profit of the account's other instruments, when they share its wallet", () => {
    const [btc, eth] = instrumentsOf("binanceusdm") as [Instrument, Instrument];
    const run = (to: readonly number[], marginMode: "cross" | "isolated"): Exchange => {
      const { exchange } = exchangeOf(
        mergedMarket([
          scripted([60_000, 60_000, ...to], { instrument: btc, volume: 100_000_000 }),
          scripted([3_000, 3_100, ...to.map(() => 3_100)], { instrument: eth, volume: 100_000_000 }),
        ]),
        {
          instruments: [btc, eth],
          rules: { fundingIntervalMs: 1e12 },
          accounts: [{ id: "a", deposit: value(150_000 * ONE), leverage: 20 }],
        },
      );
      if (marginMode === "isolated") yes(exchange.setMarginMode("a", "ETHUSDT", marginMode));
      yes(exchange.place("a", market("buy", 15_000)));
      yes(exchange.place("a", { ...market("sell", 300_000), instrument: "ETHUSDT" }));
      runOut(exchange);
      return exchange;
    };
    const priceOf = (exchange: Exchange): number => exchange.positions("a")[0]?.liquidation ?? 0;
    const cross = run([], "cross");
    const apart = run([], "isolated");
    // Shared, the short's loss and maintenance stand against the wallet; apart, the initial margin that it took along does.
    const [, other] = cross.positions("a");
    const [, own] = apart.positions("a");
    const weight = (other?.maintenanceMargin ?? 0) - (other?.unrealized ?? 0) - (own?.isolatedWallet ?? 0);
    const fees = apart.balance("a").fees - cross.balance("a").fees;
    expect(fees).toBe(0);
    // 15 BTC of the first two tiers at 0.5 %, less 300: the dollars that are missing move the price by so much.
    const moved = ((priceOf(cross) - priceOf(apart)) / 10) * 15 * (1 - 0.005) * ONE;
    expect(Math.abs(moved - weight) / ONE).toBeLessThan(4);
    const heldAt = (ticks: number): number => run([ticks / 10], "cross").positions("a")[0]?.lots ?? 0;
    expect([heldAt(priceOf(cross) + 2), heldAt(priceOf(cross) - 2)]).toEqual([15_000, 0]);
  });
});
