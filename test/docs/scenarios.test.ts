import { describe, expect, test } from "vitest";
import { read, rows, section, ticked } from "./pages.ts";
import { scenarioTests } from "./scenario-names.ts";

const PAGE = "docs/scenarios.md";
const SCENARIOS = 42;
const real = scenarioTests();

describe("docs/scenarios.md", () => {
  test("has every scenario in its table, with the files of its tests", () => {
    const table = rows(section(PAGE, "# Scenarios").split("\n## ")[0] ?? "");
    expect(table.map(([number]) => Number(number))).toEqual(
      Array.from({ length: SCENARIOS }, (_, at) => at + 1),
    );
    for (const [number, what = "", right = "", files = ""] of table) {
      const known = new Set(real.filter((each) => each.number === Number(number)).map(({ file }) => file));
      expect(ticked(files), `scenario ${number}`).toEqual([...known]);
      expect(what.length * right.length, `scenario ${number}`).toBeGreaterThan(0);
    }
  });

  test("names every test of a scenario, and none that is not there", () => {
    const told: string[] = [];
    let file = "";
    for (const line of section(PAGE, "## The tests by name").split("\n")) {
      file = /^### `(.+)`$/.exec(line)?.[1] ?? file;
      if (line.startsWith("- ")) told.push(`test/scenarios/${file} ${line.slice(2)}`);
    }
    expect(told.sort()).toEqual(real.map(({ number, file: of, name }) => `${of} ${number}: ${name}`).sort());
  });

  test("reads tests of all sorts: plain ones, repeated ones, and those numbered by their group", () => {
    const source = read("test/scenarios/s01-05-answers.test.ts");
    expect(source).toContain("scenario 1: ");
    expect(real.filter(({ number }) => number === 1).length).toBeGreaterThan(0);
    expect(real.some(({ number, file }) => number === 20 && file.includes("s20"))).toBe(true);
  });
});
