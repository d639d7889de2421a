import { Refusal } from "../binance/refusal.ts";
import { bySymbol, type Reply, type Route, type Routes, type Venue } from "../binance/route.ts";
import type { Routing } from "./routing.ts";
import {
  accountPositionRow,
  balanceRow,
  bracketRow,
  leverageRow,
  orderRow,
  priceRow,
  type Row,
  riskRow,
  symbolRow,
  tickerRow,
  tradeRow,
  withoutSymbol,
  withPair,
} from "./rows.ts";

/** Every call of COIN-M futures, by "METHOD /path"; weights where they differ from those of USDT-M. */
export function coinmCalls(routing: Routing): Routes {
  return { ...marketCalls(routing), ...orderCalls(routing), ...accountCalls(routing) };
}

const marketCalls = (routing: Routing): Routes => ({
  "GET /dapi/v1/ping": routing.any("GET /fapi/v1/ping"),
  "GET /dapi/v1/time": routing.any("GET /fapi/v1/time"),
  "GET /dapi/v1/exchangeInfo": exchangeInfo(routing),
  "GET /dapi/v1/depth": routing.one("GET /fapi/v1/depth", (row, fields) =>
    withPair({ symbol: fields.get("symbol"), ...row }),
  ),
  "GET /dapi/v1/klines": routing.one("GET /fapi/v1/klines"),
  "GET /dapi/v1/continuousKlines": routing.one("GET /fapi/v1/continuousKlines"),
  "GET /dapi/v1/markPriceKlines": routing.one("GET /fapi/v1/markPriceKlines"),
  "GET /dapi/v1/indexPriceKlines": routing.one("GET /fapi/v1/indexPriceKlines"),
  "GET /dapi/v1/premiumIndexKlines": routing.one("GET /fapi/v1/premiumIndexKlines"),
  "GET /dapi/v1/trades": routing.one("GET /fapi/v1/trades"),
  "GET /dapi/v1/historicalTrades": routing.one("GET /fapi/v1/historicalTrades"),
  "GET /dapi/v1/aggTrades": routing.one("GET /fapi/v1/aggTrades"),
  "GET /dapi/v1/openInterest": routing.one("GET /fapi/v1/openInterest", (row) =>
    withPair({ ...row, contractType: "PERPETUAL" }),
  ),
  "GET /dapi/v1/ticker/24hr": routing.all("GET /fapi/v1/ticker/24hr", tickerRow),
  "GET /dapi/v1/ticker/price": routing.all("GET /fapi/v1/ticker/price", priceRow),
  "GET /dapi/v1/ticker/bookTicker": routing.all("GET /fapi/v1/ticker/bookTicker", withPair),
  "GET /dapi/v1/premiumIndex": routing.all("GET /fapi/v1/premiumIndex", withPair, 10),
  "GET /dapi/v1/fundingRate": routing.all("GET /fapi/v1/fundingRate"),
  "GET /dapi/v1/fundingInfo": routing.any("GET /fapi/v1/fundingInfo"),
});

const orderCalls = (routing: Routing): Routes => ({
  "POST /dapi/v1/order": routing.one("POST /fapi/v1/order", orderRow),
  "GET /dapi/v1/order": routing.one("GET /fapi/v1/order", orderRow),
  "PUT /dapi/v1/order": routing.one("PUT /fapi/v1/order", orderRow),
  "DELETE /dapi/v1/order": routing.one("DELETE /fapi/v1/order", orderRow),
  "POST /dapi/v1/batchOrders": batchOrders(routing, "POST /fapi/v1/batchOrders"),
  "PUT /dapi/v1/batchOrders": batchOrders(routing, "PUT /fapi/v1/batchOrders"),
  "DELETE /dapi/v1/batchOrders": routing.one("DELETE /fapi/v1/batchOrders", orderRow),
  "GET /dapi/v1/openOrder": routing.one("GET /fapi/v1/openOrder", orderRow),
  "GET /dapi/v1/openOrders": routing.all("GET /fapi/v1/openOrders", orderRow, bySymbol(1, 40)),
  "GET /dapi/v1/allOrders": routing.short("GET /fapi/v1/allOrders", orderRow, 20, 50, 100),
  "GET /dapi/v1/orderAmendment": routing.one("GET /fapi/v1/orderAmendment", withPair),
  "GET /dapi/v1/forceOrders": routing.all("GET /fapi/v1/forceOrders", orderRow),
  "POST /dapi/v1/countdownCancelAll": routing.one("POST /fapi/v1/countdownCancelAll"),
  "DELETE /dapi/v1/allOpenOrders": routing.one("DELETE /fapi/v1/allOpenOrders"),
  "GET /dapi/v1/userTrades": routing.short("GET /fapi/v1/userTrades", tradeRow, 20, 50, 1_000),
  "POST /dapi/v1/algoOrder": routing.one("POST /fapi/v1/algoOrder"),
  "GET /dapi/v1/algoOrder": routing.named("GET /fapi/v1/algoOrder"),
  "DELETE /dapi/v1/algoOrder": routing.named("DELETE /fapi/v1/algoOrder"),
  "GET /dapi/v1/openAlgoOrders": routing.all("GET /fapi/v1/openAlgoOrders"),
  "GET /dapi/v1/allAlgoOrders": routing.one("GET /fapi/v1/allAlgoOrders"),
  "DELETE /dapi/v1/algoOpenOrders": routing.one("DELETE /fapi/v1/algoOpenOrders"),
});

