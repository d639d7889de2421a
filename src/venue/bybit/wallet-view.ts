import type { AccountId } from "../../core/instrument.ts";
import { type Value, value } from "../../core/units.ts";
import type { Floor, House } from "./house.ts";
import { amount } from "./texts.ts";

/** The unified account's wallet: a row for every coin of a floor. USD figures count a stable coin as one. */
export function walletRow(house: House, account: AccountId, coins: readonly string[]): object {
  const rows = house.floors
    .filter(({ settle }) => coins.length === 0 || coins.includes(settle))
    .map((floor) => coinOf(account, floor));
  const sum = (pick: (row: CoinRow) => number): string =>
    rows.reduce((total, row) => total + pick(row) * row.usd, 0).toFixed(8);
  const equity = rows.reduce((total, row) => total + row.equity * row.usd, 0);
  const rate = (pick: (row: CoinRow) => number): string =>
    equity <= 0 ? "0" : (rows.reduce((total, row) => total + pick(row) * row.usd, 0) / equity).toFixed(4);
  return {
    accountType: "UNIFIED",
    accountLTV: "0",
    accountIMRate: rate((row) => row.initial),
    accountMMRate: rate((row) => row.maintenance),
    totalEquity: sum((row) => row.equity),
    totalWalletBalance: sum((row) => row.wallet),
    totalMarginBalance: sum((row) => row.equity),
    totalAvailableBalance: sum((row) => row.available),
    totalPerpUPL: sum((row) => row.unrealized),
    totalInitialMargin: sum((row) => row.initial),
    totalMaintenanceMargin: sum((row) => row.maintenance),
    coin: rows.map(({ row }) => row),
  };
}

/** Figures of one coin in units of the coin, for sums in USD, and the row that shows them exactly. */
interface CoinRow {
  readonly usd: number;
  readonly equity: number;
  readonly wallet: number;
  readonly available: number;
  readonly unrealized: number;
  readonly initial: number;
  readonly maintenance: number;
  readonly row: object;
}

function coinOf(account: AccountId, floor: Floor): CoinRow {
  const balance = floor.exchange.balance(account);
  const usd = usdOf(floor);
  const equity = value(balance.wallet + balance.unrealized);
  const units = (steps: Value): number => steps / 1e8;
  return {
    usd,
    equity: units(equity),
    wallet: units(balance.wallet),
    available: units(balance.available),
    unrealized: units(balance.unrealized),
    initial: units(balance.initialMargin),
    maintenance: units(balance.maintenanceMargin),
    row: {
      coin: floor.settle,
      equity: amount(equity),
      usdValue: (units(equity) * usd).toFixed(8),
      walletBalance: amount(balance.wallet),
      free: "",
      locked: "0",
      spotHedgingQty: "",
      borrowAmount: "0",
      availableToBorrow: "",
      availableToWithdraw: amount(balance.available),
      accruedInterest: "0",
      totalOrderIM: amount(balance.orderInitialMargin),
      totalPositionIM: amount(balance.positionInitialMargin),
      totalPositionMM: amount(balance.maintenanceMargin),
      unrealisedPnl: amount(balance.unrealized),
      cumRealisedPnl: amount(balance.realized - balance.fees + balance.funding),
      bonus: "0",
      collateralSwitch: true,
      marginCollateral: true,
    },
  };
}

/** What one coin is worth in USD: one for a stable coin, the mark of its own contract for another. */
function usdOf(floor: Floor): number {
  if (floor.category === "linear") return 1;
  const [instrument] = floor.instruments.values();
  if (instrument === undefined) return 0;
  return floor.exchange.mark(instrument.id).mark * Number(instrument.tick.text);
}
