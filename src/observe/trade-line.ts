/** What a trade's line may carry; S1's own fields come first in its order, the others follow. */
export type TradeFields = Readonly<Record<string, string | number>>;

const S1_ORDER = ["Action", "Size", "Entry", "Exit", "PnL", "Duration"];

/**
 * Seed S1's log line: GRID_TRADE | Action=TAKE_PROFIT | Size=0.004 | Entry=97000.0 | ... A number for `Duration`
 * is in seconds and gets its "s"; separators inside values become spaces, so that a line splits again as it was made.
 */
export function tradeLine(fields: TradeFields): string {
  const names = [...S1_ORDER, ...Object.keys(fields).filter((name) => !S1_ORDER.includes(name))];
  const parts = names.flatMap((name) => {
    const value = fields[name];
    if (value === undefined) return S1_ORDER.includes(name) ? [`${name}=-`] : [];
    const text = name === "Duration" && typeof value === "number" ? `${value}s` : String(value);
    return [`${name}=${text.replaceAll(/[|\s]+/g, " ").trim()}`];
  });
  return ["GRID_TRADE", ...parts].join(" | ");
}
