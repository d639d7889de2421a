import { type AccountId, type Instrument, notional } from "../../core/instrument.ts";
import { lots, mulDiv, type Value, value } from "../../core/units.ts";
import { isReducer } from "../client-order.ts";
import type { VenueOrder, VenuePosition } from "../exchange.ts";
import {
  accountPosition,
  accountTotals,
  assetView,
  balanceView,
  notionalMax,
  positionRiskV2,
  positionRiskV3,
  positionsWithFlat,
  restingNotional,
} from "./account-view.ts";
import { adlQuantile } from "./adl-queue.ts";
import { type Fields, instrumentOf, maybeInstrument } from "./fields.ts";
import type { RestingNotional } from "./order-view.ts";
import { Refusal } from "./refusal.ts";
import type { AccountRoute, Reply, Routes, Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";
import { rateText } from "./texts.ts";

/** The calls that show an account: its money, positions and what it may do. */
export const ACCOUNT_CALLS: Routes = {
  "GET /fapi/v3/account": shown(5, (venue, _fields, { account }) => accountOf(venue, account, false)),
  "GET /fapi/v2/account": shown(5, (venue, _fields, { account }) => accountOf(venue, account, true)),
  "GET /fapi/v3/balance": shown(5, balanceOf),
  "GET /fapi/v2/balance": shown(5, balanceOf),
  "GET /fapi/v3/positionRisk": shown(5, riskV3),
  "GET /fapi/v2/positionRisk": shown(5, riskV2),
  "GET /fapi/v1/accountConfig": shown(5, accountConfig),
  "GET /fapi/v1/symbolConfig": shown(5, symbolConfigs),
  "GET /fapi/v1/leverageBracket": shown(1, leverageBrackets),
  "GET /fapi/v1/commissionRate": shown(20, commissionRate),
  "GET /fapi/v1/multiAssetsMargin": shown(30, () => ({ multiAssetsMargin: false })),
  "GET /sapi/v1/account/apiRestrictions": shown(1, restrictions),
};

function shown(weight: number, handle: AccountRoute["handle"]): AccountRoute {
  return { access: "signed", weight, handle };
}

interface Held {
  readonly position: VenuePosition;
  readonly instrument: Instrument;
  readonly resting: RestingNotional;
  /** The part of the account's order margin that rests on this book. */
  readonly orderMargin: Value;
}

/** Every book of the account with what rests on it, flat ones too. */
function booksOf({ exchange, instruments }: Venue, account: AccountId, one?: Instrument): readonly Held[] {
  const wanted = one === undefined ? [...instruments.values()] : [one];
  return wanted.flatMap((instrument) => {
    const open = exchange.openOrders(account, instrument.id);
    return positionsWithFlat(exchange, account, instrument).map((position) => {
      const own = open.filter((order) => order.request.positionSide === position.positionSide);
      return {
        position,
        instrument,
        resting: restingNotional(own, instrument),
        orderMargin: orderMarginOf(position, instrument, own),
      };
    });
  });
}

/** Binance's rule: the worse of "all buys fill" and "all sells fill", over the leverage, less what the position holds. */
function orderMarginOf(
  position: VenuePosition,
  instrument: Instrument,
  orders: readonly VenueOrder[],
): Value {
  let [buys, sells] = [0, 0];
  for (const { request, filled } of orders) {
    if (request.price === undefined || isReducer(request)) continue;
    const worth = notional(instrument, request.price, lots(request.lots - filled), "up");
    if (request.side === "buy") buys += worth;
    else sells += worth;
  }
  const held = notional(instrument, position.mark, lots(Math.abs(position.lots)), "nearest");
  const signed = Math.sign(position.lots) * held;
  const worst = Math.max(held, Math.abs(signed + buys), Math.abs(signed - sells));
  return value(mulDiv(worst, 1, position.leverage, "up") - mulDiv(held, 1, position.leverage, "up"));
}

function accountOf(venue: Venue, account: AccountId, isV2: boolean): Reply {
  const balance = venue.exchange.balance(account);
  const at = venue.exchange.now();
  const books = booksOf(venue, account);
  const totals = { ...accountTotals(balance), assets: [assetView(balance, at)] };
  if (!isV2) {
    const live = books.filter(isLive);
    return {
      ...totals,
      positions: live.map((each) => accountPosition(each.position, each.instrument, each.orderMargin)),
    };
  }
  return {
    feeTier: 0,
    feeBurn: false,
    canTrade: true,
    canDeposit: true,
    canWithdraw: true,
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
    ...totals,
    positions: books.map((each) =>
      accountPosition(each.position, each.instrument, each.orderMargin, {
        brackets: venue.exchange.brackets(each.instrument.id),
        resting: each.resting,
      }),
    ),
  };
}

/** v3 lists only books with a position or a resting order. */
const isLive = ({ position, resting }: Held): boolean =>
  position.lots !== 0 || Number(resting.bids) !== 0 || Number(resting.asks) !== 0;

function balanceOf({ exchange }: Venue, _fields: Fields, { account }: ApiKey): Reply {
  return [balanceView(exchange.balance(account), account, exchange.now())];
}

function riskV3(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const one = maybeInstrument(fields, venue.instruments);
  if (one instanceof Refusal) return one;
  return booksOf(venue, account, one)
    .filter(isLive)
    .map(({ position, instrument, resting, orderMargin }) => {
      const adl = adlQuantile(venue, account, position, instrument);
      return positionRiskV3(position, instrument, resting, orderMargin, adl);
    });
}

function riskV2(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const one = maybeInstrument(fields, venue.instruments);
  if (one instanceof Refusal) return one;
  return booksOf(venue, account, one).map(({ position, instrument }) =>
    positionRiskV2(position, instrument, venue.exchange.brackets(instrument.id)),
  );
}

function accountConfig({ exchange }: Venue, _fields: Fields, { account }: ApiKey): Reply {
  return {
    feeTier: 0,
    canTrade: true,
    canDeposit: true,
    canWithdraw: true,
    dualSidePosition: exchange.isHedgeMode(account),
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
  };
}

function symbolConfigs({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const one = maybeInstrument(fields, instruments);
  if (one instanceof Refusal) return one;
  return (one === undefined ? [...instruments.values()] : [one]).map(({ id }) => {
    const leverage = exchange.leverage(account, id);
    return {
      symbol: id,
      marginType: exchange.marginMode(account, id) === "isolated" ? "ISOLATED" : "CROSSED",
      isAutoAddMargin: false,
      leverage,
      maxNotionalValue: notionalMax(exchange.brackets(id), leverage),
    };
  });
}

function leverageBrackets({ exchange, instruments }: Venue, fields: Fields): Reply {
  const one = maybeInstrument(fields, instruments);
  if (one instanceof Refusal) return one;
  return (one === undefined ? [...instruments.values()] : [one]).map(({ id }) => ({
    symbol: id,
    notionalCoef: 1,
    // Binance sends these as JSON numbers.
    brackets: exchange.brackets(id).map((tier, at) => ({
      bracket: at + 1,
      initialLeverage: tier.leverageMax,
      notionalCap: tier.cap / 1e8,
      notionalFloor: tier.floor / 1e8,
      maintMarginRatio: tier.maintenance / 1e8,
      cum: tier.deduction / 1e8,
    })),
  }));
}

function commissionRate({ instruments }: Venue, fields: Fields): Reply {
  const instrument = instrumentOf(fields, instruments);
  if (instrument instanceof Refusal) return instrument;
  return {
    symbol: instrument.id,
    makerCommissionRate: rateText(instrument.makerFee),
    takerCommissionRate: rateText(instrument.takerFee),
    rpiCommissionRate: rateText(instrument.makerFee),
  };
}

function restrictions(_venue: Venue, _fields: Fields, { permissions }: ApiKey): Reply {
  return {
    ipRestrict: permissions?.ipRestricted ?? true,
    createTime: 1_569_398_400_000,
    enableReading: true,
    enableFutures: true,
    enableWithdrawals: permissions?.withdrawals ?? false,
    enableInternalTransfer: permissions?.internalTransfer ?? false,
    permitsUniversalTransfer: permissions?.internalTransfer ?? false,
    enableMargin: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: false,
    enablePortfolioMarginTrading: false,
  };
}
