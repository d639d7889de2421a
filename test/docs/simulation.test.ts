import { describe, expect, test } from "vitest";
import { CALM_MS, SPEED, TROUBLE_MS } from "../simulation/scenario.ts";
import { found, read, rows, section, ticked } from "./pages.ts";

const PAGE = "docs/simulation.md";

describe("docs/simulation.md", () => {
  test("lists every checker, and no other", () => {
    const checkers = found(read("test/simulation/checkers.ts"), /^export (?:function|const) ([a-zA-Z]+)/gm);
    const told = rows(section(PAGE, "## The checkers")).map(([name = ""]) => ticked(name)[0] ?? "");
    expect([...told].sort()).toEqual(checkers);
  });

  test("names, for each checker, the promises that stand in its words", () => {
    const source = read("test/simulation/checkers.ts");
    for (const [name = "", promise = ""] of rows(section(PAGE, "## The checkers"))) {
      const from = source.search(new RegExp(`export (?:function|const) ${ticked(name)[0]}\\b`));
      const body = source.slice(from).split("\n/** ")[0] ?? "";
      const [first = ""] = /[`"](I\d(?:\/I\d)*|[a-z]+): /.exec(body)?.slice(1) ?? [];
      expect(promise === "every order has an owner" ? "owner" : promise.replace(", ", "/"), name).toBe(first);
    }
  });

  test("lists the planted bugs by the names of their tests", () => {
    const planted = found(
      read("test/simulation/checkers.test.ts"),
      /\bit\(\s*"((?:I\d|[a-z]+)[^"]*: [^"]+)"/g,
    );
    const told = section(PAGE, "## The checkers")
      .split("\n")
      .flatMap((line) => (line.startsWith("- ") ? [line.slice(2)] : []));
    expect([...told].sort()).toEqual(planted);
  });

  test("lists every option of the run with its standard", () => {
    const source = read("test/simulation/run.ts");
    const options = found(source, /^ +"?([a-z-]+)"?: \{ type: "(?:string|boolean)"/gm);
    const table = rows(section(PAGE, "## Options"));
    expect(table.map(([name = ""]) => (ticked(name)[0] ?? "").replace("--", "")).sort()).toEqual(options);
    for (const [name = "", standard = ""] of table) {
      const written = new RegExp(
        `${(ticked(name)[0] ?? "").replace("--", "")}: \\{ type: "string", default: "(\\d+)"`,
      );
      const real = written.exec(source)?.[1];
      if (real !== undefined) expect(standard, name).toBe(real);
    }
  });

  test("tells how long a day is", () => {
    expect([TROUBLE_MS, CALM_MS, SPEED]).toEqual([5 * 60_000, 90_000, 10]);
    expect(((TROUBLE_MS + CALM_MS) / 60_000) * SPEED).toBe(65);
  });
});
