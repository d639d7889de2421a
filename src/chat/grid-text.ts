import { executionCost, type Instrument, profit } from "../core/instrument.ts";
import type { RecoveryStage, RungView } from "../core/recovery.ts";
import { lots, mulDiv, ONE, type Rate, rate, type Ticks, type Value, value } from "../core/units.ts";
import type { DeskDoor } from "../desk/ports.ts";
import type { GridView } from "../desk/snapshot.ts";
import { instrumentOf, price, quantity } from "./format.ts";
import type { ShownGrid } from "./grid-argument.ts";

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

/** How far the recovery of a rung has come, in a word or two. */
export const STAGES: Readonly<Record<RecoveryStage, string>> = {
  none: "",
  stuck: "stuck",
  ladder: "ladder rests",
  closing: "closing",
  hedging: "being hedged",
  hedged: "hedged",
  asked: "asked",
};

/** What a grid does next, or what it waits for, in one sentence. */
export function nextAction(desk: Snapshot, engine: ShownGrid): string {
  const { grid } = engine;
  const instrument = instrumentOf(desk.instruments, engine.instrument);
  if (engine.pausedBy !== undefined)
    return `It waits for /grid_start ${engine.engine}: paused by ${engine.pausedBy}.`;
  if (desk.isPaused) return "It waits for /resume: the desk is paused.";
  if (!engine.isRunning) return `It is stopped: ${engine.summary}`;
  const card = desk.proposals.find(
    ({ state, action }) =>
      state === "pending" && action.type === "recover" && action.engine === engine.engine,
  );
  if (card !== undefined) return `It waits for a decision: card ${card.id}.`;
  const hedging = grid.rungs.find(({ stage }) => stage === "hedging");
  if (hedging !== undefined) return `It opens the hedge of rung ${hedging.index}.`;
  const closing = grid.rungs.find(({ status, held }) => status === "closing" && held > 0);
  if (closing !== undefined) return `It closes rung ${closing.index} at the market.`;
  if (engine.entriesWait !== undefined) return `Its entries wait: ${engine.entriesWait}.`;
  const mark = markOf(desk, engine);
  if (mark !== undefined && grid.pausePrice !== undefined && isBeyond(mark, grid.pausePrice, grid))
    return `It waits until the price is back beyond its pause price ${price(grid.pausePrice, instrument)}.`;
  const opening = openingOf(grid);
  if (opening !== undefined) {
    const verb = grid.direction === "buy" ? "buys" : "sells";
    return `It ${verb} ${quantity(grid.quantity, instrument)} when the price comes to ${price(opening.price, instrument)}.`;
  }
  if (grid.rungs.length >= grid.ordersMax) return "All its rungs are taken: it waits for a take profit.";
  const held = grid.rungs.reduce((sum, rung) => sum + rung.held, 0);
  if (held + grid.quantity > grid.positionMax)
    return `It holds ${quantity(held, instrument)} of ${quantity(grid.positionMax, instrument)} at most: it waits for a take profit.`;
  const end = grid.direction === "buy" ? grid.priceMin : grid.priceMax;
  if (mark !== undefined && end !== undefined && mark !== end && isBeyond(mark, end, grid))
    return `It waits until the price is back within ${price(end, instrument)}, the end of its range.`;
  return "It places the next entry when its wait is over.";
}

/** The rung whose entry waits for the price. */
export const openingOf = ({ rungs }: GridView): RungView | undefined =>
  rungs.find(({ status }) => status === "opening");

/** The mark price of a grid's book. */
export const markOf = (desk: Snapshot, { instrument, grid }: ShownGrid): Ticks | undefined =>
  (
    desk.books.find((book) => book.instrument === instrument && book.positionSide === grid.positionSide) ??
    desk.books.find((book) => book.instrument === instrument)
  )?.mark;

/** Whether a price is at or beyond a limit, on the side on which the grid loses. */
const isBeyond = (at: Ticks, limit: Ticks, { direction }: GridView): boolean =>
  direction === "buy" ? at <= limit : at >= limit;

/** What a rung that holds something, and its hedge, have won or lost at a price; undefined: something of it is not known. */
export function rungProfit(
  rung: RungView,
  { direction }: GridView,
  mark: Ticks | undefined,
  instrument: Instrument | undefined,
): Value | undefined {
  if (mark === undefined || rung.entry === undefined || instrument === undefined) return undefined;
  const at = (entry: Ticks, held: number): number => {
    const size = lots(direction === "buy" ? held : -held);
    return profit(instrument, executionCost(instrument, entry, size, "nearest"), size, mark);
  };
  const own = at(rung.entry, rung.held);
  if (rung.hedge === undefined) return value(own);
  return rung.hedge.entry === undefined ? undefined : value(own + at(rung.hedge.entry, -rung.hedge.lots));
}

/** How far a price is from another one, as a part of it; negative on the side on which the grid loses. */
export function away(
  from: Ticks | undefined,
  to: Ticks | undefined,
  { direction }: GridView,
): Rate | undefined {
  if (from === undefined || to === undefined) return undefined;
  return rate(mulDiv((to - from) * (direction === "buy" ? 1 : -1), ONE, from, "nearest"));
}

/** "-0.010 at 47,500, stop 54,625": the other leg of a rung's hedged pair. */
export function hedgeText({ hedge }: RungView, instrument: Instrument | undefined): string | undefined {
  if (hedge === undefined) return undefined;
  const stop = hedge.stop === undefined ? "no stop rests" : `stop ${price(hedge.stop, instrument)}`;
  return `hedge of ${quantity(hedge.lots, instrument)} from ${price(hedge.entry, instrument)}, ${stop}`;
}
