import { isOpen, isReducer } from "./client-order.ts";
import type { VenueIncome } from "./exchange.ts";
import { isCrossed } from "./market-news.ts";
import { closable } from "./reduce-only.ts";
import { type Account, booksOf, holdingOf, type Market, type VenueState, walletOf } from "./venue-state.ts";

/** Every promise of the exchange's books that does not hold right now, in words. */
export function audit(venue: VenueState): readonly string[] {
  const found: string[] = [];
  for (const account of venue.accounts.values()) found.push(...auditAccount(account));
  for (const market of venue.markets.values()) found.push(...auditMarket(market));
  let fund = 0;
  for (const account of venue.accounts.values()) fund -= sum(account, ["liquidationFee", "insurance"]);
  if (fund !== venue.insuranceFund) found.push("the insurance fund is not what it took less what it paid");
  return found;
}

function auditAccount(account: Account): string[] {
  const found: string[] = [];
  const expect = (holds: boolean, words: string): void => {
    if (!holds) found.push(`account ${account.id}: ${words}`);
  };
  const { start, realized, fees, funding } = account;
  expect(walletOf(account) === start + realized - fees + funding, "wallet is not the sum of its parts");
  expect(sum(account, ["transfer"]) === start, "deposits are not what the income history says");
  expect(sum(account, ["realized", "insurance"]) === realized, "realised profit differs from the history");
  expect(sum(account, ["fee", "liquidationFee"]) === -fees, "fees differ from the history");
  expect(sum(account, ["funding"]) === funding, "funding differs from the history");
  let booked = account.insured as number;
  for (const holding of account.holdings.values()) {
    const { instrument, held } = holding.market;
    for (const book of [holding.both, holding.long, holding.short]) {
      booked += book.realized;
      const sign = instrument.kind === "inverse" ? -1 : 1;
      expect(
        book.realized === sign * (book.sold - book.bought) + book.cost,
        `${instrument.id} ${book.side}: profit is not sold - bought + cost`,
      );
      expect(book.lots !== 0 || book.cost === 0, `${instrument.id} ${book.side}: flat but not free of cost`);
      expect(book.lots !== 0 || book.isolatedWallet === 0, `${instrument.id} ${book.side}: flat with margin`);
      expect(book.lots === 0 || held.has(account), `${instrument.id} ${book.side}: held but not listed`);
    }
    expect(holding.long.lots >= 0 && holding.short.lots <= 0, `${instrument.id}: a hedge book has flipped`);
    for (const book of booksOf(account, holding)) {
      for (const side of ["buy", "sell"] as const) {
        const resting = [...account.open.values()].filter(
          ({ request }) =>
            request.instrument === instrument.id &&
            request.positionSide === book.side &&
            request.side === side &&
            isReducer(request),
        );
        const claimed = resting.reduce((total, order) => total + order.left, 0);
        expect(
          claimed <= closable(holding, book.side, side),
          `${instrument.id}: reducers exceed the position`,
        );
      }
    }
  }
  for (const order of account.open.values()) {
    const { market } = holdingOf(account, order.request.instrument);
    const isThere = (order.side === "buy" ? market.bids : market.asks).includes(order);
    expect(isThere && market.status !== "closed", `order ${order.orderId} is open but does not rest`);
  }
  expect(booked === realized, "realised profit is not what the positions realised");
  return found;
}

const sum = (account: Account, types: readonly VenueIncome["type"][]): number =>
  account.income.reduce((total, line) => (types.includes(line.type) ? total + line.amount : total), 0);

function auditMarket(market: Market): string[] {
  const found: string[] = [];
  const { id } = market.instrument;
  if (isCrossed(market)) found.push(`${id}: the book is crossed`);
  for (const resting of [market.bids, market.asks]) {
    const by = resting === market.bids ? 1 : -1;
    resting.forEach((order, at) => {
      if (!isOpen(order) || order.left <= 0)
        found.push(`${id}: order ${order.orderId} rests but is not open`);
      if (order.left + order.filled !== order.request.lots)
        found.push(`${id}: order ${order.orderId} leaks lots`);
      const next = resting[at + 1];
      if (next === undefined) return;
      const step = (next.price - order.price) * by;
      if (step < 0 || (step === 0 && next.rank > order.rank)) {
        found.push(`${id}: orders ${order.orderId} and ${next.orderId} stand in the wrong order`);
      }
    });
  }
  return found;
}
