import type { AccountId, Instrument } from "../../core/instrument.ts";
import { averagePrice } from "../../core/instrument.ts";
import { lots, value } from "../../core/units.ts";
import { lotsText, priceText } from "../binance/texts.ts";
import type { VenuePosition } from "../exchange.ts";
import type { Floor } from "./house.ts";
import { amount, averageText, maybePrice, POSITION_IDX } from "./texts.ts";

/** The books of an account, flat ones too where `instrument` names the one. */
export function positionRows(
  account: AccountId,
  floor: Floor,
  instrument: Instrument | undefined,
): readonly object[] {
  return floor.exchange
    .positions(account)
    .filter((each) => (instrument === undefined ? each.lots !== 0 : each.instrument === instrument.id))
    .map((each) => positionRow(floor, each))
    .filter((row) => row !== undefined);
}

/** A book as GET /v5/position/list shows it. The margin mode is the account's, not the position's. */
export function positionRow(floor: Floor, position: VenuePosition): object | undefined {
  const instrument = floor.instruments.get(position.instrument);
  if (instrument === undefined) return undefined;
  const isHeld = position.lots !== 0;
  const brackets = floor.exchange.brackets(instrument.id);
  return {
    category: floor.category,
    positionIdx: POSITION_IDX[position.positionSide],
    riskId: 1,
    riskLimitValue: amount(brackets.at(-1)?.cap ?? 0),
    symbol: instrument.id,
    side: isHeld ? (position.lots > 0 ? "Buy" : "Sell") : "",
    size: lotsText(lots(Math.abs(position.lots)), instrument),
    avgPrice: averageText(position.cost, position.lots, instrument) ?? "0",
    entryPrice: averageText(position.cost, position.lots, instrument) ?? "0",
    positionValue: amount(value(Math.abs(position.cost))),
    tradeMode: 0,
    positionStatus: "Normal",
    autoAddMargin: 0,
    adlRankIndicator: isHeld ? 2 : 0,
    leverage: String(position.leverage),
    positionBalance: amount(
      position.marginMode === "isolated" ? position.isolatedWallet : position.initialMargin,
    ),
    markPrice: priceText(position.mark, instrument),
    liqPrice: maybePrice(position.liquidation, instrument),
    bustPrice: maybePrice(isHeld ? bankruptcy(instrument, position) : undefined, instrument),
    positionMM: amount(position.maintenanceMargin),
    positionIM: amount(position.initialMargin),
    tpslMode: "Full",
    takeProfit: "",
    stopLoss: "",
    trailingStop: "0",
    unrealisedPnl: isHeld ? amount(position.unrealized) : "",
    curRealisedPnl: "0",
    cumRealisedPnl: "0",
    seq: position.updatedAt,
    isReduceOnly: false,
    mmrSysUpdatedTime: "",
    leverageSysUpdatedTime: "",
    sessionAvgPrice: "",
    createdTime: String(position.updatedAt),
    updatedTime: String(position.updatedAt),
  };
}

/** Where an isolated position's wallet is used up: its value there is cost - wallet. */
function bankruptcy(instrument: Instrument, position: VenuePosition): ReturnType<typeof averagePrice> {
  if (position.marginMode !== "isolated") return undefined;
  const left = position.cost - position.isolatedWallet;
  const isBeyondZero = left === 0 || left > 0 !== position.cost > 0;
  return isBeyondZero ? undefined : averagePrice(instrument, value(left), position.lots);
}
