import type { AccountId, InstrumentId } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import type { Millis } from "../core/units.ts";
import {
  changeIsolatedMargin,
  deposit,
  setHedgeMode,
  setLeverage,
  setMarginMode,
} from "./account-settings.ts";
import { balanceOf, positionsOf } from "./account-view.ts";
import { type Archive, selection } from "./archive.ts";
import { audit } from "./audit.ts";
import { conditionalSnapshot, orderSnapshot } from "./client-order.ts";
import { enterConditional } from "./conditional-entry.ts";
import type { Exchange, VenueAnswer } from "./exchange.ts";
import { MarketClock } from "./market-clock.ts";
import { publish } from "./market-news.ts";
import { endOrder, moveConditional } from "./order-end.ts";
import { enter } from "./order-entry.ts";
import { visibleLevels } from "./order-side.ts";
import { type ExchangeSetup, openVenue } from "./venue-opening.ts";
import { type Account, type Holding, holdingOf, type Market, type VenueState } from "./venue-state.ts";

/**
 * A perpetual exchange in a box: price-time matching of all accounts' orders with each other and with a seeded market,
 * margin, liquidation, funding and conditional orders. The same setup and calls give the same events. Throws
 * `InvariantError` for an account it does not have and for a setup that does not fit together.
 */
export function createExchange(setup: ExchangeSetup): Exchange {
  const venue = openVenue(setup);
  const clock = new MarketClock(venue, setup.market);
  const act = acting(venue);
  const accountOf = (id: AccountId): Account => {
    const account = venue.accounts.get(id);
    invariant(account !== undefined, `the exchange has no account "${id}"`);
    return account;
  };
  const marketOf = (id: InstrumentId): Market => {
    const market = venue.markets.get(id);
    invariant(market !== undefined, `the exchange has no instrument "${id}"`);
    return market;
  };
  const holding = (id: AccountId, instrument: InstrumentId): Holding => holdingOf(accountOf(id), instrument);
  return {
    instruments: setup.instruments,
    brackets: (instrument) => marketOf(instrument).brackets,
    now: () => venue.at,
    step: (until) => {
      const didStep = clock.step(until);
      if (didStep) venue.outbox.deliver();
      return didStep;
    },
    nextStepAt: () => clock.nextAt,
    listen: (listener, options = {}) => venue.outbox.listen(listener, options),

    place: (account, request) => act(() => enter(venue, accountOf(account), request)),
    placeConditional: (account, request) => act(() => enterConditional(venue, accountOf(account), request)),
    cancel: (account, instrument, by) => act(() => cancel(venue, accountOf(account), instrument, by)),
    cancelConditional: (account, by) => act(() => cancelConditional(venue, accountOf(account), by)),
    setLeverage: (account, instrument, leverage) =>
      act(() => setLeverage(venue, accountOf(account), instrument, leverage)),
    setMarginMode: (account, instrument, mode) => setMarginMode(accountOf(account), instrument, mode),
    setHedgeMode: (account, isOn) => act(() => setHedgeMode(venue, accountOf(account), isOn)),
    changeIsolatedMargin: (account, instrument, side, amount) =>
      act(() => changeIsolatedMargin(venue, accountOf(account), instrument, side, amount)),
    deposit: (account, amount) => act(() => deposit(venue, accountOf(account), amount)),

    isHedgeMode: (account) => accountOf(account).isHedge,
    leverage: (account, instrument) => holding(account, instrument).leverage,
    marginMode: (account, instrument) => holding(account, instrument).marginMode,
    positions: (account) => positionsOf(accountOf(account)),
    balance: (account) => balanceOf(accountOf(account), setup.instruments[0]?.settle ?? ""),
    order: (account, instrument, by) => {
      const found = find(accountOf(account).orders, instrument, by, venue.at);
      return found?.request.instrument === instrument ? orderSnapshot(found) : undefined;
    },
    openOrders: (account, instrument) =>
      [...accountOf(account).open.values()]
        .filter((order) => instrument === undefined || order.request.instrument === instrument)
        .map(orderSnapshot),
    orderHistory: (account, query) => accountOf(account).orders.select(query, venue.at).map(orderSnapshot),
    conditional: (account, by) => {
      const found = findConditional(venue, accountOf(account), by);
      return found && conditionalSnapshot(found);
    },
    openConditionals: (account, instrument) =>
      [...accountOf(account).waiting.values()]
        .filter((order) => instrument === undefined || order.request.instrument === instrument)
        .map(conditionalSnapshot),
    conditionalHistory: (account, query) =>
      accountOf(account).conditionals.select(query, venue.at).map(conditionalSnapshot),
    trades: (account, query) =>
      selection(accountOf(account).trades, query, (trade) => ({
        id: trade.tradeId,
        instrument: trade.instrument,
        createdAt: trade.at,
      })),
    income: (account, query) =>
      selection(accountOf(account).income, query, (line) => ({
        id: line.id,
        ...(line.instrument === undefined ? {} : { instrument: line.instrument }),
        createdAt: line.at,
      })),
    candles: (instrument, intervalMs, query) => marketOf(instrument).candles.select(intervalMs, query),
    fundingHistory: (instrument, query) =>
      selection(marketOf(instrument).fundings, query, ({ at }) => ({ id: at, instrument, createdAt: at })),
    depth: (instrument, levels) => {
      const market = marketOf(instrument);
      return {
        lastUpdateId: market.updateId,
        bids: visibleLevels(market, "buy", levels),
        asks: visibleLevels(market, "sell", levels),
      };
    },
    mark: (instrument) => {
      const { mark, fundingRate, nextFundingAt } = marketOf(instrument);
      return { mark, index: mark, fundingRate, nextFundingAt };
    },
    validate: () => audit(venue),
    candlesWalked: (instrument) => marketOf(instrument).candles.walked,
  };
}

