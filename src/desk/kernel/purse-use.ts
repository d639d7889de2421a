import { notional } from "../../core/instrument.ts";
import { exposureOf, marginFor, worstNotional } from "../../core/margin.ts";
import { isLive, openLots } from "../../core/order.ts";
import { lots, type Value, value } from "../../core/units.ts";
import type { GridParameters } from "../../engines/grid/parameters.ts";
import { purseElsewhere } from "./guarding.ts";
import type { KernelState } from "./state.ts";

/** What an engine's purse is used for just now. */
export interface PurseUse {
  /** Margin of the position and the worst side of the open entries, with the fee to close it (I6). */
  readonly used: Value;
  /** Notional of the position and of hedges at the mark price; the position's cost where there is no mark. */
  readonly exposure: Value;
}

/** How much of a grid's purse is used; nothing while its instrument is not known. */
export function purseUse(state: KernelState, grid: GridParameters): PurseUse {
  const instrument = state.instrument(grid.instrument);
  if (instrument === undefined) return { used: value(0), exposure: value(0) };
  const entries = state
    .liveOrders()
    .filter(
      (o) => o.facts.engine === grid.engine && o.facts.role === "entry" && isLive(o.state) && openLots(o) > 0,
    );
  const book = state.account.look(grid.instrument, grid.positionSide);
  const share = state.account.share(grid.instrument, grid.positionSide, grid.engine);
  const { mark } = state.board.of(grid.instrument);
  const worst = worstNotional(exposureOf(instrument, share, entries, mark ?? instrument.priceMin));
  const leverage = state.account.leverages.get(grid.instrument) ?? grid.leverage;
  let hedged = 0;
  for (const each of state.account.books.values())
    if (each !== book && each.instrument === grid.instrument)
      hedged += Math.abs(each.shares.get(grid.engine)?.lots ?? 0);
  const size = lots(Math.abs(share.lots) + hedged);
  const exposure = mark === undefined ? Math.abs(share.cost) : notional(instrument, mark, size, "nearest");
  const used = marginFor(instrument, worst, leverage) + purseElsewhere(state, grid.engine, book);
  return { used: value(used), exposure: value(exposure) };
}
