import type { AccountId } from "../../core/instrument.ts";
import { lots } from "../../core/units.ts";
import type { ConditionalRequest, OrderRequest, PositionSide } from "../exchange.ts";
import { type Fields, listingOfField, optional, priceOf, stepsOf, text, word } from "./fields.ts";
import type { Listing } from "./listing.ts";
import { badValue, type Read, Refusal } from "./refusal.ts";

const SIDES = { buy: "buy", sell: "sell" } as const;
const MODES = { cross: "cross", isolated: "isolated" } as const;
/** What OKX calls the sides of a position. */
export const POSITION_SIDES = { net: "both", long: "long", short: "short" } as const;
const FLAGS = { true: true, false: false } as const;
const TIMES = { limit: "GTC", post_only: "GTX", ioc: "IOC", fok: "FOK", market: "IOC" } as const;
const WORKING = { last: "contract", mark: "mark", index: "mark" } as const;

/** An order as a client sent it, with the instrument that it is about. */
export interface Form<R> {
  readonly listing: Listing;
  readonly request: R;
}

/** What every order names; puts the instrument's margin mode to what the order wants. */
function shared(
  fields: Fields,
  listings: ReadonlyMap<string, Listing>,
  account: AccountId,
  idName: string,
): Read<Shared> {
  const listing = listingOfField(fields, listings);
  if (listing instanceof Refusal) return listing;
  const marginMode = word(fields, "tdMode", MODES);
  if (marginMode instanceof Refusal) return marginMode;
  const side = word(fields, "side", SIDES);
  if (side instanceof Refusal) return side;
  const positionSide = word(fields, "posSide", POSITION_SIDES, "net");
  if (positionSide instanceof Refusal) return positionSide;
  const clientId = optional(fields, idName) ?? "";
  if (!/^[A-Za-z0-9]{0,32}$/.test(clientId)) return badValue(idName);
  const reduceOnly = word(fields, "reduceOnly", FLAGS, "false");
  if (reduceOnly instanceof Refusal) return reduceOnly;
  // In long/short mode the two sides say it, and the flag is ignored.
  const reduces = positionSide === "both" && reduceOnly;
  const refused = chooseMode(listing, account, marginMode);
  return refused ?? { listing, side, positionSide, clientId, reduceOnly: reduces };
}

interface Shared {
  readonly listing: Listing;
  readonly side: "buy" | "sell";
  readonly positionSide: PositionSide;
  readonly clientId: string;
  readonly reduceOnly: boolean;
}

/** OKX lets an instrument have a cross and an isolated position at once; this exchange has one mode for each instrument. */
function chooseMode(
  { exchange, instrument }: Listing,
  account: AccountId,
  mode: "cross" | "isolated",
): Refusal | undefined {
  if (exchange.marginMode(account, instrument.id) === mode) return undefined;
  const answer = exchange.setMarginMode(account, instrument.id, mode);
  if (answer.ok) return undefined;
  return new Refusal(51010, "You can't complete this request under your current account mode.");
}

/** A size in contracts as whole lots; 51121 off the lot. */
function sizeOf(fields: Fields, listing: Listing): Read<number> {
  const raw = text(fields, "sz");
  if (typeof raw !== "string") return raw;
  if (!/^\d+(\.\d+)?$/.test(raw) || Number(raw) === 0) return badValue("sz");
  return (
    stepsOf(raw, listing.lot) ?? new Refusal(51121, "Order quantity must be a multiple of the lot size.")
  );
}

