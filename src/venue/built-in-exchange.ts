import type { AccountId, InstrumentId } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import {
  changeIsolatedMargin,
  deposit,
  setHedgeMode,
  setLeverage,
  setMarginMode,
} from "./account-settings.ts";
import { balanceOf, positionsOf } from "./account-view.ts";
import { selection } from "./archive.ts";
import { audit } from "./audit.ts";
import { conditionalSnapshot, orderSnapshot } from "./client-order.ts";
import { enterConditional } from "./conditional-entry.ts";
import type { Exchange } from "./exchange.ts";
import { MarketClock } from "./market-clock.ts";
import { publish, wholeDepth } from "./market-news.ts";
import { amend } from "./order-amendment.ts";
import {
  cancel,
  cancelAll,
  cancelAllConditionals,
  cancelConditional,
  countdownCancelAll,
  findConditional,
  findOrder,
} from "./order-cancel.ts";
import { enter } from "./order-entry.ts";
import { visibleLevels } from "./order-side.ts";
import { handOf } from "./venue-hand.ts";
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
    hand: handOf({ venue, act, accountOf, marketOf }),
    priceStep: (instrument) => marketOf(instrument).priceStep,
    lotStep: (instrument) => marketOf(instrument).lotStep,
    status: (instrument) => marketOf(instrument).status,
    delistsAt: (instrument) => marketOf(instrument).delistsAt,
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
    amend: (account, instrument, by, change) =>
      act(() => amend(venue, accountOf(account), instrument, by, change)),
    cancelAll: (account, instrument) => act(() => cancelAll(venue, accountOf(account), instrument)),
    cancelAllConditionals: (account, instrument) =>
      act(() => cancelAllConditionals(venue, accountOf(account), instrument)),
    countdownCancelAll: (account, instrument, at) =>
      countdownCancelAll(venue, accountOf(account), instrument, at),
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
    positions: (account) => positionsOf(venue.rules, accountOf(account)),
    balance: (account) => balanceOf(venue.rules, accountOf(account), setup.instruments[0]?.settle ?? ""),
    order: (account, instrument, by) => {
      const found = findOrder(accountOf(account).orders, instrument, by, venue.at);
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
      // Changes are told against what somebody was shown first: a level of this snapshot must not outlive its end.
      market.shownDepth ??= wholeDepth(market);
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
