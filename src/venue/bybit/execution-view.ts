import type { Instrument } from "../../core/instrument.ts";
import { notional } from "../../core/instrument.ts";
import { lots, ONE, type Rate, type Value } from "../../core/units.ts";
import { lotsText, priceText } from "../binance/texts.ts";
import type { VenueOrder, VenueTrade } from "../exchange.ts";
import type { Floor, House } from "./house.ts";
import { execIdText, fundingIdText } from "./ids.ts";
import { orderRow } from "./order-view.ts";
import { amount, plainRate, SIDE } from "./texts.ts";

const EXEC_TYPE = {
  client: "Trade",
  liquidation: "BustTrade",
  adl: "AdlTrade",
  settlement: "Settle",
} as const satisfies Record<VenueOrder["origin"], string>;

/** An execution as GET /v5/execution/list shows it; `isStream` adds what only the stream tells: its profit. */
export function executionRow(
  house: House,
  floor: Floor,
  order: VenueOrder,
  trade: VenueTrade,
  isStream: boolean,
): object | undefined {
  const instrument = floor.instruments.get(trade.instrument);
  const shown = orderRow(house, floor, order);
  if (instrument === undefined || shown === undefined) return undefined;
  const worth = notional(instrument, trade.price, trade.lots, "nearest");
  return {
    category: floor.category,
    symbol: instrument.id,
    orderId: shown.orderId,
    orderLinkId: shown.orderLinkId,
    side: SIDE[trade.side],
    orderPrice: shown["price"],
    orderQty: shown["qty"],
    leavesQty: shown["leavesQty"],
    createType: shown["createType"],
    orderType: shown["orderType"],
    stopOrderType: shown["stopOrderType"] === "" ? "UNKNOWN" : shown["stopOrderType"],
    execFee: amount(trade.fee),
    execId: execIdText(floor.index, trade.orderId, trade.tradeId),
    execPrice: priceText(trade.price, instrument),
    execQty: lotsText(trade.lots, instrument),
    execType: EXEC_TYPE[order.origin],
    execValue: amount(worth),
    execTime: String(trade.at),
    feeCurrency: "",
    isMaker: trade.isMaker,
    feeRate: plainRate(feeRateOf(trade.fee, worth)),
    tradeIv: "",
    markIv: "",
    markPrice: priceText(floor.exchange.mark(instrument.id).mark, instrument),
    indexPrice: "",
    underlyingPrice: "",
    blockTradeId: "",
    closedSize: lotsText(house.notes.closed(floor.index, trade), instrument),
    seq: trade.tradeId,
    ...(isStream ? { isLeverage: "0", marketUnit: "", execPnl: amount(trade.realized) } : {}),
    extraFees: "",
  };
}

const feeRateOf = (fee: Value, worth: Value): Rate =>
  (worth === 0 ? 0 : Math.round((fee / worth) * ONE)) as Rate;

/** A funding payment as an execution: Bybit tells it so. `paid` is what the account got, negative when it paid. */
export function fundingRow(
  floor: Floor,
  instrument: Instrument,
  held: VenueTrade["lots"],
  paid: Value,
  at: number,
): object {
  const { mark } = floor.exchange.mark(instrument.id);
  const size = lots(Math.abs(held));
  return {
    category: floor.category,
    symbol: instrument.id,
    orderId: fundingIdText(floor.index, instrument.id, at),
    orderLinkId: "",
    side: held < 0 ? "Sell" : "Buy",
    orderPrice: "0",
    orderQty: "0",
    leavesQty: "0",
    createType: "",
    orderType: "UNKNOWN",
    stopOrderType: "UNKNOWN",
    execFee: amount(-paid),
    execId: fundingIdText(floor.index, instrument.id, at),
    execPrice: priceText(mark, instrument),
    execQty: lotsText(size, instrument),
    execType: "Funding",
    execValue: amount(notional(instrument, mark, size, "nearest")),
    execTime: String(at),
    feeCurrency: "",
    isMaker: false,
    feeRate: "0",
    tradeIv: "",
    markIv: "",
    markPrice: priceText(mark, instrument),
    indexPrice: "",
    underlyingPrice: "",
    blockTradeId: "",
    closedSize: "0",
    seq: at,
    extraFees: "",
  };
}
