import { hashText } from "../../core/random.ts";
import { VALUE_STEP } from "../../core/text.ts";
import { value } from "../../core/units.ts";
import { accountView, assetView, positionView } from "./account-view.ts";
import { listingOfField, listingsOfFields, optional, stepsOf, word } from "./fields.ts";
import type { Listing } from "./listing.ts";
import { rateText } from "./listing.ts";
import { POSITION_SIDES } from "./order-form.ts";
import { feeGroupOf } from "./public-calls.ts";
import { badValue, Refusal } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";
import { type Asked, everywhere, type Reply, type Routes, type Venue } from "./route.ts";
import type { OkxKey } from "./signature.ts";

/** The calls about the account as a whole, its positions and its settings. */
export const ACCOUNT_CALLS: Routes = {
  "GET /api/v5/account/balance": { access: "read", most: 10, handle: balance },
  "GET /api/v5/account/positions": { access: "read", most: 10, handle: positions },
  "GET /api/v5/account/config": { access: "read", most: 5, handle: config },
  "POST /api/v5/account/set-leverage": { access: "trade", most: 20, handle: setLeverage },
  "POST /api/v5/account/position/margin-balance": { access: "trade", most: 20, handle: changeMargin },
  "GET /api/v5/account/leverage-info": { access: "read", most: 20, handle: leverageInfo },
  "POST /api/v5/account/set-position-mode": { access: "trade", most: 5, handle: setPositionMode },
  "GET /api/v5/account/trade-fee": { access: "read", most: 5, handle: tradeFee },
  "GET /api/v5/asset/currencies": { access: "read", most: 12, handle: currencies },
};

const MODES = { cross: "cross", isolated: "isolated" } as const;

function balance(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const wanted = optional(fields, "ccy")?.split(",");
  const details = venue.exchanges
    .map((exchange) => assetView(exchange, account))
    .filter(({ ccy }) => wanted?.includes(ccy) !== false);
  return [accountView(details, Math.max(...venue.exchanges.map((exchange) => exchange.now())))];
}

function positions(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const listings = listingsOfFields(fields, venue.listings);
  if (listings instanceof Refusal) return listings;
  const wanted = new Map(listings.map((listing) => [listing.instrument.id, listing]));
  return everywhere(venue, account, (exchange) => exchange.positions(account)).flatMap((position) => {
    const listing = wanted.get(position.instrument);
    return listing === undefined || position.lots === 0 ? [] : [positionView(position, listing, account)];
  });
}

const isHedge = (venue: Venue, account: string): boolean =>
  venue.exchanges.some((exchange) => exchange.isHedgeMode(account));

function config(venue: Venue, _asked: Asked, { account, permissions = {} }: OkxKey): Reply {
  const rights = [
    "read_only",
    ...(permissions.withdraw === true ? ["withdraw"] : []),
    ...(permissions.trade === false ? [] : ["trade"]),
  ];
  const uid = String(10_000_000_000_000 + hashText(account));
  return [
    {
      acctLv: "2",
      acctStpMode: "cancel_maker",
      autoLoan: false,
      ctIsoMode: "automatic",
      enableSpotBorrow: false,
      feeType: "0",
      greeksType: "PA",
      ip: permissions.ip ?? "127.0.0.1",
      kycLv: "3",
      label: account,
      level: "Lv1",
      levelTmp: "",
      liquidationGear: "-1",
      mainUid: uid,
      mgnIsoMode: "automatic",
      opAuth: "0",
      perm: rights.join(","),
      posMode: isHedge(venue, account) ? "long_short_mode" : "net_mode",
      roleType: "0",
      settleCcy: "",
      settleCcyList: [],
      spotBorrowAutoRepay: false,
      spotOffsetType: "",
      spotRoleType: "0",
      spotTraderInsts: [],
      stgyType: "0",
      traderInsts: [],
      type: "0",
      uid,
    },
  ];
}

/** What a leverage row says; in long/short mode an isolated one has a row for each side. */
function leverageRows(listing: Listing, account: string, mode: "cross" | "isolated") {
  const { exchange, instrument } = listing;
  const sides = exchange.isHedgeMode(account) && mode === "isolated" ? ["long", "short"] : ["net"];
  return sides.map((posSide) => ({
    ccy: "",
    instId: instrument.id,
    lever: String(exchange.leverage(account, instrument.id)),
    mgnMode: mode,
    posSide,
  }));
}

