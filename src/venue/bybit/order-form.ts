import type { AccountId, Instrument } from "../../core/instrument.ts";
import { type Lots, lots, type Ticks, ticks } from "../../core/units.ts";
import type { ConditionalRequest, OrderRequest, PositionSide } from "../exchange.ts";
import { count, type Fields, flag, optional, text, word } from "./fields.ts";
import type { Floor } from "./house.ts";
import { allOf, type Read, Refusal, wrong } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";

const SIDES = { Buy: "buy", Sell: "sell" } as const;
const KINDS = { Limit: "limit", Market: "market" } as const;
const TIMES_IN_FORCE = { GTC: "GTC", IOC: "IOC", FOK: "FOK", PostOnly: "GTX" } as const;
const POSITION_SIDES: Readonly<Record<string, PositionSide>> = { "0": "both", "1": "long", "2": "short" };
const WORKING_TYPES = { LastPrice: "contract", MarkPrice: "mark", IndexPrice: "mark" } as const;
const DIRECTIONS = { "1": 1, "2": 2 } as const;
/** What is set on positions and orders as a second thought is not offered here. */
const UNOFFERED = ["takeProfit", "stopLoss", "tpLimitPrice", "slLimitPrice", "trailingStop"] as const;

/** A request of POST /v5/order/create: an order, or one that waits for a trigger price. */
export type PlaceForm =
  | { readonly type: "order"; readonly request: OrderRequest }
  | { readonly type: "conditional"; readonly request: ConditionalRequest; readonly direction: 1 | 2 };

/** Reads POST /v5/order/create, or one row of create-batch. */
export function placeForm(
  fields: Fields,
  floor: Floor,
  instrument: Instrument,
  account: AccountId,
): Read<PlaceForm> {
  const unoffered = UNOFFERED.find((name) => optional(fields, name) !== undefined);
  if (unoffered !== undefined) return wrong(`${unoffered} is not offered by this venue`);
  const form = allOf({
    side: required(fields, "side", SIDES),
    kind: required(fields, "orderType", KINDS),
    timeInForce: word(optional(fields, "timeInForce") ?? "GTC", TIMES_IN_FORCE, "timeInForce"),
    positionSide: sideOf(fields, floor, account),
    clientId: linkOf(fields),
    reduceOnly: flag(fields, "reduceOnly"),
    closeOnTrigger: flag(fields, "closeOnTrigger"),
    size: count(fields, "qty", instrument.lot),
    price: count(fields, "price", instrument.tick),
    trigger: count(fields, "triggerPrice", instrument.tick),
  });
  if (form instanceof Refusal) return form;
  if (form.size === undefined) return wrong("qty is required");
  const isLimit = form.kind === "limit";
  if (isLimit && form.price === undefined) return wrong("price is required");
  const { side, positionSide, clientId, timeInForce } = form;
  const isHedge = positionSide !== "both";
  const reduces = form.reduceOnly || form.closeOnTrigger;
  if (isHedge && reduces && (positionSide === "long") === (side === "buy")) {
    return refusalOf("reduceOnlyRejected");
  }
  const shared = {
    instrument: instrument.id,
    clientId,
    side,
    positionSide,
    timeInForce,
    ...(isLimit ? { price: ticks(form.price ?? 0) } : {}),
    // In hedge mode side and position say it.
    reduceOnly: reduces && !isHedge,
  };
  if (form.trigger === undefined) {
    return { type: "order", request: { ...shared, kind: form.kind, lots: lots(form.size) } };
  }
  return waiting(fields, shared, isLimit, ticks(form.trigger), lots(form.size), form.closeOnTrigger);
}

type Shared = Omit<OrderRequest, "kind" | "lots">;

function waiting(
  fields: Fields,
  shared: Shared,
  isLimit: boolean,
  trigger: Ticks,
  size: Lots,
  closesOnTrigger: boolean,
): Read<PlaceForm> {
  const form = allOf({
    direction: required(fields, "triggerDirection", DIRECTIONS),
    workingType: word(optional(fields, "triggerBy") ?? "LastPrice", WORKING_TYPES, "triggerBy"),
  });
  if (form instanceof Refusal) return form;
  const closePosition = size === 0 && closesOnTrigger && !isLimit;
  const isStop = (form.direction === 1) === (shared.side === "buy");
  const kind = isStop ? (isLimit ? "stop" : "stopMarket") : isLimit ? "takeProfit" : "takeProfitMarket";
  return {
    type: "conditional",
    direction: form.direction,
    request: {
      ...shared,
      kind,
      trigger,
      ...(closePosition ? {} : { lots: size }),
      closePosition,
      reduceOnly: shared.reduceOnly && !closePosition,
      workingType: form.workingType,
    },
  };
}

/** The book a call names: 0 in one-way mode, 1 or 2 in hedge mode. */
export function sideOf(fields: Fields, floor: Floor, account: AccountId): Read<PositionSide> {
  const found = word(optional(fields, "positionIdx") ?? "0", POSITION_SIDES, "positionIdx");
  if (found instanceof Refusal) return found;
  return floor.exchange.isHedgeMode(account) === (found === "both")
    ? refusalOf("positionSideMismatch")
    : found;
}

/** Bybit's rule for ids that clients make up: at most 36 of letters, digits, dash and underscore. */
function linkOf(fields: Fields): Read<string> {
  const found = optional(fields, "orderLinkId") ?? "";
  return /^[A-Za-z0-9_-]{0,36}$/.test(found) ? found : wrong(`orderLinkId "${found}" is invalid`);
}

function required<T>(fields: Fields, name: string, words: Readonly<Record<string, T>>): Read<T> {
  const found = text(fields, name);
  return found instanceof Refusal ? found : word(found, words, name);
}
