import { type Instrument, type MarginBracket, notional } from "../../core/instrument.ts";
import { lots, type Millis, signOf, type Value, value } from "../../core/units.ts";
import type { Exchange, VenueBalance, VenueOrder, VenuePosition } from "../exchange.ts";
import type { RestingNotional } from "./order-view.ts";
import { averageText, breakEvenText, lotsText, money, POSITION_SIDE, priceText } from "./texts.ts";

const NOTHING = value(0);

/** A position's worth at the mark with its sign, in steps of the settle asset. */
const worth = (position: VenuePosition, instrument: Instrument): Value =>
  position.lots < 0
    ? value(-notional(instrument, position.mark, lots(-position.lots), "nearest"))
    : notional(instrument, position.mark, position.lots, "nearest");

const isolatedMargin = (position: VenuePosition): Value =>
  position.marginMode === "isolated" ? value(position.isolatedWallet + position.unrealized) : NOTHING;

/** The largest position that a leverage allows: the cap of the last tier that offers it. */
export function notionalMax(brackets: readonly MarginBracket[], leverage: number): string {
  const tier = brackets.findLast((each) => each.leverageMax >= leverage) ?? brackets[0];
  return money(tier?.cap ?? NOTHING).replace(/\.0+$/, "");
}

/** What an account's resting orders on one instrument and position side are worth, reduce-only ones left out. */
export function restingNotional(orders: readonly VenueOrder[], instrument: Instrument): RestingNotional {
  let bids = 0;
  let asks = 0;
  for (const { request, filled } of orders) {
    if (request.reduceOnly || request.price === undefined) continue;
    const open = notional(instrument, request.price, lots(request.lots - filled), "up");
    if (signOf(request.side) > 0) bids += open;
    else asks += open;
  }
  return { bids: money(value(bids)), asks: money(value(asks)) };
}

/**
 * A position as GET /fapi/v3/positionRisk shows it. `orderMargin` is what its resting orders hold, `adl` its place in the
 * queue for deleveraging.
 */
export function positionRiskV3(
  position: VenuePosition,
  instrument: Instrument,
  resting: RestingNotional,
  orderMargin: Value,
  adl: number,
): Record<string, unknown> {
  return {
    ...positionCore(position, instrument),
    marginAsset: instrument.settle,
    initialMargin: money(value(position.initialMargin + orderMargin)),
    maintMargin: money(position.maintenanceMargin),
    positionInitialMargin: money(position.initialMargin),
    openOrderInitialMargin: money(orderMargin),
    adl,
    bidNotional: resting.bids,
    askNotional: resting.asks,
  };
}

/** A position as GET /fapi/v2/positionRisk shows it. */
export function positionRiskV2(
  position: VenuePosition,
  instrument: Instrument,
  brackets: readonly MarginBracket[],
): Record<string, unknown> {
  return {
    ...positionCore(position, instrument),
    leverage: String(position.leverage),
    marginType: position.marginMode,
    isAutoAddMargin: "false",
    maxNotionalValue: notionalMax(brackets, position.leverage),
  };
}

function positionCore(position: VenuePosition, instrument: Instrument): Record<string, unknown> {
  return {
    symbol: instrument.id,
    positionSide: POSITION_SIDE[position.positionSide],
    positionAmt: lotsText(position.lots, instrument),
    entryPrice: averageText(position.cost, position.lots, instrument),
    breakEvenPrice: breakEvenText(position.cost, position.lots, instrument),
    markPrice: priceText(position.mark, instrument),
    unRealizedProfit: money(position.unrealized),
    liquidationPrice: position.liquidation === undefined ? "0" : priceText(position.liquidation, instrument),
    isolatedMargin: money(isolatedMargin(position)),
    notional: money(worth(position, instrument)),
    isolatedWallet: money(position.isolatedWallet),
    updateTime: position.updatedAt,
  };
}

