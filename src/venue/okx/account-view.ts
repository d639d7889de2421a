import type { AccountId } from "../../core/instrument.ts";
import { hashText } from "../../core/random.ts";
import type { Exchange, VenuePosition } from "../exchange.ts";
import { averageText, type Listing, money, priceText, sizeText } from "./listing.ts";
import { POS_SIDE, quoteText } from "./order-view.ts";

/** A number that stays the same for one book of one account. */
const positionId = (account: AccountId, { instrument, positionSide, marginMode }: VenuePosition): string =>
  String(hashText(`${account} ${instrument} ${positionSide} ${marginMode}`));

const ratioText = (part: number, whole: number): string => (whole === 0 ? "" : (part / whole).toFixed(8));

/** A position in contracts: signed in net mode, above zero where the side says it. */
const positionSize = (position: VenuePosition, listing: Listing): string =>
  `${position.positionSide === "both" && position.lots < 0 ? "-" : ""}${sizeText(position.lots, listing)}`;

/** A position as GET /api/v5/account/positions and the `positions` channel show it. */
export function positionView(position: VenuePosition, listing: Listing, account: AccountId) {
  const { exchange, instrument } = listing;
  const { marginMode, isolatedWallet, initialMargin, maintenanceMargin, unrealized } = position;
  const isIsolated = marginMode === "isolated";
  const backing = isIsolated
    ? isolatedWallet + unrealized
    : exchange.balance(account).crossWallet + unrealized;
  const liquidation = position.liquidation;
  return {
    adl: position.lots === 0 ? "" : "1",
    availPos: position.positionSide === "both" ? "" : sizeText(position.lots, listing),
    avgPx: averageText(position.cost, position.lots, listing),
    baseBal: "",
    baseBorrowed: "",
    baseInterest: "",
    bePx: averageText(position.cost, position.lots, listing),
    bizRefId: "",
    bizRefType: "",
    cTime: String(position.updatedAt),
    ccy: instrument.settle,
    clSpotInUseAmt: "",
    closeOrderAlgo: [],
    deltaBS: "",
    deltaPA: "",
    fee: "",
    fundingFee: "",
    gammaBS: "",
    gammaPA: "",
    idxPx: priceText(exchange.mark(instrument.id).index, listing),
    imr: isIsolated || position.lots === 0 ? "" : money(initialMargin),
    instId: instrument.id,
    instType: "SWAP",
    interest: "",
    last: priceText(position.mark, listing),
    lever: String(position.leverage),
    liab: "",
    liabCcy: "",
    liqPenalty: "",
    liqPx: priceText(liquidation, listing),
    margin: isIsolated ? money(isolatedWallet) : "",
    markPx: priceText(position.mark, listing),
    maxSpotInUseAmt: "",
    mgnMode: marginMode,
    mgnRatio: ratioText(backing, maintenanceMargin),
    mmr: position.lots === 0 ? "" : money(maintenanceMargin),
    nonSettleAvgPx: "",
    notionalUsd: quoteText(listing, position.mark, position.lots),
    optVal: "",
    pTime: String(exchange.now()),
    pendingCloseOrdLiabVal: "",
    pnl: "",
    pos: positionSize(position, listing),
    posCcy: "",
    posId: positionId(account, position),
    posSide: POS_SIDE[position.positionSide],
    quoteBal: "",
    quoteBorrowed: "",
    quoteInterest: "",
    realizedPnl: "",
    settledPnl: "",
    spotInUseAmt: "",
    spotInUseCcy: "",
    thetaBS: "",
    thetaPA: "",
    tradeId: "",
    uTime: String(position.updatedAt),
    upl: money(unrealized),
    uplLastPx: money(unrealized),
    uplRatio: ratioText(unrealized, initialMargin),
    uplRatioLastPx: ratioText(unrealized, initialMargin),
    usdPx: "",
    vegaBS: "",
    vegaPA: "",
  };
}

/** What `balance_and_position` says of a position. */
export function positionNews(position: VenuePosition, listing: Listing, account: AccountId) {
  const { posId, instId, instType, mgnMode, posSide, pos, ccy, posCcy, avgPx, uTime, tradeId } = positionView(
    position,
    listing,
    account,
  );
  return {
    posId,
    tradeId,
    instId,
    instType,
    mgnMode,
    posSide,
    pos,
    ccy,
    posCcy,
    avgPx,
    nonSettleAvgPx: "",
    settledPnl: "",
    uTime,
  };
}

/** One asset as GET /api/v5/account/balance and the `account` channel show it; `cashBal` is without isolated margins. */
export function assetView(exchange: Exchange, account: AccountId) {
  const balance = exchange.balance(account);
  const { wallet, crossWallet, unrealized, crossUnrealized, maintenanceMargin } = balance;
  const isolated = wallet - crossWallet;
  const isolatedUnrealized = unrealized - crossUnrealized;
  const frozen = Math.max(0, wallet + crossUnrealized - balance.available);
  return {
    accAvgPx: "",
    availBal: money(balance.available),
    availEq: money(balance.available),
    borrowFroz: "0",
    cashBal: money(crossWallet),
    ccy: balance.asset,
    clSpotInUseAmt: "",
    collateralEnabled: false,
    crossLiab: "",
    disEq: money(wallet + unrealized),
    eq: money(wallet + unrealized),
    eqUsd: money(wallet + unrealized),
    fixedBal: "0",
    frozenBal: money(frozen),
    imr: money(balance.initialMargin),
    interest: "",
    isoEq: money(isolated + isolatedUnrealized),
    isoLiab: "",
    isoUpl: money(isolatedUnrealized),
    liab: "",
    maxLoan: "",
    maxSpotInUse: "",
    mgnRatio: ratioText(crossWallet + crossUnrealized, maintenanceMargin),
    mmr: money(maintenanceMargin),
    notionalLever: "0",
    openAvgPx: "",
    ordFrozen: money(balance.orderInitialMargin),
    rewardBal: "0",
    smtSyncEq: "0",
    spotBal: "",
    spotInUseAmt: "",
    spotIsoBal: "0",
    spotUpl: "",
    spotUplRatio: "",
    stgyEq: "0",
    totalPnl: "",
    totalPnlRatio: "",
    twap: "0",
    uTime: String(exchange.now()),
    upl: money(unrealized),
    uplLiab: "",
  };
}

/** The account as a whole around its assets. OKX's sums are in USD, which this exchange does not have: they are "". */
export const accountView = (details: readonly object[], at: number) => ({
  adjEq: "",
  availEq: "",
  borrowFroz: "",
  details,
  imr: "",
  isoEq: "",
  mgnRatio: "",
  mmr: "",
  notionalUsd: "",
  notionalUsdForBorrow: "",
  notionalUsdForFutures: "",
  notionalUsdForOption: "",
  notionalUsdForSwap: "",
  ordFroz: "",
  totalEq: "",
  uTime: String(at),
  upl: "",
});
