import type { Instrument } from "../../core/instrument.ts";
import { lots, type Ticks } from "../../core/units.ts";
import type { Amendment } from "./change-log.ts";
import { type Fields, instrumentOf, limitOf, optional, text, whole, word } from "./fields.ts";
import { hasStart, historyPeriod, rowsOf } from "./history-calls.ts";
import { bodyOf, fieldsOf, listOf, orderNameOf } from "./order-calls.ts";
import { priceOf, SIDES, sent, sizeOf, unsent } from "./order-form.ts";
import { orderView } from "./order-view.ts";
import { allOf, badValue, Refusal } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";
import type { Reply, Routes, Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";
import { lotsText, pairOf, priceText } from "./texts.ts";

/** The calls that change resting orders, and cancel them when their owner falls silent. */
export const AMEND_CALLS: Routes = {
  "PUT /fapi/v1/order": { access: "signed", weight: 1, orders: () => 1, handle: amendOrder },
  "PUT /fapi/v1/batchOrders": {
    access: "signed",
    weight: 5,
    orders: (fields) => Math.max(1, listOf(fields, "batchOrders")?.length ?? 1),
    handle: amendBatch,
  },
  "GET /fapi/v1/orderAmendment": { access: "signed", weight: 1, handle: amendments },
  "POST /fapi/v1/countdownCancelAll": { access: "signed", weight: 10, handle: countdown },
};

const BATCH_MOST = 5;

/** Both price and quantity must be sent; the order keeps its side, and the side that is sent must be its own. */
function amendOrder(venue: Venue, fields: Fields, { account }: Pick<ApiKey, "account">): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  const { exchange } = venue;
  const side = text(fields, "side");
  const asked = allOf({
    by: orderNameOf(fields),
    side: side instanceof Refusal ? side : word(side, SIDES, new Refusal(-1117, "Invalid side.")),
    size: sent("quantity", sizeOf(fields, instrument)),
    price: sent("price", priceOf(fields, "price", instrument)),
    priceMatch: unsent(fields, "priceMatch", "NONE"),
    modifyId: whole(fields, "modifyId"),
  });
  if (asked instanceof Refusal) return asked;
  const { by, price, modifyId } = asked;
  const before = exchange.order(account, instrument.id, by);
  if (before === undefined) return refusalOf("unknownOrder", { ask: "query" });
  if (before.request.side !== asked.side) return badValue("side");
  const answer = exchange.amend(account, instrument.id, by, { price, lots: lots(asked.size) });
  if (!answer.ok) {
    const { mark } = exchange.mark(instrument.id);
    return refusalOf(answer.reason, { instrument, price, mark, ask: "place" });
  }
  const { request, orderId, clientId, status } = answer.value;
  if (status !== "canceled") {
    venue.changes.amended(account, {
      at: exchange.now(),
      instrument: instrument.id,
      orderId,
      clientId,
      price: { before: before.request.price ?? (0 as Ticks), after: request.price ?? price },
      lots: { before: before.request.lots, after: request.lots },
      modifyId,
    });
  }
  return { ...orderView(answer.value, instrument), modifyId: modifyId ?? 0 };
}

function amendBatch(venue: Venue, fields: Fields, key: ApiKey): Reply {
  const rows = listOf(fields, "batchOrders");
  if (rows === undefined) return badValue("batchOrders");
  if (rows.length === 0 || rows.length > BATCH_MOST) {
    return new Refusal(-4082, "Invalid number of batch place order.");
  }
  return rows.map((row) => {
    const change = fieldsOf(row);
    return change === undefined ? badValue("batchOrders").body : bodyOf(amendOrder(venue, change, key));
  });
}

function amendments(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const asked = allOf({
    instrument: instrumentOf(fields, venue.instruments),
    orderId: whole(fields, "orderId", 1),
    limit: limitOf(fields, 50, 100),
    period: historyPeriod(fields, venue.exchange.now(), false),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, orderId, limit, period } = asked;
  const clientId = optional(fields, "origClientOrderId");
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = period;
  const rows = venue.changes
    .amendments(account)
    .filter(
      (each) =>
        each.instrument === instrument.id &&
        (orderId === undefined || each.orderId === orderId) &&
        (clientId === undefined || each.clientId === clientId) &&
        each.at >= from &&
        each.at <= to,
    );
  return rowsOf(rows, limit, hasStart(fields)).map((each) => amendmentRow(each, instrument));
}

function amendmentRow(amendment: Amendment, instrument: Instrument): object {
  const { price, lots: size } = amendment;
  return {
    amendmentId: amendment.id,
    symbol: instrument.id,
    pair: pairOf(instrument),
    orderId: amendment.orderId,
    clientOrderId: amendment.clientId,
    time: amendment.at,
    amendment: {
      price: { before: priceText(price.before, instrument), after: priceText(price.after, instrument) },
      origQty: { before: lotsText(size.before, instrument), after: lotsText(size.after, instrument) },
      count: amendment.count,
      modifyId: amendment.modifyId ?? 0,
    },
  };
}

function countdown(venue: Venue, fields: Fields, { account }: Pick<ApiKey, "account">): Reply {
  const time = whole(fields, "countdownTime");
  const asked = allOf({
    instrument: instrumentOf(fields, venue.instruments),
    delayMs: time instanceof Refusal ? time : sent("countdownTime", time),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, delayMs } = asked;
  venue.countdowns.set(account, instrument.id, delayMs);
  return { symbol: instrument.id, countdownTime: String(delayMs) };
}