/** One leverage for each instrument here: both margin modes and both sides share it. */
function setLeverage(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const listing = listingOfField(fields, venue.listings);
  if (listing instanceof Refusal) return listing;
  const mode = word(fields, "mgnMode", MODES);
  if (mode instanceof Refusal) return mode;
  const leverage = Number(optional(fields, "lever") ?? Number.NaN);
  if (!(leverage > 0)) return badValue("lever");
  const { exchange, instrument } = listing;
  if (exchange.leverage(account, instrument.id) !== leverage) {
    const answer = exchange.setLeverage(account, instrument.id, leverage);
    if (!answer.ok) return refusalOf(answer.reason);
  }
  const posSide = optional(fields, "posSide");
  return leverageRows(listing, account, mode).filter(
    (row) => posSide === undefined || posSide === "net" || row.posSide === posSide,
  );
}

const TYPES = { add: 1, reduce: -1 } as const;

/** Margin of an isolated position. Bad fields are refused first, the position is looked at after. */
function changeMargin(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const listing = listingOfField(fields, venue.listings);
  if (listing instanceof Refusal) return listing;
  const side = word(fields, "posSide", POSITION_SIDES);
  if (side instanceof Refusal) return side;
  const sign = word(fields, "type", TYPES);
  if (sign instanceof Refusal) return sign;
  const amt = optional(fields, "amt") ?? "";
  const amount = stepsOf(amt, VALUE_STEP);
  if (amount === undefined || amount <= 0) return badValue("amt");
  const { exchange, instrument } = listing;
  const answer = exchange.changeIsolatedMargin(account, instrument.id, side, value(sign * amount));
  if (!answer.ok) return refusalOf(answer.reason);
  const [posSide, type] = [optional(fields, "posSide"), optional(fields, "type")];
  const leverage = String(exchange.leverage(account, instrument.id));
  return [{ instId: instrument.id, posSide, amt, type, leverage, ccy: instrument.settle }];
}

function leverageInfo(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const listings = listingsOfFields(fields, venue.listings);
  if (listings instanceof Refusal) return listings;
  const mode = word(fields, "mgnMode", MODES);
  if (mode instanceof Refusal) return mode;
  return listings.flatMap((listing) => leverageRows(listing, account, mode));
}

function setPositionMode(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const isOn = word(fields, "posMode", { long_short_mode: true, net_mode: false });
  if (isOn instanceof Refusal) return isOn;
  for (const exchange of venue.exchanges) {
    const answer = exchange.setHedgeMode(account, isOn);
    if (!answer.ok && answer.reason !== "noChangeNeeded") return refusalOf(answer.reason);
  }
  return [{ posMode: isOn ? "long_short_mode" : "net_mode" }];
}

/** Rates are negative for what is charged; one pair for each fee group, and in the old fields for each kind of contract. */
function tradeFee(venue: Venue, { fields }: Asked): Reply {
  const wanted = optional(fields, "groupId");
  const narrowed = listingsOfFields(fields, venue.listings);
  if (narrowed instanceof Refusal) return narrowed;
  const listings = narrowed.filter((listing) => wanted === undefined || feeGroupOf(listing) === wanted);
  const groups = new Map(listings.toReversed().map((listing) => [feeGroupOf(listing), listing.instrument]));
  const of = (kind: "linear" | "inverse", rate: "makerFee" | "takerFee"): string => {
    const found = listings.find(({ instrument }) => instrument.kind === kind);
    return found === undefined ? "" : `-${rateText(found.instrument[rate])}`;
  };
  return [
    {
      category: "1",
      delivery: "",
      exercise: "",
      feeGroup: [...groups].sort().map(([groupId, { makerFee, takerFee }]) => ({
        elpMaker: "",
        groupId,
        maker: `-${rateText(makerFee)}`,
        taker: `-${rateText(takerFee)}`,
      })),
      fiat: [],
      instType: "SWAP",
      level: "Lv1",
      maker: of("inverse", "makerFee") || of("linear", "makerFee"),
      makerU: of("linear", "makerFee"),
      makerUSDC: of("linear", "makerFee"),
      ruleType: "normal",
      taker: of("inverse", "takerFee") || of("linear", "takerFee"),
      takerU: of("linear", "takerFee"),
      takerUSDC: of("linear", "takerFee"),
      ts: String(venue.wall.now()),
    },
  ];
}

function currencies(venue: Venue, _asked: Asked, { account }: OkxKey): Reply {
  const assets = everywhere(venue, account, (exchange) => [exchange.balance(account).asset]);
  return assets.map((ccy) => ({
    burningFeeRate: "",
    canDep: true,
    canInternal: true,
    canWd: false,
    ccy,
    chain: ccy,
    depQuotaFixed: "",
    depQuoteDailyLayer2: "",
    logoLink: "",
    mainNet: true,
    maxFee: "0",
    maxWd: "0",
    minDep: "0",
    minFee: "0",
    minWd: "0",
    name: ccy,
    needTag: false,
    usedWdQuota: "0",
    wdQuota: "0",
    wdTickSz: "8",
  }));
}