/** Runs a call and then tells what came of it; a call from inside a listener is told after what was there before. */
function acting(venue: VenueState): <T>(call: () => T) => T {
  return (call) => {
    const result = call();
    for (const market of venue.markets.values()) publish(venue, market);
    venue.outbox.deliver();
    return result;
  };
}

type OrderName = Parameters<Exchange["order"]>[2];

const find = <T>(archive: Archive<T>, instrument: InstrumentId, by: OrderName, at: Millis): T | undefined =>
  "orderId" in by ? archive.byId(by.orderId, at) : archive.byClientId(instrument, by.clientId, at);

function cancel(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId,
  by: OrderName,
): ReturnType<Exchange["cancel"]> {
  const order = find(account.orders, instrument, by, venue.at);
  if (order === undefined || order.request.instrument !== instrument || !account.open.has(order.orderId)) {
    return { ok: false, reason: "unknownOrder" };
  }
  endOrder(venue, order, "canceled");
  return { ok: true, value: orderSnapshot(order) };
}

type ConditionalName = Parameters<Exchange["conditional"]>[1];

/** By id, or the newest with this client id in any instrument; open ones first. */
function findConditional(
  venue: VenueState,
  account: Account,
  by: ConditionalName,
): ReturnType<typeof account.conditionals.byId> {
  if ("conditionalId" in by) return account.conditionals.byId(by.conditionalId, venue.at);
  for (const order of account.waiting.values()) if (order.clientId === by.clientId) return order;
  return account.conditionals.select({}, venue.at).findLast((order) => order.clientId === by.clientId);
}

function cancelConditional(
  venue: VenueState,
  account: Account,
  by: ConditionalName,
): VenueAnswer<ReturnType<typeof conditionalSnapshot>> {
  const order = findConditional(venue, account, by);
  if (order?.status !== "new") return { ok: false, reason: "unknownOrder" };
  moveConditional(venue, order, "canceled");
  return { ok: true, value: conditionalSnapshot(order) };
}
