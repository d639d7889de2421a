import type { Instrument, InstrumentId } from "../../src/core/instrument.ts";
import { type Lots, lots, millis, type Rate, type Ticks, ticks, value } from "../../src/core/units.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import type { ConditionalRequest, Exchange, OrderRequest, VenueEvent } from "../../src/venue/exchange.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";
import type { MarketPoint, MarketSource } from "../../src/venue/market-source.ts";
import type { ExchangeSetup } from "../../src/venue/venue-opening.ts";

/** 2025-01-01T00:00:00Z. */
export const START = 1_735_689_600_000;
export const MINUTE = 60_000;
export const USDT = 100_000_000;

function named(id: InstrumentId): Instrument {
  const found = INSTRUMENTS.find((instrument) => instrument.id === id);
  if (found === undefined) throw new Error(`no instrument ${id}`);
  return found;
}

export const BTC = named("BTCUSDT");

/** A price that a script names: traded price in whole dollars, and a mark where it differs. */
export type Scripted = number | { readonly price: number; readonly mark: number };

/** A market that goes through the given dollar prices, one a minute, each minute trading `volume` lots. */
export function scripted(
  prices: readonly Scripted[],
  options: {
    readonly instrument?: Instrument;
    readonly volume?: number;
    readonly startAt?: number;
    readonly rate?: Rate;
  } = {},
): MarketSource {
  const { instrument = BTC, volume = 50_000, startAt = START, rate } = options;
  let at = 0;
  const scale = 10 ** instrument.tick.decimals / instrument.tick.units;
  const timeOf = (count: number): number => startAt + count * MINUTE;
  return {
    instruments: [instrument.id],
    candleMs: MINUTE,
    nextAt: () => (at < prices.length ? millis(timeOf(at)) : undefined),
    next: (): MarketPoint | undefined => {
      const now = prices[at];
      if (now === undefined) return undefined;
      const [price, mark] = typeof now === "number" ? [now, now] : [now.price, now.mark];
      const openAt = millis(timeOf(at));
      at += 1;
      return {
        instrument: instrument.id,
        at: openAt,
        price: ticks(Math.round(price * scale)),
        mark: ticks(Math.round(mark * scale)),
        lots: lots(volume),
        candleLots: lots(volume),
        candleOpenAt: openAt,
        candleCloseAt: millis(openAt + MINUTE - 1),
        isLast: true,
      };
    },
    ...(rate === undefined ? {} : { fundingRate: () => rate }),
  };
}

/** An exchange with BTCUSDT, account "a" (10,000 USDT) and the events that it told. */
export function exchangeOf(
  market: MarketSource,
  setup: Partial<ExchangeSetup> = {},
): { readonly exchange: Exchange; readonly told: VenueEvent[] } {
  const exchange = createExchange({
    instruments: [BTC],
    brackets: BRACKETS,
    market,
    accounts: [{ id: "a", deposit: value(10_000 * USDT) }],
    seed: 1,
    ...setup,
  });
  const told: VenueEvent[] = [];
  exchange.listen((event) => told.push(event), { depth: false });
  return { exchange, told };
}

/** Runs the market to its end; returns how many steps it took. */
export function runOut(exchange: Exchange): number {
  let steps = 0;
  while (exchange.step(millis(START + 10_000 * MINUTE))) steps += 1;
  return steps;
}

const dollars = (price: number): Ticks => ticks(Math.round(price * 10));

/** A BTCUSDT limit order at a dollar price. */
export const limit = (
  side: "buy" | "sell",
  price: number,
  count: number,
  more: Partial<OrderRequest> = {},
): OrderRequest => ({
  instrument: "BTCUSDT",
  clientId: "",
  side,
  positionSide: "both",
  kind: "limit",
  timeInForce: "GTC",
  price: dollars(price),
  lots: lots(count) as Lots,
  reduceOnly: false,
  ...more,
});

/** A BTCUSDT market order. */
export const market = (
  side: "buy" | "sell",
  count: number,
  more: Partial<OrderRequest> = {},
): OrderRequest => ({
  instrument: "BTCUSDT",
  clientId: "",
  side,
  positionSide: "both",
  kind: "market",
  timeInForce: "GTC",
  lots: lots(count) as Lots,
  reduceOnly: false,
  ...more,
});

/** A BTCUSDT stop-market order on the mark price. */
export const stop = (
  side: "buy" | "sell",
  trigger: number,
  count: number | "all",
  more: Partial<ConditionalRequest> = {},
): ConditionalRequest => ({
  instrument: "BTCUSDT",
  clientId: "",
  side,
  positionSide: "both",
  kind: "stopMarket",
  trigger: dollars(trigger),
  ...(count === "all" ? {} : { lots: lots(count) }),
  closePosition: count === "all",
  reduceOnly: count !== "all",
  workingType: "mark",
  timeInForce: "GTC",
  ...more,
});

/** The value of an answer that must be a yes. */
export function yes<T>(answer: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer.value;
}

/** Why it was a no; "accepted" when it was not. */
export const reasonOf = (
  answer: { readonly ok: true } | { readonly ok: false; readonly reason: string },
): string => (answer.ok ? "accepted" : answer.reason);
