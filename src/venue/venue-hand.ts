import type { InstrumentId } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import type { Lots, Millis } from "../core/units.ts";
import type { ExchangeHand, PositionSide } from "./exchange.ts";
import { forceClose, forceCloseIsolated } from "./forced-close.ts";
import { liquidate } from "./liquidator.ts";
import { endOrder, moveConditional } from "./order-end.ts";
import { type Account, bookOf, booksOf, holdingOf, type Market, type VenueState } from "./venue-state.ts";

/** How the hand reaches what it changes. `act` runs a change and then tells what came of it. */
interface Reach {
  readonly venue: VenueState;
  readonly act: <T>(call: () => T) => T;
  readonly accountOf: (id: string) => Account;
  readonly marketOf: (id: InstrumentId) => Market;
}

/** The hand of an exchange. */
export function handOf({ venue, act, accountOf, marketOf }: Reach): ExchangeHand {
  const setStep = (id: InstrumentId, which: "priceStep" | "lotStep", step: number): void => {
    invariant(Number.isSafeInteger(step) && step >= 1, `a step is a whole number from 1, not ${step}`);
    const market = marketOf(id);
    market[which] = step;
    market.depth.setSteps(market.priceStep, market.lotStep);
    market.isDirty = true;
    tell(venue, market, "filters");
  };
  return {
    setPriceStep: (instrument, step) => act(() => setStep(instrument, "priceStep", step)),
    setLotStep: (instrument, step) => act(() => setStep(instrument, "lotStep", step)),
    setBrackets: (instrument, brackets) =>
      act(() => {
        invariant(brackets.length > 0, `margin brackets for ${instrument} are given`);
        const market = marketOf(instrument);
        market.brackets = brackets;
        tell(venue, market, "brackets");
        for (const account of [...market.held]) liquidate(venue, account, instrument);
      }),
    delist: (instrument, at) => act(() => announceEnd(venue, marketOf(instrument), at)),
    deleverage: (account, instrument, side, lots) => {
      marketOf(instrument);
      act(() => deleverage(venue, accountOf(account), instrument, side, lots));
    },
    refuseStops: (account, when, count) => {
      accountOf(account).stopRefusals[when] = count;
    },
    setRules: (rules) => {
      venue.rules = { ...venue.rules, ...rules };
    },
  };
}

function tell(venue: VenueState, market: Market, what: "filters" | "brackets" | "status"): void {
  venue.outbox.emit({ type: "instrument", at: venue.at, instrument: market.instrument.id, what });
}

function announceEnd(venue: VenueState, market: Market, at: Millis): void {
  if (market.status === "closed") return;
  market.status = "settling";
  market.delistsAt = at;
  venue.deadlines.set(`delist ${market.instrument.id}`, at, () => end(venue, market));
  tell(venue, market, "status");
}

/** Everything that waits expires, everything that is held is settled at the mark. */
function end(venue: VenueState, market: Market): void {
  for (const order of [...market.waiting])
    moveConditional(venue, order, "expired", { endReason: "delisting" });
  for (const order of [...market.bids, ...market.asks]) endOrder(venue, order, "expired", "delisting");
  for (const account of [...market.held]) {
    const holding = holdingOf(account, market.instrument.id);
    for (const book of booksOf(account, holding)) {
      if (holding.marginMode === "isolated") forceCloseIsolated(venue, account, holding, book, "settlement");
      else forceClose(venue, account, holding, book, "settlement");
    }
  }
  market.status = "closed";
  tell(venue, market, "status");
}

function deleverage(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId,
  side: PositionSide,
  lots: Lots,
): void {
  const holding = holdingOf(account, instrument);
  const book = bookOf(holding, side);
  const count = Math.min(lots, Math.abs(book.lots));
  if (holding.marginMode === "isolated") forceCloseIsolated(venue, account, holding, book, "adl", count);
  else forceClose(venue, account, holding, book, "adl", count);
}
