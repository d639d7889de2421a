import type { InstrumentId } from "../core/instrument.ts";
import { openLots } from "../core/order.ts";
import { type Millis, ONE, type Ticks } from "../core/units.ts";
import type { KernelState } from "../desk/kernel/state.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import type { ClosedTrade, OpenTrade, TradeLedger } from "./ledger.ts";

/** Market time between two looks, as seed S1's health check. */
const EVERY_MS = 300_000;
/** A close that is further than this from the mark is no way out (X31). */
const FAR = ONE * 0.03;
/** A stuck position has recovered when it is closed within this market time of being marked. */
const RECOVERED_WITHIN_MS = 24 * 3_600_000;
/** And at a loss after fees no larger than its stop's; this much where the stop is off. */
const LOSS_WITHOUT_STOP = ONE / 10;

/** Marks trades as stuck by X31: open longer than its limit, and no close within 3 % of the mark. It only looks. */
export class StuckWatch {
  stuck = 0;
  #nextAt = 0;

  /** Looks at open trades of an instrument whose mark price moved, when it is time. */
  look(
    state: KernelState,
    ledger: TradeLedger,
    grids: readonly GridParameters[],
    instrument: InstrumentId,
    mark: Ticks,
    at: Millis,
  ): void {
    if (at < this.#nextAt) return;
    this.#nextAt = at - (at % EVERY_MS) + EVERY_MS;
    let near: ReadonlySet<string> | undefined;
    for (const trade of ledger.open()) {
      if (trade.stuckAt !== undefined || trade.instrument !== instrument) continue;
      const grid = grids.find(({ engine }) => engine === trade.engine);
      if (grid === undefined || at - trade.openedAt < grid.stuckAfterMs) continue;
      near ??= nearCloses(state, instrument, mark);
      if (near.has(`${trade.engine}/${trade.rung}`)) continue;
      ledger.mark(trade, at, mark);
      this.stuck += 1;
    }
  }
}

/** Rungs, with their engine, of which a close rests near enough to the mark. */
function nearCloses(state: KernelState, instrument: InstrumentId, mark: Ticks): ReadonlySet<string> {
  const found = new Set<string>();
  for (const order of state.orders.live()) {
    const { engine, rung, role, price, instrument: id } = order.facts;
    if (id !== instrument || price === undefined || (role !== "takeProfit" && role !== "ladder")) continue;
    if (openLots(order) > 0 && Math.abs(price - mark) * ONE <= FAR * price) found.add(`${engine}/${rung}`);
  }
  return found;
}

/** Whether a trade that was stuck was closed soon, and no worse than its stop would have closed it. */
export function isRecovered(trade: ClosedTrade | OpenTrade, stopLoss: number | undefined): boolean {
  if (!("closedAt" in trade) || trade.stuckAt === undefined) return false;
  if (trade.closedAt - trade.stuckAt > RECOVERED_WITHIN_MS) return false;
  const loss = trade.fees - trade.pnl;
  return loss * ONE <= (stopLoss ?? LOSS_WITHOUT_STOP) * trade.entryCost;
}
