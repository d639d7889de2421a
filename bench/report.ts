import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

/** Percentile of a list of milliseconds; the list is sorted in place. */
const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

/** One named list of milliseconds. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** Prints a benchmark's percentiles (the ratios of two of its lists, and notes) and writes them as its section of docs/benchmarks.md. */
export async function writeBenchmark(
  name: string,
  title: string,
  samples: Samples,
  ratios: readonly (readonly [one: string, other: string])[] = [],
  notes: readonly string[] = [],
): Promise<void> {
  const rows = Object.entries(samples).map(([label, list]) => {
    const sorted = [...list].sort((a, b) => a - b);
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((part) => percentile(sorted, part).toFixed(3));
    return `| ${label} | ${sorted.length} | ${p50} | ${p99} | ${p999} |`;
  });
  const part = (label: string, share: number): number =>
    percentile(
      [...(samples[label] ?? [])].sort((a, b) => a - b),
      share,
    );
  const compared = ratios.map(
    ([one, other]) =>
      `Ratio of "${one}" to "${other}": p50 ${(part(one, 0.5) / part(other, 0.5)).toFixed(2)}, p99 ${(part(one, 0.99) / part(other, 0.99)).toFixed(2)}.`,
  );
  writeSection(title, [
    `\`npm run bench -- ${name}\`, one run, wall milliseconds, both sides on the same frames. ${machine()}.`,
    "",
    "| what | samples | p50 | p99 | p99.9 |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    ...[...compared, ...notes].flatMap((line) => [line, ""]),
  ]);
}

/** One kind of work and what it cost. */
export interface Cost {
  readonly what: string;
  /** CPU microseconds of one, the least of several rounds. */
  readonly micros: number;
}

/** Prints what pieces of work cost, in CPU time and as a multiple of the first one, and writes them as a section. */
export function writeCosts(name: string, title: string, costs: readonly Cost[]): void {
  const yardstick = costs[0]?.micros ?? Number.NaN;
  writeSection(title, [
    `\`npm run bench -- ${name}\`, CPU microseconds of one, the least of several rounds of one run; the last column is the multiple of the first row. ${machine()}.`,
    "",
    "| what | CPU us | a second | multiple |",
    "|---|---|---|---|",
    ...costs.map(
      ({ what, micros }) =>
        `| ${what} | ${micros.toFixed(2)} | ${Math.round(1e6 / micros).toLocaleString("en")} | ${(micros / yardstick).toFixed(1)} |`,
    ),
  ]);
}

/** CPU microseconds of one call of `work`, which does `count` of them at a time; the least of `rounds`. */
export function costOf(what: string, count: number, work: () => void, rounds = 7): Cost {
  let micros = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    micros = Math.min(micros, (user + system) / count);
  }
  return { what, micros };
}

const machine = (): string =>
  `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.version}`;

function writeSection(title: string, lines: readonly string[]): void {
  const section = [`## ${title}`, "", ...lines].join("\n");
  process.stdout.write(`${section}\n`);
  const path = "docs/benchmarks.md";
  const before = existsSync(path)
    ? readFileSync(path, "utf8")
    : "# Benchmarks\n\nWritten by the scripts in bench/.\n\n";
  const [head, ...sections] = before.split(/^(?=## )/m);
  const others = sections.filter((each) => !each.startsWith(`## ${title}`));
  writeFileSync(
    path,
    `${[head?.trimEnd(), ...others.map((each) => each.trimEnd()), section.trimEnd()].join("\n\n")}\n`,
  );
}
