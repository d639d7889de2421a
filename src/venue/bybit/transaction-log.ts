import type { AccountId } from "../../core/instrument.ts";
import { value } from "../../core/units.ts";
import { lotsText, priceText } from "../binance/texts.ts";
import type { VenueIncome, VenueTrade } from "../exchange.ts";
import { type Fields, limitOf, optional, paged, periodOf } from "./fields.ts";
import type { Floor, House, Reply } from "./house.ts";
import { execIdText, fundingIdText } from "./ids.ts";
import { orderRow } from "./order-view.ts";
import { allOf, Refusal } from "./refusal.ts";
import { amount, SIDE } from "./texts.ts";

/** A line of the log with its moment, for sorting. */
interface LogLine {
  readonly at: number;
  readonly id: number;
  readonly row: Readonly<Record<string, string>>;
}

/** What moved the wallets, newest first: trades with their profit, funding, transfers. */
export function transactionLog(house: House, fields: Fields, account: AccountId): Reply {
  const floors = house.floors.filter(
    ({ category, settle }) =>
      category === (optional(fields, "category") ?? category) &&
      settle === (optional(fields, "currency") ?? settle),
  );
  const now = floors.reduce((latest, { exchange }) => Math.max(latest, exchange.now()), 0);
  const form = allOf({ period: periodOf(fields, now), limit: limitOf(fields, 20, 50) });
  if (form instanceof Refusal) return form;
  const type = optional(fields, "type");
  const lines = floors
    .flatMap((floor) => [
      ...floor.exchange.trades(account, form.period).map((trade) => tradeLine(house, floor, trade)),
      ...floor.exchange.income(account, form.period).flatMap((line) => incomeLine(floor, line)),
    ])
    .filter(({ row }) => type === undefined || row["type"] === type)
    .sort((a, b) => b.at - a.at || b.id - a.id)
    .map(({ row }) => row);
  const found = paged(lines, fields, form.limit);
  if (found instanceof Refusal) return found;
  return { list: found.page, nextPageCursor: found.nextPageCursor };
}

const LOG_TYPE = {
  client: "TRADE",
  liquidation: "LIQUIDATION",
  adl: "ADL",
  settlement: "SETTLEMENT",
} as const;

function tradeLine(house: House, floor: Floor, trade: VenueTrade): LogLine {
  const order = floor.exchange.order(trade.account, trade.instrument, { orderId: trade.orderId });
  const shown = order === undefined ? undefined : orderRow(house, floor, order);
  const instrument = floor.instruments.get(trade.instrument);
  return {
    at: trade.at,
    id: trade.tradeId,
    row: {
      ...emptyLine(floor, trade.at),
      symbol: trade.instrument,
      side: SIDE[trade.side],
      orderId: shown?.orderId ?? "",
      orderLinkId: shown?.orderLinkId ?? "",
      fee: amount(trade.fee),
      cashFlow: amount(trade.realized),
      change: amount(value(trade.realized - trade.fee)),
      type: LOG_TYPE[order?.origin ?? "client"],
      qty: instrument === undefined ? "0" : lotsText(trade.lots, instrument),
      tradePrice: instrument === undefined ? "0" : priceText(trade.price, instrument),
      tradeId: execIdText(floor.index, trade.orderId, trade.tradeId),
    },
  };
}

function incomeLine(floor: Floor, line: VenueIncome): readonly LogLine[] {
  const { at, id, amount: moved, instrument } = line;
  const text = amount(moved);
  const empty = emptyLine(floor, at);
  if (line.type === "transfer") {
    const type = moved < 0 ? "TRANSFER_OUT" : "TRANSFER_IN";
    return [{ at, id, row: { ...empty, cashFlow: text, change: text, type } }];
  }
  if (line.type === "funding") {
    const symbol = instrument ?? "";
    const tradeId = fundingIdText(floor.index, symbol, at);
    return [{ at, id, row: { ...empty, symbol, funding: text, change: text, type: "SETTLEMENT", tradeId } }];
  }
  if (line.type === "insurance")
    return [{ at, id, row: { ...empty, cashFlow: text, change: text, type: "BONUS" } }];
  return [];
}

function emptyLine(floor: Floor, at: number): Readonly<Record<string, string>> {
  return {
    id: `${floor.index}_${at}`,
    symbol: "",
    category: floor.category,
    side: "None",
    transactionTime: String(at),
    type: "",
    transSubType: "",
    qty: "0",
    size: "0",
    currency: floor.settle,
    tradePrice: "0",
    funding: "",
    fee: "0",
    cashFlow: "0",
    change: "0",
    cashBalance: "",
    feeRate: "",
    bonusChange: "",
    tradeId: "",
    orderId: "",
    orderLinkId: "",
  };
}
