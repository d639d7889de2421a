import type { AccountId } from "../../core/instrument.ts";
import type { ApiKey } from "../binance/signature.ts";
import { type Fields, optional, text, word } from "./fields.ts";
import { type Floor, type House, type Reply, type Routes, scopeOf } from "./house.ts";
import { Refusal, wrong } from "./refusal.ts";
import { plainRate } from "./texts.ts";
import { transactionLog } from "./transaction-log.ts";
import { walletRow } from "./wallet-view.ts";

/** The calls about the account and its key. */
export const ACCOUNT_CALLS: Routes = {
  "GET /v5/account/wallet-balance": { access: "signed", perSecond: 50, handle: walletBalance },
  "GET /v5/account/info": {
    access: "signed",
    perSecond: 50,
    handle: ({ floors, wall }, _fields, account) => ({
      unifiedMarginStatus: 6,
      marginMode: isIsolated(floors, account) ? "ISOLATED_MARGIN" : "REGULAR_MARGIN",
      isMasterTrader: false,
      spotHedgingStatus: "OFF",
      updatedTime: String(Math.floor(wall.now())),
      dcpStatus: "OFF",
      timeWindow: 0,
      smpGroup: 0,
    }),
  },
  "POST /v5/account/set-margin-mode": { access: "signed", perSecond: 5, handle: setMarginMode },
  "GET /v5/account/fee-rate": { access: "signed", perSecond: 10, handle: feeRate },
  "GET /v5/account/transaction-log": { access: "signed", perSecond: 30, handle: transactionLog },
  "GET /v5/user/query-api": { access: "signed", perSecond: 10, handle: queryApi },
  "GET /v5/asset/coin/query-info": {
    access: "signed",
    perSecond: 5,
    handle: ({ floors }) => ({
      rows: floors.map(({ settle }) => ({ name: settle, coin: settle, remainAmount: "0", chains: [] })),
    }),
  },
};

function walletBalance(house: House, fields: Fields, account: AccountId): Reply {
  const type = text(fields, "accountType");
  if (type instanceof Refusal) return type;
  if (type !== "UNIFIED") return wrong("accountType only support UNIFIED.");
  const coins = (optional(fields, "coin") ?? "").split(",").filter((coin) => coin !== "");
  return { list: [walletRow(house, account, coins)] };
}

/** The account's one margin mode: what its first instrument says. */
function isIsolated(floors: readonly Floor[], account: AccountId): boolean {
  const [floor] = floors;
  const [instrument] = floor?.instruments.keys() ?? [];
  return instrument !== undefined && floor?.exchange.marginMode(account, instrument) === "isolated";
}

const MODES = { ISOLATED_MARGIN: "isolated", REGULAR_MARGIN: "cross" } as const;

/** Sets the mode of all instruments, or of none when one can't follow. */
function setMarginMode({ floors }: House, fields: Fields, account: AccountId): Reply {
  const sent = text(fields, "setMarginMode");
  const mode = sent instanceof Refusal ? sent : word(sent, MODES, "setMarginMode");
  if (mode instanceof Refusal) return mode;
  const stands = floors.flatMap(({ exchange, instruments }) =>
    [...instruments.keys()].map((id) => ({ exchange, id, before: exchange.marginMode(account, id) })),
  );
  for (const [at, { exchange, id, before }] of stands.entries()) {
    if (before === mode) continue;
    if (exchange.setMarginMode(account, id, mode).ok) continue;
    for (const done of stands.slice(0, at)) done.exchange.setMarginMode(account, done.id, done.before);
    return new Refusal(3400045, "Set margin mode failed", {
      reasons: [
        { reasonCode: "3400000", reasonMsg: `${id} has open orders or a position, so the mode stays` },
      ],
    });
  }
  return { reasons: [] };
}

function feeRate(house: House, fields: Fields): Reply {
  const scope = scopeOf(house, fields);
  if (scope instanceof Refusal) return scope;
  const found = scope.floors.flatMap(({ instruments }) =>
    scope.instrument === undefined ? [...instruments.values()] : [scope.instrument],
  );
  return {
    list: found.map(({ id, makerFee, takerFee }) => ({
      symbol: id,
      baseCoin: "",
      takerFeeRate: plainRate(takerFee),
      makerFeeRate: plainRate(makerFee),
    })),
  };
}

/** A key as Bybit describes it: what it may do in `permissions`, from where in `ips`. */
function queryApi(_house: House, _fields: Fields, _account: AccountId, key: ApiKey): Reply {
  const { withdrawals = false, internalTransfer = false, ipRestricted = true } = key.permissions ?? {};
  return {
    id: "1",
    note: "",
    apiKey: key.apiKey,
    readOnly: 0,
    secret: "",
    permissions: {
      ContractTrade: ["Order", "Position"],
      Spot: [],
      Wallet: [...(internalTransfer ? ["AccountTransfer"] : []), ...(withdrawals ? ["Withdraw"] : [])],
      Options: [],
      Derivatives: ["DerivativesTrade"],
      CopyTrading: [],
      BlockTrade: [],
      Exchange: [],
      NFT: [],
      Affiliate: [],
      Earn: [],
    },
    ips: ipRestricted ? ["127.0.0.1"] : ["*"],
    type: 1,
    deadlineDay: 90,
    expiredAt: "2035-01-01T00:00:00Z",
    createdAt: "2025-01-01T00:00:00Z",
    unified: 0,
    uta: 1,
    userID: 1,
    inviterID: 0,
    vipLevel: "No VIP",
    mktMakerLevel: "0",
    affiliateID: 0,
    rsaPublicKey: "",
    isMaster: true,
    parentUid: "0",
    kycLevel: "LEVEL_DEFAULT",
    kycRegion: "",
  };
}
