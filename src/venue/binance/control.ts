import type { AccountId, Instrument, InstrumentId } from "../../core/instrument.ts";
import { countOf, VALUE_STEP } from "../../core/text.ts";
import { type Ticks, ticks, value } from "../../core/units.ts";
import { positionRiskV2, positionsWithFlat } from "./account-view.ts";
import { placeConditional, spawnedOrder } from "./conditional-calls.ts";
import { conditionalView } from "./conditional-view.ts";
import type { Fields } from "./fields.ts";
import { instrumentOf, text } from "./fields.ts";
import { fieldsOf, placeOrder } from "./order-calls.ts";
import { orderView, tradeView } from "./order-view.ts";
import { badValue, type Read, Refusal } from "./refusal.ts";
import type { Reply, Venue } from "./route.ts";
import { money, priceText } from "./texts.ts";

/** What a story may do to a venue that runs in another process. */
export interface Controls {
  /** Moves the market to a price; undefined where the market can't be moved by hand. */
  readonly forcePrice: ((instrument: InstrumentId, price: Ticks) => void) | undefined;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly expireListenKeys: () => void;
  readonly dropSockets: (kind: "private" | "market" | "api" | "all") => number;
}

/**
 * Answers `/control/...`, the hand on the venue that stories use: price, order, conditional, deposit, pause, resume,
 * expire-listen-keys, drop-sockets (POST with JSON) and state (GET ?account=). Not part of any exchange's protocol.
 */
export function control(
  venue: Venue,
  controls: Controls,
  method: string,
  path: string,
  query: string,
  body: string,
): Reply {
  const fields = method === "GET" ? new Map(new URLSearchParams(query)) : bodyFields(body);
  if (fields === undefined) return badValue("body");
  switch (`${method} ${path}`) {
    case "GET /control/state":
      return withAccount(venue, fields, (account) => stateOf(venue, account));
    case "POST /control/price":
      return force(venue, controls, fields);
    case "POST /control/order":
      fields.set("newOrderRespType", "RESULT");
      return withAccount(venue, fields, (account) => placeOrder(venue, fields, { account }));
    case "POST /control/conditional":
      fields.set("algoType", "CONDITIONAL");
      return withAccount(venue, fields, (account) => placeConditional(venue, fields, { account }));
    case "POST /control/deposit":
      return withAccount(venue, fields, (account) => deposit(venue, account, fields));
    case "POST /control/pause":
      controls.pause();
      return { at: venue.exchange.now() };
    case "POST /control/resume":
      controls.resume();
      return { at: venue.exchange.now() };
    case "POST /control/expire-listen-keys":
      controls.expireListenKeys();
      return {};
    case "POST /control/drop-sockets":
      return dropSockets(controls, fields);
    default:
      return new Refusal(-5000, `Path ${path}, Method ${method} is invalid`, 404);
  }
}

function bodyFields(body: string): Map<string, string> | undefined {
  if (body === "") return new Map();
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function withAccount(venue: Venue, fields: Fields, answer: (account: AccountId) => Reply): Reply {
  const account: Read<string> = text(fields, "account");
  if (account instanceof Refusal) return account;
  const isKnown = [...venue.keys.values()].some((key) => key.account === account);
  return isKnown ? answer(account) : badValue("account");
}

function force(venue: Venue, { forcePrice }: Controls, fields: Fields): Reply {
  if (forcePrice === undefined) return new Refusal(-1000, "This market can't be moved by hand.");
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  const price = countOf(fields.get("price") ?? "", instrument.tick);
  if (price === undefined || price <= 0) return badValue("price");
  forcePrice(instrument.id, ticks(price));
  const { mark } = venue.exchange.mark(instrument.id);
  return { symbol: instrument.id, at: venue.exchange.now(), markPrice: priceText(mark, instrument) };
}

function deposit(venue: Venue, account: AccountId, fields: Fields): Reply {
  const amount = countOf(fields.get("amount") ?? "", VALUE_STEP);
  if (amount === undefined) return badValue("amount");
  venue.exchange.deposit(account, value(amount));
  return { wallet: money(venue.exchange.balance(account).wallet) };
}

const KINDS = ["private", "market", "api", "all"] as const;

function dropSockets(controls: Controls, fields: Fields): Reply {
  const kind = KINDS.find((each) => each === (fields.get("kind") ?? "all"));
  return kind === undefined ? badValue("kind") : { dropped: controls.dropSockets(kind) };
}

/** Everything about one account, in text decimals. */
function stateOf(venue: Venue, account: AccountId): object {
  const { exchange } = venue;
  const balance = exchange.balance(account);
  const all = <T>(list: (instrument: Instrument) => readonly T[]): readonly T[] =>
    [...venue.instruments.values()].flatMap(list);
  return {
    account,
    at: exchange.now(),
    isHedgeMode: exchange.isHedgeMode(account),
    balance: {
      asset: balance.asset,
      wallet: money(balance.wallet),
      available: money(balance.available),
      unrealized: money(balance.unrealized),
      maintenanceMargin: money(balance.maintenanceMargin),
      start: money(balance.start),
      realized: money(balance.realized),
      fees: money(balance.fees),
      funding: money(balance.funding),
    },
    positions: all((instrument) =>
      positionsWithFlat(exchange, account, instrument)
        .filter((each) => each.lots !== 0)
        .map((each) => positionRiskV2(each, instrument, exchange.brackets(instrument.id))),
    ),
    openOrders: all((instrument) =>
      exchange.openOrders(account, instrument.id).map((order) => orderView(order, instrument)),
    ),
    conditionals: all((instrument) =>
      exchange
        .openConditionals(account, instrument.id)
        .map((each) => conditionalView(each, spawnedOrder(venue, each), instrument)),
    ),
    trades: all((instrument) =>
      exchange.trades(account, { instrument: instrument.id }).map((trade) => tradeView(trade, instrument)),
    ),
    candlesWalked: Object.fromEntries(
      [...venue.instruments.keys()].map((id) => [id, exchange.candlesWalked(id)]),
    ),
  };
}
