import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import type { Ticks } from "../../core/units.ts";
import type { BookView, DeskSnapshot, GridView } from "../../desk/snapshot.ts";
import { quantity } from "../format.ts";
import type { Palette } from "./theme.ts";

/** What a price means to the desk. */
export type LevelKind =
  | "mark"
  | "liquidation"
  | "stopPrice"
  | "pausePrice"
  | "stuck"
  | "hedge"
  | "position"
  | "held"
  | "takeProfit"
  | "stop"
  | "waiting"
  | "foreign"
  | "axis";

/** A price that is drawn, and what is written behind it. */
export interface Level {
  readonly at: Ticks;
  readonly kind: LevelKind;
  readonly what: string;
}

/** How a level looks. Levels with a smaller `rank` keep their label where there is no room for all. */
export interface Look {
  readonly color: keyof Palette;
  /** Of its line, where that is another one than its label's. */
  readonly line?: keyof Palette;
  readonly dash: string;
  readonly width: number;
  readonly rank: number;
}

/** The looks: full lines are what is held or final, broken ones are orders that rest. */
export const LOOKS: Readonly<Record<LevelKind, Look>> = {
  mark: { color: "text", dash: "", width: 1.5, rank: 0 },
  liquidation: { color: "danger", dash: "", width: 2, rank: 1 },
  stopPrice: { color: "danger", dash: "8 3", width: 1.5, rank: 2 },
  pausePrice: { color: "warning", dash: "8 3", width: 1.5, rank: 2 },
  stuck: { color: "warning", dash: "", width: 1.5, rank: 3 },
  hedge: { color: "hedge", dash: "", width: 1.5, rank: 4 },
  position: { color: "held", dash: "", width: 2, rank: 5 },
  held: { color: "held", dash: "", width: 1, rank: 6 },
  takeProfit: { color: "rising", dash: "2 3", width: 1, rank: 7 },
  stop: { color: "falling", dash: "2 3", width: 1, rank: 8 },
  waiting: { color: "muted", dash: "5 4", width: 1, rank: 9 },
  foreign: { color: "muted", dash: "1 3", width: 1, rank: 10 },
  axis: { color: "muted", line: "line", dash: "", width: 1, rank: 11 },
};

/** Collects levels; a price that is not known is none. */
class Levels {
  readonly found: Level[] = [];

  add(at: Ticks | undefined, kind: LevelKind, what: string): void {
    if (at !== undefined) this.found.push({ at, kind, what });
  }
}

/**
 * The prices of one grid: rungs that hold and that wait, their closes, stops and hedges, its stop and its pause price. Sizes are told
 * where the instrument is given.
 */
export function gridLevels(grid: GridView, instrument: Instrument | undefined): readonly Level[] {
  const levels = new Levels();
  for (const rung of grid.rungs) {
    const isHeld = rung.held > 0;
    const isStuck = rung.stuckSince !== undefined;
    const held = instrument === undefined ? "rung" : `holds ${quantity(rung.held, instrument)}`;
    levels.add(
      rung.entry ?? rung.price,
      isStuck ? "stuck" : isHeld ? "held" : "waiting",
      `${isHeld ? held : "entry waits"}${isStuck ? ", stuck" : ""}`,
    );
    levels.add(rung.stop, "stop", "stop");
    if (rung.hedge !== undefined) {
      const size = instrument === undefined ? "" : ` of ${quantity(rung.hedge.lots, instrument)}`;
      levels.add(rung.hedge.entry, "hedge", `hedge${size}`);
      levels.add(rung.hedge.stop, "stop", "hedge stop");
    }
    for (const close of rung.closes)
      levels.add(close.price, "takeProfit", close.isLadder ? "ladder" : "take profit");
  }
  levels.add(grid.stopPrice, "stopPrice", "stop price");
  levels.add(grid.pausePrice, "pausePrice", "pause price");
  return levels.found;
}

/** All prices of one instrument: of its grids, its positions, and of orders that are not the desk's. */
export function levelsOf(desk: DeskSnapshot, id: InstrumentId): readonly Level[] {
  const levels = new Levels();
  const books = desk.books.filter((book) => book.instrument === id && book.lots !== 0);
  for (const book of books) {
    const side = books.length > 1 ? `${sideOf(book)} ` : "";
    levels.add(book.liquidation, "liquidation", `${side}liquidation`);
    levels.add(book.entry, "position", `${sideOf(book)} entry`);
  }
  for (const order of desk.orders) {
    if (order.instrument === id && order.role === "foreign")
      levels.add(order.price, "foreign", `foreign ${order.side}`);
  }
  const grids = desk.engines.flatMap(({ instrument: of, grid }) =>
    of === id && grid !== undefined ? [...gridLevels(grid, undefined)] : [],
  );
  return [...levels.found, ...grids];
}

/** "long" or "short". */
export const sideOf = ({ lots }: Pick<BookView, "lots">): "long" | "short" => (lots < 0 ? "short" : "long");
