import { countOf, VALUE_STEP } from "../../core/text.ts";
import { value } from "../../core/units.ts";
import { notionalMax } from "./account-view.ts";
import { type Fields, flag, instrumentOf, optional, text, whole, word } from "./fields.ts";
import { positionSide } from "./order-form.ts";
import { allOf, badValue, missing, Refusal } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";
import type { AccountRoute, Reply, Routes, Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";

/** The calls that change an account's settings, its isolated margin and its private stream. */
export const SETTING_CALLS: Routes = {
  "POST /fapi/v1/leverage": signed(1, setLeverage),
  "POST /fapi/v1/marginType": signed(1, setMarginType),
  "GET /fapi/v1/positionSide/dual": signed(30, ({ exchange }, _fields, { account }) => ({
    dualSidePosition: exchange.isHedgeMode(account),
  })),
  "POST /fapi/v1/positionSide/dual": signed(1, setPositionMode),
  "POST /fapi/v1/positionMargin": signed(1, changeMargin),
  "POST /fapi/v1/listenKey": keyed(({ listenKeys }, _fields, { account }) => ({
    listenKey: listenKeys.open(account),
  })),
  "PUT /fapi/v1/listenKey": keyed(({ listenKeys }, _fields, { account }) => {
    const listenKey = listenKeys.keepAlive(account);
    return listenKey === undefined ? noListenKey : { listenKey };
  }),
  "DELETE /fapi/v1/listenKey": keyed(({ listenKeys }, _fields, { account }) => {
    return listenKeys.closeOf(account) === undefined ? noListenKey : {};
  }),
};

function signed(weight: number, handle: AccountRoute["handle"]): AccountRoute {
  return { access: "signed", weight, handle };
}

function keyed(handle: AccountRoute["handle"]): AccountRoute {
  return { access: "key", weight: 1, handle };
}

const noListenKey = new Refusal(-1125, "This listenKey does not exist.");
const done = { code: 200, msg: "success" } as const;

function setLeverage({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    leverage: whole(fields, "leverage", Number.MIN_SAFE_INTEGER),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, leverage } = asked;
  if (leverage === undefined) return missing("leverage");
  const answer = exchange.setLeverage(account, instrument.id, leverage);
  if (!answer.ok) return refusalOf(answer.reason, { instrument, leverage, ask: "leverage" });
  return {
    leverage: answer.value,
    maxNotionalValue: notionalMax(exchange.brackets(instrument.id), answer.value),
    symbol: instrument.id,
  };
}

const MARGIN_TYPES = { ISOLATED: "isolated", CROSSED: "cross" } as const;

function setMarginType({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const marginType = text(fields, "marginType");
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    mode: marginType instanceof Refusal ? marginType : word(marginType, MARGIN_TYPES, badValue("marginType")),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, mode } = asked;
  const answer = exchange.setMarginMode(account, instrument.id, mode);
  if (answer.ok) return done;
  const hasPositions = exchange
    .positions(account)
    .some((each) => each.instrument === instrument.id && each.lots !== 0);
  return refusalOf(answer.reason, { instrument, ask: "marginMode", hasPositions });
}

function setPositionMode({ exchange }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const asked = allOf({
    sent: text(fields, "dualSidePosition"),
    isOn: flag(fields, "dualSidePosition"),
  });
  if (asked instanceof Refusal) return asked;
  const answer = exchange.setHedgeMode(account, asked.isOn);
  if (answer.ok) return done;
  const hasPositions = exchange.positions(account).some((each) => each.lots !== 0);
  return refusalOf(answer.reason, { ask: "hedgeMode", hasPositions });
}

function changeMargin({ exchange, instruments, changes }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const amountText = text(fields, "amount");
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    positionSide: positionSide(fields),
    amountText,
    type: whole(fields, "type", 1),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, positionSide: side, type } = asked;
  const amount = countOf(asked.amountText, VALUE_STEP);
  if (amount === undefined || amount <= 0) return missing("amount");
  if (type !== 1 && type !== 2)
    return optional(fields, "type") === undefined ? missing("type") : badValue("type");
  const change = value(type === 1 ? amount : -amount);
  const answer = exchange.changeIsolatedMargin(account, instrument.id, side, change);
  if (!answer.ok) return refusalOf(answer.reason, { instrument, ask: "margin" });
  changes.marginChanged(account, {
    at: exchange.now(),
    instrument: instrument.id,
    positionSide: side,
    amount: change,
  });
  return { amount: Number(asked.amountText), code: 200, msg: "Successfully modify position margin.", type };
}
