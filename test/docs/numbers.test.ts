import { describe, expect, test } from "vitest";
import { figuresDocument } from "../../src/cli/figures-document.ts";
import { lineKind } from "../../src/core/trade-log.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import { found, read, rows, section, sources, ticked } from "./pages.ts";

const PAGE = "docs/numbers.md";
const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();
const fieldsUnder = (heading: string): readonly string[] =>
  rows(section(PAGE, heading)).flatMap(([names = ""]) => ticked(names));

/** All names of a document's fields, inside as well. */
function namesIn(content: unknown): readonly string[] {
  if (Array.isArray(content)) return content.flatMap(namesIn);
  if (typeof content !== "object" || content === null) return [];
  return Object.entries(content).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

/** A log in which every figure has something to say. */
function busy() {
  const metrics = new GridMetrics();
  const of = { Engine: "a", Symbol: "BTCUSDT", Rung: 1, At: 1 };
  metrics.add({ ...of, Action: "TAKE_PROFIT", PnL: "1", Fees: "0" });
  metrics.add({ Action: "EQUITY", At: 1, Equity: "1", Purses: "a:1/2/3", Epoch: 1 });
  metrics.add({ ...of, Action: "STUCK", StuckSince: 1 });
  metrics.add({ ...of, Action: "RECOVERED", StuckSince: 1, How: "ladder" });
  return figuresDocument(metrics.report());
}

describe("docs/numbers.md", () => {
  test("explains every figure, and none that there is not", () => {
    const { gridMetrics, ...others } = busy();
    const tables = section(PAGE, "## Figures").split("Beside it:");
    const [first = [], second = []] = tables.map((table) => rows(table));
    expect(sorted(first.flatMap(([names = ""]) => ticked(names)))).toEqual(sorted(Object.keys(gridMetrics)));
    expect(sorted(second.flatMap(([names = ""]) => ticked(names)))).toEqual(sorted(Object.keys(others)));
    const words = ticked(section(PAGE, "## Figures"));
    for (const name of namesIn(others)) expect(words, name).toContain(name);
    for (const [names = "", unit, , from = ""] of [...first, ...second])
      expect([unit, ticked(from).length > 0 || from === "all"], names).toEqual([
        expect.stringMatching(/\S/),
        true,
      ]);
  });

  test("explains every field that a line of a trade has", () => {
    const source = read("src/engines/grid/trade-line.ts") + read("src/engines/grid/trade-lines.ts");
    const written = [
      ...found(source, /^ {6,10}([A-Z][A-Za-z]+):/gm),
      ...found(source, /\{ ([A-Z][A-Za-z]+): /g),
      ...found(source, /fields\["([A-Za-z]+)"\]/g),
    ];
    const common = fieldsUnder("## Lines");
    for (const name of written) expect([...common, ...fieldsUnder("### GRID_TRADE")], name).toContain(name);
    expect(sorted(fieldsUnder("### GRID_TRADE").filter((name) => !written.includes(name)))).toEqual([]);
  });

  test("explains every field of an equity line", () => {
    const kernel = found(read("src/desk/kernel/equity-lines.ts"), /^ {8}([A-Z][A-Za-z]+):/gm);
    const shell = found(read("src/engines/grid/metrics.ts"), /\{ ([A-Z][a-z]+): (?:moneyText|textOf)/g);
    const written = [...kernel, ...shell].filter((name) => !["Action", "At"].includes(name));
    expect(sorted(fieldsUnder("### GRID_EQUITY"))).toEqual(sorted(written));
  });

  test("explains every field that is read of a health line, and names every action", () => {
    const read1 = found(
      read("src/engines/grid/recovery-tally.ts"),
      /(?:moneyIn|countIn|millisIn|wordIn)\(fields, "([A-Za-z]+)"\)/g,
    );
    const told = fieldsUnder("### GRID_HEALTH");
    for (const name of read1.filter((each) => each !== "At")) expect(told, name).toContain(name);
    const actions = ticked(section(PAGE, "### GRID_HEALTH").split("\n|")[0] ?? "").filter((name) =>
      /^[A-Z_]+$/.test(name),
    );
    for (const action of actions) expect(lineKind({ Action: action })).toBe("GRID_HEALTH");
    expect(actions).toHaveLength(6);
  });

  test("names every cause of a close", () => {
    const causes = found(
      /export type CloseCause =([^;]+);/.exec(read("src/core/order.ts"))?.[1] ?? "",
      /"([A-Za-z]+)"/g,
    );
    expect(causes).toHaveLength(9);
    const told = ticked(section(PAGE, "### GRID_TRADE"));
    for (const cause of causes) expect(told).toContain(cause);
    const actions = found(
      sources("src/engines/grid"),
      /"((?:TAKE_PROFIT|LADDER|STOP_LOSS|CLOSE|LIQUIDATION|ADL|TAKEN|OVER_CLOSE|CORRECTION))"/g,
    );
    for (const action of actions) expect(told).toContain(action);
  });
});