/** A position as the account calls show it: v3's fields, and v2's on top when `brackets` are given. */
export function accountPosition(
  position: VenuePosition,
  instrument: Instrument,
  orderMargin: Value,
  v2?: { readonly brackets: readonly MarginBracket[]; readonly resting: RestingNotional },
): Record<string, unknown> {
  const shared = {
    symbol: instrument.id,
    positionSide: POSITION_SIDE[position.positionSide],
    positionAmt: lotsText(position.lots, instrument),
    unrealizedProfit: money(position.unrealized),
    isolatedMargin: money(isolatedMargin(position)),
    notional: money(worth(position, instrument)),
    isolatedWallet: money(position.isolatedWallet),
    initialMargin: money(value(position.initialMargin + orderMargin)),
    maintMargin: money(position.maintenanceMargin),
    updateTime: position.updatedAt,
  };
  if (v2 === undefined) return shared;
  return {
    ...shared,
    positionInitialMargin: money(position.initialMargin),
    openOrderInitialMargin: money(orderMargin),
    leverage: String(position.leverage),
    isolated: position.marginMode === "isolated",
    entryPrice: averageText(position.cost, position.lots, instrument),
    breakEvenPrice: breakEvenText(position.cost, position.lots, instrument),
    maxNotional: notionalMax(v2.brackets, position.leverage),
    bidNotional: v2.resting.bids,
    askNotional: v2.resting.asks,
  };
}

/** The account's totals, as both account calls show them beside assets and positions. */
export function accountTotals(balance: VenueBalance): Record<string, string> {
  return {
    totalInitialMargin: money(balance.initialMargin),
    totalMaintMargin: money(balance.maintenanceMargin),
    totalWalletBalance: money(balance.wallet),
    totalUnrealizedProfit: money(balance.unrealized),
    totalMarginBalance: money(value(balance.wallet + balance.unrealized)),
    totalPositionInitialMargin: money(balance.positionInitialMargin),
    totalOpenOrderInitialMargin: money(balance.orderInitialMargin),
    totalCrossWalletBalance: money(balance.crossWallet),
    totalCrossUnPnl: money(balance.crossUnrealized),
    availableBalance: money(balance.available),
    maxWithdrawAmount: money(withdrawable(balance)),
  };
}

/** The one asset of the account, as the account calls show it. */
export function assetView(balance: VenueBalance, at: Millis): Record<string, unknown> {
  return {
    asset: balance.asset,
    walletBalance: money(balance.wallet),
    unrealizedProfit: money(balance.unrealized),
    marginBalance: money(value(balance.wallet + balance.unrealized)),
    maintMargin: money(balance.maintenanceMargin),
    initialMargin: money(balance.initialMargin),
    positionInitialMargin: money(balance.positionInitialMargin),
    openOrderInitialMargin: money(balance.orderInitialMargin),
    crossWalletBalance: money(balance.crossWallet),
    crossUnPnl: money(balance.crossUnrealized),
    availableBalance: money(balance.available),
    maxWithdrawAmount: money(withdrawable(balance)),
    marginAvailable: true,
    updateTime: at,
  };
}

/** The one asset of the account, as GET /fapi/v2|v3/balance shows it. */
export function balanceView(balance: VenueBalance, account: string, at: Millis): Record<string, unknown> {
  return {
    accountAlias: account,
    asset: balance.asset,
    balance: money(balance.wallet),
    crossWalletBalance: money(balance.crossWallet),
    crossUnPnl: money(balance.crossUnrealized),
    availableBalance: money(balance.available),
    maxWithdrawAmount: money(withdrawable(balance)),
    marginAvailable: true,
    updateTime: at,
  };
}

/** Unrealised profit can't be withdrawn. */
const withdrawable = (balance: VenueBalance): Value =>
  value(Math.max(0, Math.min(balance.available, balance.crossWallet)));

/**
 * The account's positions on an instrument as the exchange reports them, with the flat ones that Binance lists
 * too: BOTH in one-way mode, LONG and SHORT in hedge mode.
 */
export function positionsWithFlat(
  exchange: Exchange,
  account: string,
  instrument: Instrument,
): readonly VenuePosition[] {
  const held = exchange.positions(account).filter((each) => each.instrument === instrument.id);
  const sides = exchange.isHedgeMode(account) ? (["long", "short"] as const) : (["both"] as const);
  return sides.map(
    (side) =>
      held.find((each) => each.positionSide === side) ?? {
        instrument: instrument.id,
        positionSide: side,
        lots: lots(0),
        cost: NOTHING,
        mark: exchange.mark(instrument.id).mark,
        unrealized: NOTHING,
        liquidation: undefined,
        marginMode: exchange.marginMode(account, instrument.id),
        leverage: exchange.leverage(account, instrument.id),
        isolatedWallet: NOTHING,
        initialMargin: NOTHING,
        maintenanceMargin: NOTHING,
        updatedAt: 0 as VenuePosition["updatedAt"],
      },
  );
}
