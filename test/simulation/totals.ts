import { createHash } from "node:crypto";
import { type FaultKind, KINDS } from "../../src/venue/faults/kinds.ts";
import type { SeedResult } from "./world.ts";

/** The part of a seed's result that is added up and kept. */
export type SeedFigures = Omit<SeedResult, "last">;

/** What many seeds came to. */
export interface TotalsReport {
  readonly seeds: number;
  readonly violations: number;
  readonly marketHours: number;
  readonly orders: number;
  readonly fills: number;
  readonly stops: number;
  readonly restarts: number;
  readonly turns: number;
  /** Percent of the seeds with fills, a restart and a stop that was carried out. */
  readonly eventfulPercent: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Of all seeds' hashes in the order of their seeds. */
  readonly hash: string;
}

/** Adds up what seeds came to. */
export function totals(results: readonly SeedFigures[]): TotalsReport {
  const sum = (figure: (result: SeedFigures) => number): number =>
    results.reduce((total, result) => total + figure(result), 0);
  const eventful = results.filter(({ fills, restarts, stops }) => fills > 0 && restarts > 0 && stops > 0);
  const faults = Object.fromEntries(KINDS.map((kind) => [kind, sum((result) => result.faults[kind] ?? 0)]));
  const hash = createHash("sha256");
  for (const { seed, hash: own } of [...results].sort((a, b) => a.seed - b.seed))
    hash.update(`${seed} ${own}\n`);
  return {
    seeds: results.length,
    violations: results.filter(({ violation }) => violation !== undefined).length,
    marketHours: Math.round(sum(({ marketHours }) => marketHours) * 10) / 10,
    orders: sum(({ orders }) => orders),
    fills: sum(({ fills }) => fills),
    stops: sum(({ stops }) => stops),
    restarts: sum(({ restarts }) => restarts),
    turns: sum(({ turns }) => turns),
    eventfulPercent: results.length === 0 ? 0 : Math.round((1_000 * eventful.length) / results.length) / 10,
    faults: faults as Record<FaultKind, number>,
    hash: hash.digest("hex").slice(0, 32),
  };
}

/** The totals for people, some lines. */
export function totalsText(report: TotalsReport): string {
  const faults = Object.entries(report.faults).map(([kind, count]) => `${kind} ${count}`);
  return [
    `${report.marketHours} market hours, ${report.orders} orders, ${report.fills} fills, ${report.stops} stop fills, ${report.restarts} restarts, ${report.turns} turns`,
    `${report.eventfulPercent} % of the seeds have fills, a restart and a stop`,
    `faults: ${faults.join(", ")}`,
    `hash of all: ${report.hash}`,
    `${report.seeds} seeds, ${report.violations} violations`,
  ].join("\n");
}

/** Broken promises of one kind together, the most frequent first: what differs from seed to seed is left out. */
export function violationsText(results: readonly SeedFigures[]): string {
  const kinds = new Map<string, number[]>();
  for (const { seed, violation } of results) {
    if (violation === undefined) continue;
    const kind = violation
      .replace(/\bp[a-z0-9]{24}\b/g, "ID")
      .replace(/(?<![A-Z])-?\d+/g, "N")
      .slice(0, 140);
    kinds.set(kind, [...(kinds.get(kind) ?? []), seed]);
  }
  return [...kinds]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([kind, seeds]) => `${seeds.length} x ${kind} (seeds ${seeds.slice(0, 10).join(", ")})`)
    .join("\n");
}