/** Reads an item of POST /api/v5/trade/order or batch-orders. */
export function orderForm(
  fields: Fields,
  listings: ReadonlyMap<string, Listing>,
  account: AccountId,
): Read<Form<OrderRequest>> {
  const head = shared(fields, listings, account, "clOrdId");
  if (head instanceof Refusal) return head;
  const { listing, ...common } = head;
  const ordType = text(fields, "ordType");
  if (typeof ordType !== "string") return ordType;
  const type = ordType === "optimal_limit_ioc" ? "market" : ordType;
  const timeInForce = word(new Map([["ordType", type]]), "ordType", TIMES);
  if (timeInForce instanceof Refusal) return timeInForce;
  const size = sizeOf(fields, listing);
  if (size instanceof Refusal) return size;
  const price = type === "market" ? undefined : priceOf(fields, "px", listing);
  if (price instanceof Refusal) return price;
  return {
    listing,
    request: {
      instrument: listing.instrument.id,
      ...common,
      kind: type === "market" ? "market" : "limit",
      timeInForce: type === "market" ? "GTC" : timeInForce,
      ...(price === undefined ? {} : { price }),
      lots: lots(size),
    },
  };
}

/** Reads POST /api/v5/trade/order-algo: `conditional` with one leg, or `trigger`. */
export function algoForm(
  fields: Fields,
  listings: ReadonlyMap<string, Listing>,
  account: AccountId,
): Read<Form<ConditionalRequest>> {
  const head = shared(fields, listings, account, "algoClOrdId");
  if (head instanceof Refusal) return head;
  const { listing, ...common } = head;
  const leg = legOf(fields, listing, common.side);
  if (leg instanceof Refusal) return leg;
  const closePosition = optional(fields, "closeFraction") === "1";
  const size = closePosition ? undefined : sizeOf(fields, listing);
  if (size instanceof Refusal) return size;
  return {
    listing,
    request: {
      instrument: listing.instrument.id,
      ...common,
      ...(closePosition ? { reduceOnly: false } : {}),
      ...leg,
      ...(size === undefined ? {} : { lots: lots(size) }),
      closePosition,
      timeInForce: "GTC",
    },
  };
}

type Leg = Pick<ConditionalRequest, "kind" | "trigger" | "workingType" | "price">;

function legOf(fields: Fields, listing: Listing, side: "buy" | "sell"): Read<Leg> {
  const ordType = optional(fields, "ordType");
  if (ordType === "trigger") return triggerLeg(fields, listing, side);
  const [hasStop, hasProfit] = ["slTriggerPx", "tpTriggerPx"].map((name) => optional(fields, name));
  if (ordType !== "conditional" || (hasStop === undefined) === (hasProfit === undefined)) {
    return badValue("ordType");
  }
  const prefix = hasStop === undefined ? "tp" : "sl";
  return named(fields, listing, {
    trigger: `${prefix}TriggerPx`,
    price: `${prefix}OrdPx`,
    type: `${prefix}TriggerPxType`,
    isStop: prefix === "sl",
  });
}

/** A trigger order waits on the other side of the price from where it stands: that makes it a stop or a take profit. */
function triggerLeg(fields: Fields, listing: Listing, side: "buy" | "sell"): Read<Leg> {
  const trigger = priceOf(fields, "triggerPx", listing);
  if (trigger instanceof Refusal) return trigger;
  const isAbove = trigger > listing.exchange.mark(listing.instrument.id).mark;
  const isStop = isAbove === (side === "buy");
  return named(fields, listing, { trigger: "triggerPx", price: "orderPx", type: "triggerPxType", isStop });
}

function named(
  fields: Fields,
  listing: Listing,
  names: { trigger: string; price: string; type: string; isStop: boolean },
): Read<Leg> {
  const trigger = priceOf(fields, names.trigger, listing);
  if (trigger instanceof Refusal) return trigger;
  const workingType = word(fields, names.type, WORKING, "last");
  if (workingType instanceof Refusal) return workingType;
  const isMarket = (optional(fields, names.price) ?? "-1") === "-1";
  const price = isMarket ? undefined : priceOf(fields, names.price, listing);
  if (price instanceof Refusal) return price;
  const kinds = names.isStop
    ? (["stopMarket", "stop"] as const)
    : (["takeProfitMarket", "takeProfit"] as const);
  return { kind: kinds[isMarket ? 0 : 1], trigger, workingType, ...(price === undefined ? {} : { price }) };
}
