import type { Instrument } from "../../core/instrument.ts";
import { notional } from "../../core/instrument.ts";
import { type Fields, instrumentOf, limitOf, periodOf, whole } from "./fields.ts";
import { allOf, Refusal } from "./refusal.ts";
import type { Reply, Routes, Venue } from "./route.ts";
import { lotsText, money, priceText } from "./texts.ts";
import type { PublicTrade } from "./trade-tape.ts";

/** The calls that list public trades. Each trade stands for itself: nothing here is aggregated. */
export const TAPE_CALLS: Routes = {
  "GET /fapi/v1/trades": { access: "public", weight: 5, handle: recentTrades },
  "GET /fapi/v1/historicalTrades": { access: "public", weight: 20, handle: oldTrades },
  "GET /fapi/v1/aggTrades": { access: "public", weight: 20, handle: aggregateTrades },
};

function recentTrades({ tape, instruments }: Venue, fields: Fields): Reply {
  const asked = allOf({ instrument: instrumentOf(fields, instruments), limit: limitOf(fields, 500, 1000) });
  if (asked instanceof Refusal) return asked;
  return tape
    .of(asked.instrument.id)
    .slice(-asked.limit)
    .map((each) => tradeRow(each, asked.instrument));
}

function oldTrades({ tape, instruments }: Venue, fields: Fields): Reply {
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    fromId: whole(fields, "fromId"),
    limit: limitOf(fields, 100, 500),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, fromId, limit } = asked;
  const kept = tape.of(instrument.id);
  const found = fromId === undefined ? kept.slice(-limit) : kept.filter((each) => each.tradeId >= fromId);
  return found.slice(0, limit).map((each) => tradeRow(each, instrument));
}

function tradeRow(trade: PublicTrade, instrument: Instrument): object {
  return {
    id: trade.tradeId,
    price: priceText(trade.price, instrument),
    qty: lotsText(trade.lots, instrument),
    quoteQty: money(notional(instrument, trade.price, trade.lots, "nearest")),
    time: trade.at,
    isBuyerMaker: trade.takerSide === "sell",
    isRPITrade: false,
  };
}

const HOUR = 3_600_000;

function aggregateTrades({ tape, instruments }: Venue, fields: Fields): Reply {
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    fromId: whole(fields, "fromId"),
    period: periodOf(fields),
    limit: limitOf(fields, 500, 1000),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, fromId, period, limit } = asked;
  const { from, to } = period;
  if (from !== undefined && to !== undefined && to - from > HOUR) {
    return new Refusal(-1127, "Lookup interval is too big. More than 1 hours between startTime and endTime.");
  }
  const found = tape
    .of(instrument.id)
    .filter(
      (each) =>
        (fromId === undefined || each.tradeId >= fromId) &&
        (from === undefined || each.at >= from) &&
        (to === undefined || each.at <= to),
    );
  const isFromStart = fromId !== undefined || from !== undefined;
  return (isFromStart ? found.slice(0, limit) : found.slice(-limit)).map((each) => ({
    a: each.tradeId,
    p: priceText(each.price, instrument),
    q: lotsText(each.lots, instrument),
    nq: lotsText(each.lots, instrument),
    f: each.tradeId,
    l: each.tradeId,
    T: each.at,
    m: each.takerSide === "sell",
  }));
}
