import type { Instrument, InstrumentId, MarginBracket } from "../core/instrument.ts";
import { bracketsOf, type House, instrumentOf, type Sheet } from "./instrument-sheet.ts";

/** The exchanges whose protocols the built-in exchange speaks. */
export type BuiltInVenue = "binanceusdm" | "binancecoinm" | "bybit" | "okx";

const HOUSES: Readonly<Record<BuiltInVenue, House>> = {
  binanceusdm: { venue: "binanceusdm", makerFee: "0.02%", takerFee: "0.05%", liquidationFee: "1.25%" },
  binancecoinm: { venue: "binancecoinm", makerFee: "0.02%", takerFee: "0.05%", liquidationFee: "1.5%" },
  // A forced close costs the taker fee there.
  bybit: { venue: "bybit", makerFee: "0.02%", takerFee: "0.055%", liquidationFee: "0.055%" },
  okx: { venue: "okx", makerFee: "0.02%", takerFee: "0.05%", liquidationFee: "0.05%" },
};

const MAJOR_TIERS: Sheet["tiers"] = [
  ["300000", "0.4%", 150],
  ["800000", "0.5%", 100],
  ["3000000", "0.65%", 75],
  ["12000000", "1%", 50],
  ["40000000", "2%", 25],
];

/**
 * Steps, limits and tiers as Binance published them for these USDT-M perpetuals in December 2025. The tiers above 40
 * million are left out: larger positions do not fit the exchange's exact sums with room for the price to double.
 */
const USDM: readonly Sheet[] = [
  {
    id: "BTCUSDT",
    kind: "linear",
    base: "BTC",
    tick: "0.10",
    lot: "0.001",
    priceMin: "261.10",
    priceMax: "809484.00",
    lotsMax: "1000",
    notionalMin: "100",
    ordersMax: 200,
    tiers: MAJOR_TIERS,
  },
  {
    id: "ETHUSDT",
    kind: "linear",
    base: "ETH",
    tick: "0.01",
    lot: "0.001",
    priceMin: "39.86",
    priceMax: "306177.00",
    lotsMax: "10000",
    notionalMin: "20",
    ordersMax: 200,
    tiers: MAJOR_TIERS,
  },
  {
    id: "SOLUSDT",
    kind: "linear",
    base: "SOL",
    tick: "0.0100",
    lot: "1",
    priceMin: "0.42",
    priceMax: "6857.00",
    lotsMax: "200000",
    notionalMin: "5",
    ordersMax: 200,
    tiers: [
      ["50000", "0.5%", 100],
      ["400000", "0.65%", 75],
      ["1000000", "1%", 50],
      ["4000000", "2%", 25],
      ["8000000", "2.5%", 20],
      ["40000000", "5%", 10],
    ],
  },
];

/** Of our own, in the shape of Binance's COIN-M perpetuals: contracts of whole dollars, tiers in the base asset. */
const COINM: readonly Sheet[] = [
  {
    id: "BTCUSD_PERP",
    kind: "inverse",
    base: "BTC",
    tick: "0.1",
    lot: "1",
    lotWorth: "100",
    priceMin: "1000",
    priceMax: "4520958",
    lotsMax: "100000",
    notionalMin: "100",
    ordersMax: 200,
    tiers: [
      ["5", "0.4%", 125],
      ["10", "0.5%", 100],
      ["20", "1%", 50],
      ["50", "2.5%", 20],
      ["100", "5%", 10],
      ["200", "10%", 5],
    ],
  },
  {
    id: "ETHUSD_PERP",
    kind: "inverse",
    base: "ETH",
    tick: "0.01",
    lot: "1",
    lotWorth: "10",
    priceMin: "50",
    priceMax: "306177",
    lotsMax: "1000000",
    notionalMin: "10",
    ordersMax: 200,
    tiers: [
      ["50", "0.5%", 100],
      ["200", "1%", 50],
      ["500", "2.5%", 20],
      ["1000", "5%", 10],
      ["5000", "10%", 5],
    ],
  },
];