const accountCalls = (routing: Routing): Routes => ({
  "GET /dapi/v1/account": account(routing),
  "GET /dapi/v1/balance": routing.all("GET /fapi/v2/balance", balanceRow, 1),
  "GET /dapi/v1/positionRisk": routing.all("GET /fapi/v2/positionRisk", riskRow, 1),
  "GET /dapi/v1/income": routing.all("GET /fapi/v1/income", undefined, 20),
  "GET /dapi/v1/commissionRate": routing.one("GET /fapi/v1/commissionRate"),
  "GET /dapi/v1/leverageBracket": routing.all("GET /fapi/v1/leverageBracket", (row) =>
    withoutSymbol(withPair(bracketRow(row))),
  ),
  "GET /dapi/v2/leverageBracket": routing.all("GET /fapi/v1/leverageBracket", bracketRow),
  "POST /dapi/v1/leverage": routing.one("POST /fapi/v1/leverage", leverageRow),
  "POST /dapi/v1/marginType": routing.one("POST /fapi/v1/marginType"),
  "POST /dapi/v1/positionMargin": routing.one("POST /fapi/v1/positionMargin"),
  "GET /dapi/v1/positionMargin/history": routing.one("GET /fapi/v1/positionMargin/history"),
  "GET /dapi/v1/adlQuantile": routing.all("GET /fapi/v1/adlQuantile"),
  "GET /dapi/v1/positionSide/dual": routing.any("GET /fapi/v1/positionSide/dual"),
  "POST /dapi/v1/positionSide/dual": setPositionMode(routing),
  "POST /dapi/v1/listenKey": routing.any("POST /fapi/v1/listenKey"),
  "PUT /dapi/v1/listenKey": routing.any("PUT /fapi/v1/listenKey"),
  "DELETE /dapi/v1/listenKey": routing.any("DELETE /fapi/v1/listenKey"),
});

function exchangeInfo(routing: Routing): Route {
  const from = "GET /fapi/v1/exchangeInfo";
  return routing.like(from, (fields) => {
    let head: Row = {};
    const symbols: Row[] = [];
    for (const venue of routing.venues) {
      const {
        assets: _assets,
        futuresType: _type,
        symbols: rows,
        ...rest
      } = routing.run(from, venue, fields, undefined) as Row;
      head = rest;
      for (const row of rows as readonly Row[]) {
        const instrument = venue.instruments.get(String(row["symbol"]));
        if (instrument !== undefined) symbols.push(symbolRow(row, instrument));
      }
    }
    return { ...head, symbols };
  });
}

function account(routing: Routing): Route {
  const from = "GET /fapi/v2/account";
  return routing.like(from, (fields, key) => {
    const rows = routing.venues.map((venue) => routing.run(from, venue, fields, key) as Row);
    const gathered = (name: string): readonly Row[] => rows.flatMap((row) => row[name] as readonly Row[]);
    return {
      assets: gathered("assets"),
      positions: gathered("positions").map(accountPositionRow),
      canDeposit: true,
      canTrade: true,
      canWithdraw: true,
      feeTier: 0,
      updateTime: 0,
    };
  });
}

/** Each row of a batch names its own symbol. */
function batchOrders(routing: Routing, from: string): Route {
  return routing.like(from, (fields, key) => {
    // The whole list is checked by the first venue when it can't be split.
    const rows = listOf(fields.get("batchOrders"));
    if (rows === undefined || rows.length === 0 || rows.length > 5) {
      return routing.run(from, routing.venueOf(fields), fields, key);
    }
    return rows.flatMap((row) => {
      const symbol = isObject(row) ? String(row["symbol"] ?? "") : "";
      const venue = routing.venueOf(new Map([["symbol", symbol]]));
      const reply = routing.run(
        from,
        venue,
        new Map([...fields, ["batchOrders", JSON.stringify([row])]]),
        key,
      );
      return reply instanceof Refusal ? [reply.body] : (reply as readonly Row[]).map(orderRow);
    });
  });
}

/** One position mode for the whole account: every settle asset changes, or none. */
function setPositionMode(routing: Routing): Route {
  const from = "POST /fapi/v1/positionSide/dual";
  return routing.like(from, (fields, key) => {
    const wasHedge = String(fields.get("dualSidePosition")).toLowerCase() !== "true";
    const back = new Map([...fields, ["dualSidePosition", String(wasHedge)]]);
    const changed: Venue[] = [];
    let reply: Reply = {};
    for (const venue of routing.venues) {
      reply = routing.run(from, venue, fields, key);
      if (reply instanceof Refusal) {
        for (const each of changed) routing.run(from, each, back, key);
        return reply;
      }
      changed.push(venue);
    }
    return reply;
  });
}

const isObject = (row: unknown): row is Row => typeof row === "object" && row !== null && !Array.isArray(row);

function listOf(text: string | undefined): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text ?? "");
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
