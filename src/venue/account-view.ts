import { value } from "../core/units.ts";
import { liquidationPrices } from "../risk/liquidation.ts";
import type { VenueBalance, VenuePosition } from "./exchange.ts";
import { liquidationCase } from "./liquidator.ts";
import { freeMargin, initialMargin, maintenanceOf, positionMargin, unrealizedOf } from "./margin.ts";
import type { PositionBook } from "./position-book.ts";
import type { VenueRules } from "./venue-rules.ts";
import { type Account, booksOf, type Holding, walletOf } from "./venue-state.ts";

/** Every book of the account, also flat ones, with the figures that the exchange shows. */
export function positionsOf(rules: VenueRules, account: Account): readonly VenuePosition[] {
  const found: VenuePosition[] = [];
  for (const holding of account.holdings.values()) {
    for (const book of booksOf(account, holding)) found.push(positionView(rules, account, holding, book));
  }
  return found;
}

function positionView(
  rules: VenueRules,
  account: Account,
  holding: Holding,
  book: PositionBook,
): VenuePosition {
  const { market, leverage, marginMode } = holding;
  const prices =
    book.lots === 0 ? undefined : liquidationPrices(liquidationCase(rules, account, holding, book));
  return {
    instrument: market.instrument.id,
    positionSide: book.side,
    lots: book.lots,
    cost: book.cost,
    mark: market.mark,
    unrealized: unrealizedOf(market, book),
    liquidation: prices?.liquidation,
    exactLiquidation: prices?.exact,
    marginMode,
    leverage,
    isolatedWallet: book.isolatedWallet,
    initialMargin: positionMargin(holding, book),
    maintenanceMargin: maintenanceOf(rules, market, book),
    updatedAt: book.updatedAt,
  };
}

/** The account's money. `available` is never shown below zero. */
export function balanceOf(rules: VenueRules, account: Account, asset: string): VenueBalance {
  let unrealized = 0;
  let crossUnrealized = 0;
  let maintenance = 0;
  let positionInitial = 0;
  let orderInitial = 0;
  for (const holding of account.holdings.values()) {
    const initial = initialMargin(account, holding);
    positionInitial += initial.position;
    orderInitial += initial.orders;
    for (const book of booksOf(account, holding)) {
      const profit = unrealizedOf(holding.market, book);
      unrealized += profit;
      if (holding.marginMode === "cross") crossUnrealized += profit;
      maintenance += maintenanceOf(rules, holding.market, book);
    }
  }
  return {
    asset,
    wallet: walletOf(account),
    crossWallet: account.crossWallet,
    unrealized: value(unrealized),
    crossUnrealized: value(crossUnrealized),
    initialMargin: value(positionInitial + orderInitial),
    positionInitialMargin: value(positionInitial),
    orderInitialMargin: value(orderInitial),
    maintenanceMargin: value(maintenance),
    available: value(Math.max(0, freeMargin(account))),
    start: account.start,
    realized: account.realized,
    fees: account.fees,
    funding: account.funding,
  };
}
