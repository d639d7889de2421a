import type { VenueIncome, VenueOrder, VenueTrade } from "../exchange.ts";
import { listingsOfFields, optional, paged, timeOf } from "./fields.ts";
import { type Listing, money, priceText, sizeText } from "./listing.ts";
import { orderName, POS_SIDE } from "./order-view.ts";
import { missing, Refusal } from "./refusal.ts";
import type { Asked, Reply, Routes, Venue } from "./route.ts";
import type { OkxKey } from "./signature.ts";

const DAY_MS = 86_400_000;

/** The calls about what was executed, and what moved the account's money. */
export const FILL_CALLS: Routes = {
  "GET /api/v5/trade/fills": { access: "read", most: 60, handle: fills(3 * DAY_MS, false) },
  "GET /api/v5/trade/fills-history": { access: "read", most: 10, handle: fills(92 * DAY_MS, true) },
  "GET /api/v5/account/bills": { access: "read", most: 10, handle: bills(7 * DAY_MS) },
  "GET /api/v5/account/bills-archive": { access: "read", most: 10, handle: bills(92 * DAY_MS) },
};

/** OKX's numbers for what a trade did: plain ones by side, forced ones by what forced them. */
function subTypeOf(trade: VenueTrade, order: VenueOrder | undefined): string {
  const isBuy = trade.side === "buy";
  if (order?.origin === "liquidation") return isBuy ? "106" : "107";
  if (order?.origin === "adl") return isBuy ? "127" : "128";
  if (trade.positionSide === "long") return isBuy ? "3" : "5";
  if (trade.positionSide === "short") return isBuy ? "6" : "4";
  return isBuy ? "1" : "2";
}

/** Both sides of an account's trade with itself share the trade's id; their bills are two. */
const billOf = ({ tradeId, side }: VenueTrade): number => 2 * tradeId + (side === "buy" ? 0 : 1);

function fillView(trade: VenueTrade, listing: Listing) {
  const { exchange, instrument } = listing;
  const order = exchange.order(trade.account, instrument.id, { orderId: trade.orderId });
  return {
    billId: String(billOf(trade)),
    clOrdId: order === undefined ? "" : orderName(order),
    execType: trade.isMaker ? "M" : "T",
    fee: money(-trade.fee),
    feeCcy: instrument.settle,
    feeRate: "",
    fillFwdPx: "",
    fillIdxPx: "",
    fillMarkPx: "",
    fillMarkVol: "",
    fillPnl: money(trade.realized),
    fillPx: priceText(trade.price, listing),
    fillPxUsd: "",
    fillPxVol: "",
    fillSz: sizeText(trade.lots, listing),
    fillTime: String(trade.at),
    instId: instrument.id,
    instType: "SWAP",
    ordId: String(trade.orderId),
    posSide: POS_SIDE[trade.positionSide],
    side: trade.side,
    subType: subTypeOf(trade, order),
    tag: "",
    tradeId: String(trade.tradeId),
    tradeQuoteCcy: "",
    ts: String(trade.at),
  };
}

function fills(reachMs: number, needsType: boolean) {
  return (venue: Venue, { fields }: Asked, { account }: OkxKey): Reply => {
    if (needsType && optional(fields, "instType") === undefined) return missing("instType");
    const listings = listingsOfFields(fields, venue.listings);
    if (listings instanceof Refusal) return listings;
    const [begin, end] = [timeOf(fields, "begin"), timeOf(fields, "end")];
    if (begin instanceof Refusal) return begin;
    if (end instanceof Refusal) return end;
    const ordId = optional(fields, "ordId");
    const found = listings
      .flatMap((listing) => {
        const { exchange, instrument } = listing;
        const from = exchange.now() - reachMs;
        return exchange
          .trades(account, { instrument: instrument.id })
          .filter(({ at }) => at >= Math.max(from, begin ?? 0) && at <= (end ?? exchange.now()))
          .filter((trade) => ordId === undefined || String(trade.orderId) === ordId)
          .map((trade) => ({ trade, listing }));
      })
      .sort((a, b) => b.trade.at - a.trade.at || billOf(b.trade) - billOf(a.trade));
    const rows = paged(found, fields, ({ trade }) => billOf(trade));
    return rows instanceof Refusal ? rows : rows.map(({ trade, listing }) => fillView(trade, listing));
  };
}

/** OKX's numbers for what moved money; sub types say which way. */
function typesOf(line: VenueIncome): readonly [type: string, subType: string] {
  const isGain = line.amount >= 0;
  switch (line.type) {
    case "funding":
      return ["8", isGain ? "174" : "173"];
    case "transfer":
      return ["1", isGain ? "11" : "12"];
    case "liquidationFee":
      return ["5", "106"];
    case "insurance":
      return ["9", "108"];
    default:
      return ["2", isGain ? "1" : "2"];
  }
}

interface Bill {
  readonly line: VenueIncome;
  readonly wallet: number;
  readonly ccy: string;
}

function bills(reachMs: number) {
  return (venue: Venue, { fields }: Asked, { account }: OkxKey): Reply => {
    const [begin, end] = [timeOf(fields, "begin"), timeOf(fields, "end")];
    if (begin instanceof Refusal) return begin;
    if (end instanceof Refusal) return end;
    const [type, ccy] = [optional(fields, "type"), optional(fields, "ccy")];
    const found: Bill[] = [];
    for (const exchange of venue.exchanges) {
      const { asset } = exchange.balance(account);
      let wallet = 0;
      for (const line of exchange.income(account, {})) {
        wallet += line.amount;
        const isWanted =
          line.at >= Math.max(begin ?? 0, exchange.now() - reachMs) &&
          line.at <= (end ?? exchange.now()) &&
          (type === undefined || typesOf(line)[0] === type) &&
          (ccy === undefined || asset === ccy);
        if (isWanted) found.push({ line, wallet, ccy: asset });
      }
    }
    found.sort((a, b) => b.line.at - a.line.at || b.line.id - a.line.id);
    const rows = paged(found, fields, ({ line }) => line.id);
    return rows instanceof Refusal ? rows : rows.map(billView);
  };
}

function billView({ line, wallet, ccy }: Bill) {
  const [type, subType] = typesOf(line);
  const isFee = line.type === "fee" || line.type === "liquidationFee";
  return {
    bal: money(wallet),
    balChg: money(line.amount),
    billId: String(line.id),
    ccy,
    clOrdId: "",
    execType: "",
    fee: isFee ? money(line.amount) : "0",
    fillFwdPx: "",
    fillIdxPx: "",
    fillMarkPx: "",
    fillMarkVol: "",
    fillPxUsd: "",
    fillPxVol: "",
    fillTime: "",
    from: "",
    instId: line.instrument ?? "",
    instType: line.instrument === undefined ? "" : "SWAP",
    interest: "0",
    mgnMode: "",
    notes: "",
    ordId: "",
    pnl: line.type === "realized" || line.type === "funding" ? money(line.amount) : "0",
    posBal: "0",
    posBalChg: "0",
    px: "",
    subType,
    sz: "0",
    tag: "",
    to: "",
    tradeId: line.tradeId === undefined ? "" : String(line.tradeId),
    ts: String(line.at),
    type,
  };
}
