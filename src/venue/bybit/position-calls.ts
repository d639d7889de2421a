import type { AccountId } from "../../core/instrument.ts";
import { countOf, VALUE_STEP } from "../../core/text.ts";
import { value } from "../../core/units.ts";
import { type Fields, limitOf, optional, paged, periodOf, text, whole } from "./fields.ts";
import {
  categoryOf,
  type Floor,
  floorsOf,
  type House,
  type Reply,
  type Routes,
  scopeOf,
  standOf,
} from "./house.ts";
import { sideOf } from "./order-form.ts";
import { closedRows } from "./order-lists.ts";
import type { OrderRow } from "./order-notes.ts";
import { positionRow, positionRows } from "./position-view.ts";
import { allOf, Refusal, wrong } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";

/** What hears that an account's books in a floor look different though nothing was traded. */
export type OnChanged = (account: AccountId, floor: Floor, symbol: string) => void;

/** The calls about positions and their settings. */
export function positionCalls(onChanged: OnChanged): Routes {
  return {
    "GET /v5/position/list": { access: "signed", perSecond: 50, handle: list },
    "POST /v5/position/set-leverage": {
      access: "signed",
      perSecond: 10,
      handle: (house, fields, account) => setLeverage(house, fields, account, onChanged),
    },
    "POST /v5/position/add-margin": {
      access: "signed",
      perSecond: 10,
      handle: (house, fields, account) => changeMargin(house, fields, account, onChanged),
    },
    "POST /v5/position/switch-mode": { access: "signed", perSecond: 10, handle: switchMode },
    // Unified accounts have one margin mode for all positions.
    "POST /v5/position/switch-isolated": {
      access: "signed",
      perSecond: 10,
      handle: () => new Refusal(100028, "The API cannot be accessed by unified account users."),
    },
    "GET /v5/position/closed-pnl": { access: "signed", perSecond: 50, handle: closedPnl },
  };
}

function list(house: House, fields: Fields, account: AccountId): Reply {
  const form = allOf({
    category: categoryOf(fields),
    scope: scopeOf(house, fields),
    limit: limitOf(fields, 20, 200),
  });
  if (form instanceof Refusal) return form;
  const { floors, instrument } = form.scope;
  if (
    form.category === "linear" &&
    instrument === undefined &&
    optional(fields, "settleCoin") === undefined
  ) {
    return wrong("Missing some parameters that must be filled in, symbol or settleCoin");
  }
  const found = paged(
    floors.flatMap((floor) => positionRows(account, floor, instrument)),
    fields,
    form.limit,
  );
  if (found instanceof Refusal) return found;
  return { category: form.category, list: found.page, nextPageCursor: found.nextPageCursor };
}

function setLeverage(house: House, fields: Fields, account: AccountId, onChanged: OnChanged): Reply {
  const form = allOf({
    stand: standOf(house, fields),
    buy: text(fields, "buyLeverage"),
    sell: text(fields, "sellLeverage"),
  });
  if (form instanceof Refusal) return form;
  const { floor, instrument } = form.stand;
  const leverage = Number(form.buy);
  if (leverage !== Number(form.sell)) return wrong("buy leverage must equal sell leverage");
  if (!Number.isInteger(leverage)) return refusalOf("leverageNotAllowed", { ask: "leverage" });
  if (floor.exchange.leverage(account, instrument.id) === leverage) {
    return refusalOf("noChangeNeeded", { ask: "leverage" });
  }
  const answer = floor.exchange.setLeverage(account, instrument.id, leverage);
  if (!answer.ok) return refusalOf(answer.reason, { ask: "leverage" });
  onChanged(account, floor, instrument.id);
  return {};
}

/** Margin of an isolated position: added, or taken back where it is negative. */
function changeMargin(house: House, fields: Fields, account: AccountId, onChanged: OnChanged): Reply {
  const form = allOf({ stand: standOf(house, fields), margin: text(fields, "margin") });
  if (form instanceof Refusal) return form;
  const { floor, instrument } = form.stand;
  const side = sideOf(fields, floor, account);
  if (side instanceof Refusal) return side;
  const amount = countOf(form.margin, VALUE_STEP);
  if (amount === undefined || amount === 0) return wrong("margin");
  const answer = floor.exchange.changeIsolatedMargin(account, instrument.id, side, value(amount));
  if (!answer.ok) return refusalOf(answer.reason, { ask: "margin" });
  onChanged(account, floor, instrument.id);
  const held = floor.exchange.positions(account);
  const book = held.find((each) => each.instrument === instrument.id && each.positionSide === side);
  return (book === undefined ? undefined : positionRow(floor, book)) ?? {};
}

/** One-way (0) or hedge mode (3), for all that settles in one coin. */
function switchMode(house: House, fields: Fields, account: AccountId): Reply {
  const form = allOf({ floors: floorsOf(house, fields), mode: whole(fields, "mode") });
  if (form instanceof Refusal) return form;
  if (form.mode !== 0 && form.mode !== 3) return wrong("mode is 0 or 3");
  const [symbol, coin] = [optional(fields, "symbol"), optional(fields, "coin")];
  const floor = form.floors.find(
    ({ instruments, settle }) => (symbol !== undefined && instruments.has(symbol)) || settle === coin,
  );
  if (floor === undefined) return wrong("symbol or coin is required");
  if (floor.category === "inverse") return new Refusal(110029, "Hedge mode is not available for this symbol");
  const answer = floor.exchange.setHedgeMode(account, form.mode === 3);
  if (answer.ok) return {};
  const hasPositions = floor.exchange.positions(account).some(({ lots }) => lots !== 0);
  return refusalOf(answer.reason, { ask: "hedgeMode", hasPositions });
}

/** Closing orders with what they brought, newest first. */
function closedPnl(house: House, fields: Fields, account: AccountId): Reply {
  const form = allOf({
    category: categoryOf(fields),
    scope: scopeOf(house, fields),
    limit: limitOf(fields, 50, 100),
  });
  if (form instanceof Refusal) return form;
  const { floors, instrument } = form.scope;
  const now = floors.reduce((latest, { exchange }) => Math.max(latest, exchange.now()), 0);
  const period = periodOf(fields, now);
  if (period instanceof Refusal) return period;
  const rows = closedRows(house, account, floors, instrument, period)
    .filter((row) => row["closedPnl"] !== "0")
    .map(pnlRow);
  const found = paged(rows, fields, form.limit);
  if (found instanceof Refusal) return found;
  return { category: form.category, list: found.page, nextPageCursor: found.nextPageCursor };
}

function pnlRow(row: OrderRow): object {
  return {
    symbol: row.symbol,
    orderType: row["orderType"],
    side: row["side"],
    orderId: row.orderId,
    closedPnl: row["closedPnl"],
    qty: row["qty"],
    closedSize: row["cumExecQty"],
    cumExitValue: row["cumExecValue"],
    avgExitPrice: row["avgPrice"],
    orderPrice: row["price"],
    execType: row["createType"] === "CreateByLiq" ? "BustTrade" : "Trade",
    createdTime: row.createdTime,
    updatedTime: row["updatedTime"],
  };
}
