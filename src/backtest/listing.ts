import type { Instrument, InstrumentId, MarginBracket } from "../core/instrument.ts";
import { bracketsOf, type House, instrumentOf, type Sheet } from "../venue/instrument-sheet.ts";
import { type BuiltInVenue, bracketsFor, instrumentsOf } from "../venue/instruments.ts";

const USDM: House = { venue: "binanceusdm", makerFee: "0.02%", takerFee: "0.05%", liquidationFee: "1.25%" };

const common = { kind: "linear", lotsMax: "800000", notionalMin: "5", ordersMax: 200 } as const;

/**
 * More of Binance's USDT-M perpetuals than the built-in exchange trades, with their steps and lower tiers as published in
 * December 2025: old candles of them are about.
 */
const MORE_USDM: readonly Sheet[] = [
  {
    ...common,
    id: "BNBUSDT",
    base: "BNB",
    tick: "0.010",
    lot: "0.01",
    priceMin: "6.600",
    priceMax: "100000",
    tiers: [
      ["10000", "0.5%", 75],
      ["200000", "0.6%", 50],
      ["400000", "1%", 40],
      ["1500000", "2%", 25],
      ["3000000", "2.5%", 20],
    ],
  },
  {
    ...common,
    id: "XRPUSDT",
    base: "XRP",
    tick: "0.0001",
    lot: "0.1",
    priceMin: "0.0143",
    priceMax: "100000",
    tiers: [
      ["40000", "0.5%", 100],
      ["80000", "0.6%", 75],
      ["150000", "1%", 50],
      ["400000", "1.25%", 40],
      ["1000000", "2%", 25],
    ],
  },
  {
    ...common,
    id: "DOGEUSDT",
    base: "DOGE",
    tick: "0.000010",
    lot: "1",
    priceMin: "0.002440",
    priceMax: "30",
    tiers: [
      ["80000", "0.65%", 75],
      ["150000", "1%", 50],
      ["750000", "1.25%", 40],
      ["2000000", "2%", 25],
    ],
  },
  {
    ...common,
    id: "WIFUSDT",
    base: "WIF",
    tick: "0.0001",
    lot: "0.1",
    priceMin: "0.0001",
    priceMax: "1000",
    tiers: [
      ["20000", "1%", 75],
      ["200000", "1.5%", 50],
      ["1000000", "2%", 25],
      ["2000000", "2.5%", 20],
    ],
  },
  {
    ...common,
    id: "LAYERUSDT",
    base: "LAYER",
    tick: "0.0001",
    lot: "0.1",
    priceMin: "0.0001",
    priceMax: "200",
    tiers: [
      ["5000", "1%", 75],
      ["10000", "1.5%", 50],
      ["25000", "2%", 25],
      ["50000", "2.5%", 20],
      ["125000", "5%", 10],
    ],
  },
];

/** An instrument of a backtest with its margin tiers, the lowest first. */
export interface Listed {
  readonly instrument: Instrument;
  readonly brackets: readonly MarginBracket[];
}

/** What can be backtested on an exchange: what the built-in one trades, and on Binance USDT-M some more. */
export function listingOf(venue: BuiltInVenue): ReadonlyMap<InstrumentId, Listed> {
  const brackets = bracketsFor(venue);
  const shipped = instrumentsOf(venue).map(
    (instrument): Listed => ({ instrument, brackets: brackets[instrument.id] ?? [] }),
  );
  const more =
    venue === "binanceusdm"
      ? MORE_USDM.map(
          (sheet): Listed => ({ instrument: instrumentOf(USDM, sheet), brackets: bracketsOf(sheet) }),
        )
      : [];
  return new Map([...shipped, ...more].map((listed) => [listed.instrument.id, listed]));
}
