import type { AccountId, Instrument } from "../../core/instrument.ts";
import type { VenueConditional } from "../exchange.ts";
import { conditionalView } from "./conditional-view.ts";
import { type Fields, instrumentOf, limitOf, maybeInstrument, optional, whole } from "./fields.ts";
import { historyPeriod } from "./history-calls.ts";
import { conditionalForm } from "./order-form.ts";
import { allOf, type Read, Refusal } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";
import { bySymbol, type Reply, type Routes, type Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";

/** The calls of Binance's algo service: orders that wait for a trigger price. */
export const CONDITIONAL_CALLS: Routes = {
  "POST /fapi/v1/algoOrder": { access: "signed", weight: 0, orders: () => 1, handle: placeConditional },
  "GET /fapi/v1/algoOrder": { access: "signed", weight: 1, handle: showConditional },
  "DELETE /fapi/v1/algoOrder": { access: "signed", weight: 1, handle: cancelConditional },
  "GET /fapi/v1/openAlgoOrders": { access: "signed", weight: bySymbol(1, 40), handle: showOpen },
  "GET /fapi/v1/allAlgoOrders": { access: "signed", weight: 5, handle: showAll },
  "DELETE /fapi/v1/algoOpenOrders": { access: "signed", weight: 1, handle: cancelAll },
};

/** The order that a trigger brought to life, while the exchange remembers it. */
export function spawnedOrder(venue: Pick<Venue, "exchange">, conditional: VenueConditional) {
  const { spawnedOrderId: orderId, account, request } = conditional;
  return orderId === undefined ? undefined : venue.exchange.order(account, request.instrument, { orderId });
}

const view = (venue: Venue, conditional: VenueConditional, instrument: Instrument): object =>
  conditionalView(conditional, spawnedOrder(venue, conditional), instrument);

/** Places a conditional order. */
export function placeConditional(venue: Venue, fields: Fields, { account }: Pick<ApiKey, "account">): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  const request = conditionalForm(fields, instrument, venue.exchange, account);
  if (request instanceof Refusal) return request;
  const answer = venue.exchange.placeConditional(account, request);
  if (answer.ok) return view(venue, answer.value, instrument);
  const { mark } = venue.exchange.mark(instrument.id);
  return refusalOf(answer.reason, {
    instrument,
    price: request.price ?? request.trigger,
    mark,
    ask: "place",
  });
}

type ConditionalName = { readonly conditionalId: number } | { readonly clientId: string };

function nameOf(fields: Fields): Read<ConditionalName> {
  const conditionalId = whole(fields, "algoId", 1);
  if (conditionalId instanceof Refusal) return conditionalId;
  if (conditionalId !== undefined) return { conditionalId };
  const clientId = optional(fields, "clientAlgoId");
  if (clientId !== undefined) return { clientId };
  return new Refusal(-1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!");
}

function showConditional(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const by = nameOf(fields);
  if (by instanceof Refusal) return by;
  const found = venue.exchange.conditional(account, by);
  const instrument = found && venue.instruments.get(found.request.instrument);
  if (found === undefined || instrument === undefined) return refusalOf("unknownOrder", { ask: "query" });
  return view(venue, found, instrument);
}

function cancelConditional(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const by = nameOf(fields);
  if (by instanceof Refusal) return by;
  const answer = venue.exchange.cancelConditional(account, by);
  if (!answer.ok) return refusalOf(answer.reason, { ask: "cancel" });
  const { conditionalId, clientId } = answer.value;
  return { algoId: conditionalId, clientAlgoId: clientId, code: "200", msg: "success" };
}

function showOpen(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const asked = allOf({ one: maybeInstrument(fields, venue.instruments), id: whole(fields, "algoId", 1) });
  if (asked instanceof Refusal) return asked;
  const { one, id } = asked;
  const wanted = one === undefined ? [...venue.instruments.values()] : [one];
  return wanted.flatMap((instrument) =>
    venue.exchange
      .openConditionals(account, instrument.id)
      .filter((each) => id === undefined || each.conditionalId === id)
      .map((each) => view(venue, each, instrument)),
  );
}

function showAll(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const isFromStart = ["startTime", "algoId"].some((name) => optional(fields, name) !== undefined);
  const asked = allOf({
    instrument: instrumentOf(fields, venue.instruments),
    id: whole(fields, "algoId", 1),
    page: whole(fields, "page", 1),
    limit: limitOf(fields, 500, 1000),
    period: historyPeriod(fields, venue.exchange.now(), isFromStart),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, id, limit, period, page } = asked;
  const rows = venue.exchange.conditionalHistory(account, {
    instrument: instrument.id,
    ...period,
    ...(id === undefined ? {} : { fromId: id }),
  });
  return pageOf(rows, limit, page, isFromStart).map((each) => view(venue, each, instrument));
}

/** Pages are counted from the oldest row; without one, the newest rows unless a start was named. */
function pageOf<T>(rows: readonly T[], limit: number, page: number | undefined, isFromStart: boolean) {
  if (page === undefined && !isFromStart) return rows.slice(-limit);
  const first = ((page ?? 1) - 1) * limit;
  return rows.slice(first, first + limit);
}

function cancelAll(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  cancelConditionals(venue, account, instrument);
  return { code: 200, msg: "The operation of cancel all open order is done." };
}

function cancelConditionals({ exchange }: Venue, account: AccountId, instrument: Instrument): void {
  for (const { conditionalId } of exchange.openConditionals(account, instrument.id)) {
    exchange.cancelConditional(account, { conditionalId });
  }
}