/** Of our own, in the shape of Bybit's: linear quantities in the base asset, inverse contracts of one dollar. */
const BYBIT: readonly Sheet[] = [
  {
    id: "BTCUSDT",
    kind: "linear",
    base: "BTC",
    tick: "0.10",
    lot: "0.001",
    priceMin: "0.10",
    priceMax: "1999999.80",
    lotsMax: "1190",
    notionalMin: "5",
    ordersMax: 500,
    tiers: [
      ["2000000", "0.5%", 100],
      ["10000000", "1%", 50],
      ["40000000", "2%", 25],
    ],
  },
  {
    id: "ETHUSDT",
    kind: "linear",
    base: "ETH",
    tick: "0.01",
    lot: "0.01",
    priceMin: "0.01",
    priceMax: "199999.98",
    lotsMax: "7240",
    notionalMin: "5",
    ordersMax: 500,
    tiers: [
      ["1500000", "0.5%", 100],
      ["10000000", "1%", 50],
      ["40000000", "2%", 25],
    ],
  },
  {
    id: "BTCUSD",
    kind: "inverse",
    base: "BTC",
    tick: "0.10",
    lot: "1",
    lotWorth: "1",
    priceMin: "0.10",
    priceMax: "1999999.80",
    lotsMax: "25000000",
    notionalMin: "1",
    ordersMax: 500,
    tiers: [
      ["150", "0.5%", 100],
      ["300", "1%", 50],
      ["450", "2%", 25],
    ],
  },
];

/**
 * Of our own, in the shape of OKX's: quantities in contracts. OKX takes a position's tier from its contracts and has no
 * deduction, so that its margin jumps from tier to tier: only the first tier of each is offered.
 */
const OKX: readonly Sheet[] = [
  {
    id: "BTC-USDT-SWAP",
    kind: "linear",
    base: "BTC",
    tick: "0.1",
    // A contract is 0.01 BTC and may be split into a hundred.
    lot: "0.01",
    lotWorth: "0.0001",
    priceMin: "0.1",
    priceMax: "2000000",
    lotsMax: "100000",
    notionalMin: "0",
    ordersMax: 500,
    tiers: [["40000000", "0.4%", 100]],
  },
  {
    id: "ETH-USDT-SWAP",
    kind: "linear",
    base: "ETH",
    tick: "0.01",
    // A contract is 0.1 ETH and may be split into a hundred.
    lot: "0.01",
    lotWorth: "0.001",
    priceMin: "0.01",
    priceMax: "200000",
    lotsMax: "100000",
    notionalMin: "0",
    ordersMax: 500,
    tiers: [["40000000", "0.4%", 100]],
  },
  {
    id: "BTC-USD-SWAP",
    kind: "inverse",
    base: "BTC",
    tick: "0.1",
    lot: "1",
    lotWorth: "100",
    priceMin: "0.1",
    priceMax: "2000000",
    lotsMax: "100000",
    notionalMin: "0",
    ordersMax: 500,
    tiers: [["300", "0.4%", 100]],
  },
];

const SHEETS: Readonly<Record<BuiltInVenue, readonly Sheet[]>> = {
  binanceusdm: USDM,
  binancecoinm: COINM,
  bybit: BYBIT,
  okx: OKX,
};

/** The instruments that ship for an exchange. One exchange in a box takes those that settle in one asset. */
export const instrumentsOf = (venue: BuiltInVenue): readonly Instrument[] =>
  SHEETS[venue].map((sheet) => instrumentOf(HOUSES[venue], sheet));

/** Their margin tiers, the lowest first. */
export const bracketsFor = (venue: BuiltInVenue): Readonly<Record<InstrumentId, readonly MarginBracket[]>> =>
  Object.fromEntries(SHEETS[venue].map((sheet) => [sheet.id, bracketsOf(sheet)]));

/** The instruments of the default exchange, Binance's USDT-M: maker 0.02 %, taker 0.05 %, forced close 1.25 %. */
export const INSTRUMENTS: readonly Instrument[] = instrumentsOf("binanceusdm");

/** Their margin tiers. */
export const BRACKETS: Readonly<Record<InstrumentId, readonly MarginBracket[]>> = bracketsFor("binanceusdm");
