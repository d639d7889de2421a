import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { type Fields, instrumentOf, limitOf, periodOf, text, word } from "./fields.ts";
import { candlesOf, joinCandles, picked } from "./interval-candles.ts";
import { INTERVAL_OF, type Interval } from "./intervals.ts";
import { klineRow } from "./klines.ts";
import { allOf, badValue, type Read, Refusal } from "./refusal.ts";
import { byLimit, type PublicRoute, type Reply, type Routes, type Venue } from "./route.ts";
import { pairOf } from "./texts.ts";

/** The calls that list candles: of trades, of the mark, of the index (which is the mark) and of the premium (none). */
export const CANDLE_CALLS: Routes = {
  "GET /fapi/v1/klines": candles(bySymbol, tradeCandles),
  "GET /fapi/v1/continuousKlines": candles(byPerpetualPair, tradeCandles),
  "GET /fapi/v1/markPriceKlines": candles(bySymbol, markCandles),
  "GET /fapi/v1/indexPriceKlines": candles(byPair, markCandles),
  "GET /fapi/v1/premiumIndexKlines": candles(bySymbol, premiumCandles),
};

interface Asked {
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly query: Parameters<typeof picked>[1];
}

function candles(
  find: (fields: Fields, instruments: Venue["instruments"]) => Read<Instrument>,
  list: (venue: Venue, asked: Asked) => Reply,
): PublicRoute {
  return {
    access: "public",
    weight: byLimit(500, [
      [99, 1],
      [499, 2],
      [1000, 5],
      [1500, 10],
    ]),
    handle: (venue, fields) => {
      const interval = text(fields, "interval");
      const asked = allOf({
        instrument: find(fields, venue.instruments),
        interval:
          interval instanceof Refusal
            ? interval
            : word(interval, INTERVAL_OF, new Refusal(-1120, "Invalid interval.")),
        period: periodOf(fields),
        limit: limitOf(fields, 500, 1500),
      });
      if (asked instanceof Refusal) return asked;
      const { period, limit, ...wanted } = asked;
      return list(venue, { ...wanted, query: { ...period, limit } });
    },
  };
}

function bySymbol(fields: Fields, instruments: Venue["instruments"]): Read<Instrument> {
  return instrumentOf(fields, instruments);
}

function byPair(fields: Fields, instruments: Venue["instruments"]): Read<Instrument> {
  const pair = text(fields, "pair");
  if (pair instanceof Refusal) return pair;
  const found = [...instruments.values()].find((each) => pairOf(each) === pair);
  return found ?? new Refusal(-1121, "Invalid symbol.");
}

function byPerpetualPair(fields: Fields, instruments: Venue["instruments"]): Read<Instrument> {
  const type = text(fields, "contractType");
  if (type instanceof Refusal) return type;
  return type === "PERPETUAL" ? byPair(fields, instruments) : badValue("contractType");
}

function tradeCandles({ exchange }: Venue, { instrument, interval, query }: Asked): Reply {
  return candlesOf(exchange, instrument.id, interval, query).map((each) => klineRow(each, instrument));
}

function markCandles(venue: Venue, asked: Asked): Reply {
  return marksOf(venue, asked.instrument.id, asked).map((each) => klineRow(each, asked.instrument));
}

const marksOf = ({ marks }: Venue, instrument: InstrumentId, { interval, query }: Asked) =>
  picked(joinCandles(marks.of(instrument), interval), query);

/** The index is the mark here, so the premium between them is nothing. */
function premiumCandles(venue: Venue, asked: Asked): Reply {
  const none = "0.00000000";
  return marksOf(venue, asked.instrument.id, asked).map(({ openAt, closeAt }) => [
    openAt,
    none,
    none,
    none,
    none,
    "0",
    closeAt,
    "0",
    0,
    "0",
    "0",
    "0",
  ]);
}
