import { type Instrument, type InstrumentId, type MarginBracket, unitOf } from "../core/instrument.ts";
import { exactCount, moneyOf, rateOf, type Step, stepOf } from "../core/text.ts";
import { lots, ticks, value } from "../core/units.ts";

/** An instrument as the exchange's tables write it, in texts. */
interface Sheet {
  readonly id: InstrumentId;
  readonly base: string;
  readonly tick: string;
  readonly lot: string;
  readonly priceMin: string;
  readonly priceMax: string;
  readonly lotsMax: string;
  readonly notionalMin: string;
  readonly ordersMax: number;
  /** Cap of the tier in quote, its maintenance rate, its largest leverage. */
  readonly tiers: readonly (readonly [cap: string, maintenance: string, leverageMax: number])[];
}

/**
 * Steps, limits and tiers as Binance published them for these USDT-M perpetuals in December 2025. The tiers above 40
 * million are left out: larger positions do not fit the exchange's exact sums with room for the price to double.
 */
const SHEETS: readonly Sheet[] = [
  {
    id: "BTCUSDT",
    base: "BTC",
    tick: "0.10",
    lot: "0.001",
    priceMin: "261.10",
    priceMax: "809484.00",
    lotsMax: "1000",
    notionalMin: "100",
    ordersMax: 200,
    tiers: [
      ["300000", "0.4%", 150],
      ["800000", "0.5%", 100],
      ["3000000", "0.65%", 75],
      ["12000000", "1%", 50],
      ["40000000", "2%", 25],
    ],
  },
  {
    id: "ETHUSDT",
    base: "ETH",
    tick: "0.01",
    lot: "0.001",
    priceMin: "39.86",
    priceMax: "306177.00",
    lotsMax: "10000",
    notionalMin: "20",
    ordersMax: 200,
    tiers: [
      ["300000", "0.4%", 150],
      ["800000", "0.5%", 100],
      ["3000000", "0.65%", 75],
      ["12000000", "1%", 50],
      ["40000000", "2%", 25],
    ],
  },
  {
    id: "SOLUSDT",
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

const CONDITIONAL_ORDERS_MAX = 200;

/** The venue name that the built-in exchange's instruments carry: it speaks Binance's USDT-M protocol. */
const BUILT_IN_VENUE = "binanceusdm";

/** The instruments that ship: maker 0.02 %, taker 0.05 %, forced close 1.25 %. */
export const INSTRUMENTS: readonly Instrument[] = SHEETS.map(instrumentOf);

/** Their margin tiers, the lowest first. */
export const BRACKETS: Readonly<Record<InstrumentId, readonly MarginBracket[]>> = Object.fromEntries(
  SHEETS.map((sheet) => [sheet.id, bracketsOf(sheet)]),
);

function instrumentOf(sheet: Sheet): Instrument {
  const tick = stepOf(sheet.tick);
  const lot = stepOf(sheet.lot);
  const count = (text: string, step: Step, field: string): number =>
    exactCount(text, step, `${sheet.id} ${field}`);
  const lotsMax = lots(count(sheet.lotsMax, lot, "lotsMax"));
  return {
    id: sheet.id,
    venue: BUILT_IN_VENUE,
    kind: "linear",
    base: sheet.base,
    quote: "USDT",
    settle: "USDT",
    tick,
    lot,
    unit: unitOf(tick, lot),
    priceMin: ticks(count(sheet.priceMin, tick, "priceMin")),
    priceMax: ticks(count(sheet.priceMax, tick, "priceMax")),
    lotsMin: lots(1),
    lotsMax,
    marketLotsMax: lotsMax,
    notionalMin: moneyOf(sheet.notionalMin, `${sheet.id} notionalMin`),
    ordersMax: sheet.ordersMax,
    conditionalOrdersMax: CONDITIONAL_ORDERS_MAX,
    makerFee: rateOf("0.02%", "makerFee"),
    takerFee: rateOf("0.05%", "takerFee"),
    liquidationFee: rateOf("1.25%", "liquidationFee"),
  };
}

/** deduction = floor x (rate - rate below) + deduction below: what keeps the maintenance margin continuous. */
function bracketsOf(sheet: Sheet): readonly MarginBracket[] {
  const found: MarginBracket[] = [];
  for (const [cap, maintenance, leverageMax] of sheet.tiers) {
    const below = found[found.length - 1];
    const floor = below?.cap ?? value(0);
    const part = rateOf(maintenance, `${sheet.id} maintenance`);
    const step = below === undefined ? 0 : (floor / 1e8) * (part - below.maintenance);
    found.push({
      floor,
      cap: moneyOf(cap, `${sheet.id} cap`),
      maintenance: part,
      deduction: value((below?.deduction ?? 0) + step),
      leverageMax,
    });
  }
  return found;
}
