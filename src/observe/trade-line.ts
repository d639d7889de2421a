import { lineKind, type TradeFields } from "../core/trade-log.ts";

const S1_ORDER = ["Action", "Size", "Entry", "Exit", "PnL", "Duration"];

/**
 * Seed S1's log line, its own fields first in its order, the others after them: GRID_TRADE | Action=TAKE_PROFIT | Size=0.004 | Entry=97000.0 | ... A number for `Duration`
 * is in seconds and gets its "s"; separators inside values become spaces, so that a line splits again as it was made.
 * GRID_EQUITY and GRID_HEALTH lines are made the same way.
 */
export function tradeLine(fields: TradeFields): string {
  const kind = lineKind(fields);
  const first = kind === "GRID_TRADE" ? S1_ORDER : ["Action"];
  const names = [...first, ...Object.keys(fields).filter((name) => !first.includes(name))];
  const parts = names.flatMap((name) => {
    const value = fields[name];
    if (value === undefined) return first.includes(name) ? [`${name}=-`] : [];
    const text = name === "Duration" && typeof value === "number" ? `${value}s` : String(value);
    return [`${name}=${text.replaceAll(/[|\s]+/g, " ").trim()}`];
  });
  return [kind, ...parts].join(" | ");
}
