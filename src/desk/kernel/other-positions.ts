import type { OtherPosition } from "../../core/truth.ts";

/** What a reading shows, and what the one before showed for the first time in vain. */
export function stillThere(
  before: readonly OtherPosition[],
  shown: readonly OtherPosition[],
  missed: Set<string>,
): readonly OtherPosition[] {
  const present = new Set(shown.map(({ symbol }) => symbol));
  const kept = before.filter(({ symbol }) => !present.has(symbol) && !missed.has(symbol));
  missed.clear();
  for (const { symbol } of kept) missed.add(symbol);
  return [...shown, ...kept];
}
