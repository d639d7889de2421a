import type { Instrument } from "../core/instrument.ts";
import { millis, type Ticks, ticks } from "../core/units.ts";
import type { InstrumentInfo } from "../desk/ports.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import { type GridCounts, type GridLayout, layGrid } from "../settings/grid-layout.ts";
import type { GridSettings, Settings } from "../settings/settings.ts";
import { StartError } from "./start-error.ts";
import { stopRoomProblem } from "./stop-room.ts";

/**
 * Waits for the first quote of each symbol: sizes in money and the lattice need a price. A symbol that the exchange
 * no longer trades has none, and is not waited for.
 */
export function firstPrices(symbols: readonly string[]) {
  const prices = new Map<string, Ticks>();
  const gone = new Set<string>();
  let at = 0;
  let done: (prices: ReadonlyMap<string, Ticks>) => void = () => undefined;
  const all = new Promise<ReadonlyMap<string, Ticks>>((resolve) => {
    done = resolve;
  });
  if (symbols.length === 0) done(prices);
  return {
    all,
    at: () => millis(at),
    missing: () => symbols.filter((symbol) => !prices.has(symbol) && !gone.has(symbol)),
    see: (event: {
      readonly type: string;
      readonly at: number;
      readonly instrument?: string;
      readonly bid?: number;
      readonly status?: string;
    }) => {
      if (event.at > at) at = event.at;
      const isGone = event.type === "instrumentChanged" && event.status === "gone";
      if (isGone && event.instrument !== undefined && !prices.has(event.instrument)) {
        gone.add(event.instrument);
        if (prices.size + gone.size === symbols.length) done(prices);
      }
      if (event.type !== "top" || event.instrument === undefined || prices.has(event.instrument)) return;
      prices.set(event.instrument, ticks(event.bid ?? 0));
      gone.delete(event.instrument);
      if (prices.size + gone.size === symbols.length) done(prices);
    },
  };
}

/** The one asset that a desk's contracts are margined in. Throws `StartError` when there are several. */
export function settleAsset(infos: readonly InstrumentInfo[]): string {
  const [first] = infos;
  const other = infos.find(({ instrument }) => instrument.settle !== first?.instrument.settle);
  if (first === undefined) return "USDT";
  if (other === undefined) return first.instrument.settle;
  throw new StartError(
    `${first.instrument.id} is margined in ${first.instrument.settle}, ${other.instrument.id} in ${other.instrument.settle}: ` +
      "a desk counts in one asset, give the other symbol a desk (desk.name, desk.dataDir, account) of its own.",
  );
}

/**
 * The configured grids in counts of their instruments. Throws `StartError` with one sentence per mistake. `isUnderWay`: they
 * traded before, and a market that moved away from their settings does not keep them from what they hold.
 */
export function layGrids(
  settings: Settings,
  infos: readonly InstrumentInfo[],
  prices: ReadonlyMap<string, Ticks>,
  isUnderWay = false,
): readonly GridParameters[] {
  const laid = layAll(settings, infos, prices, isUnderWay);
  const room = stopRoomProblem(
    settings,
    laid.map(({ grid }) => grid),
  );
  const problems = [
    ...laid.flatMap(({ layout }) => (layout.ok ? [] : layout.problems)),
    ...(room === undefined ? [] : [room]),
  ];
  if (problems.length > 0) throw new StartError(problems.join("\n"));
  return laid.flatMap(({ grid, layout }) => (layout.ok ? [parametersOf(settings, grid, layout.counts)] : []));
}

/** What is worth knowing of grids that fit: break-even, purse, bounds, recovery; one sentence each. */
export const gridNotices = (
  settings: Settings,
  infos: readonly InstrumentInfo[],
  prices: ReadonlyMap<string, Ticks>,
  isUnderWay = false,
): readonly string[] =>
  layAll(settings, infos, prices, isUnderWay).flatMap(({ layout }) => (layout.ok ? layout.notices : []));

/** A symbol without a price is no longer traded, and its grids are not laid. */
function layAll(
  settings: Settings,
  infos: readonly InstrumentInfo[],
  prices: ReadonlyMap<string, Ticks>,
  isUnderWay: boolean,
): readonly { readonly grid: GridSettings; readonly layout: GridLayout }[] {
  return settings.engines.flatMap((grid) => {
    const instrument: Instrument | undefined = infos.find(
      (info) => info.instrument.id === grid.symbol,
    )?.instrument;
    const price = prices.get(grid.symbol);
    if (instrument === undefined || price === undefined) return [];
    return [{ grid, layout: layGrid(grid, instrument, price, isUnderWay) }];
  });
}

function parametersOf(
  { account }: Settings,
  grid: GridSettings,
  { quantity, positionMax, anchor, priceMin, priceMax, stopPrice, pausePrice }: GridCounts,
): GridParameters {
  const ownSide = grid.direction === "buy" ? "long" : "short";
  return {
    engine: grid.name,
    account: account.name,
    instrument: grid.symbol,
    positionSide: account.positionMode === "hedge" ? ownSide : "both",
    direction: grid.direction,
    quantity,
    takeProfit: grid.takeProfit,
    step: grid.gridStep,
    ordersMax: grid.maxOrders,
    waitMs: millis(grid.waitMs),
    positionMax,
    purse: grid.maxMargin,
    leverage: grid.leverage,
    stopLoss: grid.stopLoss,
    anchor,
    priceMin,
    priceMax,
    stuckAfterMs: millis(grid.positionTimeoutMs),
    recovery: grid.recoveryMode,
    stopPrice,
    pausePrice,
    lossMax: grid.maxLoss,
  };
}
