import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { ALERT_KINDS } from "../../src/chat/alert-kinds.ts";
import { CLI_COMMANDS } from "../../src/cli/perpdesk.ts";
import { anchor, found, PAGES, ROOT, read, rows, section, sources, ticked } from "./pages.ts";
import { scenarioTests } from "./scenario-names.ts";

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

describe("commands in the README", () => {
  test("are the registry: names, aliases, roles and words", () => {
    const told = rows(section("README.md", "## Commands")).map(([names = "", role, words]) => ({
      names: ticked(names).map((name) => name.slice(1)),
      role,
      words,
    }));
    const real = commands.map(({ name, aliases, role, description }) => ({
      names: [name, ...aliases],
      role,
      words: description,
    }));
    const byName = (a: { names: readonly string[] }, b: { names: readonly string[] }): number =>
      (a.names[0] ?? "") < (b.names[0] ?? "") ? -1 : 1;
    expect([...told].sort(byName)).toEqual([...real].sort(byName));
  });

  test("and anywhere else exist", () => {
    const known = new Set(commands.flatMap(({ name, aliases }) => [name, ...aliases]));
    for (const page of PAGES) {
      for (const line of ticked(read(page))) {
        const name = /^\/([a-z]+)(?: |$)/.exec(line)?.[1];
        const isPath = /^\/(data|ws|stream|control|public|market|private|newbot)\b/.test(line);
        if (name !== undefined && !isPath) expect(known, `${page}: \`${line}\``).toContain(name);
      }
    }
  });
});

describe("the command line in the README", () => {
  const table = rows(section("README.md", "## The command line"));
  const optionsOf = (help: string): readonly string[] => found(help, /^ {2}(--[a-z]+)/gm);

  test("names every command with exactly its options", () => {
    const told = Object.fromEntries(
      table.map(([name = "", options = ""]) => [
        ticked(name)[0]?.replace(/^perpdesk /, ""),
        sorted(ticked(options)),
      ]),
    );
    const real = Object.fromEntries(
      Object.entries(CLI_COMMANDS).map(([name, { help }]) => [name, optionsOf(help)]),
    );
    expect(told).toEqual(real);
  });

  test("each command knows the options that its help names, and only those", async () => {
    for (const [name, command] of Object.entries(CLI_COMMANDS)) {
      const source = read(`src/cli/${name}.ts`);
      const known = found(source, /^ {2,6}(?:"?)([a-z]+)(?:"?): \{ type: "(?:string|boolean)"/gm);
      const inline = found(source, /[{,] ([a-z]+): \{ type: "(?:string|boolean)"/g);
      expect(optionsOf(command.help).map((option) => option.slice(2))).toEqual(sorted([...known, ...inline]));
    }
  });

  test("every line to be typed starts something that exists, with options that it has", () => {
    const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts);
    for (const page of PAGES) {
      const blocks = [...read(page).matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, text = ""]) =>
        text.split("\n"),
      );
      for (const line of blocks.filter((each) => each !== "")) {
        const place = `${page}: ${line}`;
        const script = /^npm (?:run )?(?:--silent )?([a-z]+)/.exec(line)?.[1];
        if (script !== undefined) expect(scripts, place).toContain(script);
        const isStart = /^npm start\b/.test(line);
        const name = isStart ? "start" : /perpdesk (?:-- )?([a-z]+)/.exec(line)?.[1];
        if (name === undefined || line.startsWith("docker")) continue;
        const command = CLI_COMMANDS[name];
        expect(command, place).toBeDefined();
        const options = [...line.matchAll(/ (--[a-z]+)/g)].map(([, option = ""]) => option);
        for (const option of options.filter((each) => each !== "--silent"))
          expect(optionsOf(command?.help ?? ""), place).toContain(option);
      }
    }
  });
});

describe("docs/operating.md", () => {
  const page = read("docs/operating.md");

  test("explains every alert, and none that is not raised", () => {
    const code = sources("src/desk", "src/engines", "src/risk", "src/cli").concat(read("src/main.ts"));
    const raised = found(code, /\bkey: [`"]((?:[a-z-]+:?)+)[^`"]*[`"],\n\s*level:/g);
    const told = found(page, /^### `([a-z-]+(?::[a-z]+|:)?)/gm);
    expect(raised.length).toBeGreaterThanOrEqual(11);
    expect(told).toEqual(raised);
    const kinds = raised.map((key) => key.split(":")[0] ?? key);
    expect(ALERT_KINDS).toEqual([...new Set(kinds)].sort());
    for (const heading of page.match(/^### `.*$/gm) ?? []) {
      if (/trades/.test(heading)) continue;
      expect(section("docs/operating.md", heading), heading).toMatch(/- In money: [\s\S]*- Press: /);
    }
  });

  test("has a line for everything that makes entries wait", () => {
    const kernel = sources("src/desk/kernel");
    const pushed = [...kernel.matchAll(/blocks\.push\(\s*["`]([^"`$(;]+)/g)].map(([, text = ""]) =>
      text.trim(),
    );
    expect(pushed.length).toBeGreaterThanOrEqual(7);
    const table = section("docs/operating.md", "## When entries wait");
    // What an instrument, a setting or a circuit says begins with a name of its own.
    const doubts = [
      ...found(read("src/desk/kernel/instruments.ts"), /return `\$\{id\} ([^`$]+)`/g),
      ...found(read("src/desk/kernel/account-config.ts"), /of \$\{instrument\} (could[^`$:]+):/g),
      ...found(read("src/desk/kernel/circuit.ts"), /"\/", " "\)\} ([^`$(]+) \(/g),
      ...found(read("src/desk/entries-wait.ts"), /`the position of \$\{instrument\} ([^`]+)`/g),
      ...found(read("src/desk/entries-wait.ts"), /`\$\{engine\} ([^`$]+): /g),
      ...found(read("src/desk/kernel/found-at-start.ts"), /`(this start must be flat[^`$]+) \$/g),
    ];
    expect(doubts.length).toBeGreaterThanOrEqual(8);
    for (const sentence of [...pushed, ...doubts]) expect(table).toContain(sentence);
  });

  test("lists every reason of the guard, and no other", () => {
    const union = /export type Refusal =([^;]+);/.exec(read("src/core/guard.ts"))?.[1] ?? "";
    const told = rows(section("docs/operating.md", "### When the guard says no")).flatMap(([names = ""]) =>
      ticked(names),
    );
    expect(sorted(told)).toEqual(found(union, /"([A-Za-z]+)"/g));
  });

  test("lists every field of the summary, and no other", () => {
    const shape = /export interface Summary \{([\s\S]*?)\n\}/.exec(read("src/cli/summary.ts"))?.[1] ?? "";
    const told = rows(section("docs/operating.md", "## The summary")).flatMap(([names = ""]) =>
      ticked(names),
    );
    expect(sorted(told)).toEqual(found(shape, /^ {2}readonly ([A-Za-z]+):/gm));
  });
});

describe("docs/operating.md: the doctor", () => {
  test("has a line for everything that it looks at, and for nothing else", () => {
    const source = sources("src/cli/doctor").concat(read("src/cli/doctor.ts"));
    const looks = found(source, /\b(?:about|checked|folderFinding)\("([^"]+)"/g);
    const table = rows(section("docs/operating.md", "## The doctor"));
    expect(sorted(table.flatMap(([names = ""]) => ticked(names)))).toEqual(looks);
  });
});

describe("docs/ARCHITECTURE.md", () => {
  test("names, for every invariant, scenarios and checkers that exist; and every checker holds something", () => {
    const table = rows(section("docs/ARCHITECTURE.md", "## Invariants"));
    expect(table.map(([name]) => name).filter((name) => name !== "")).toEqual(
      Array.from({ length: 9 }, (_, at) => `I${at + 1}`),
    );
    const numbers = new Set(scenarioTests().map(({ number }) => number));
    for (const [name = "", , tests = "", scenarios = ""] of table) {
      expect(ticked(tests).length, name).toBeGreaterThan(0);
      for (const number of scenarios.split(", ").filter((each) => each !== ""))
        expect(numbers, `${name}: scenario ${number}`).toContain(Number(number));
    }
    const checkers = found(read("test/simulation/checkers.ts"), /^export (?:function|const) ([a-zA-Z]+)/gm);
    expect(sorted(table.flatMap(([, , , , names = ""]) => ticked(names)))).toEqual(checkers);
  });
});

describe("docs/coverage.md", () => {
  test("says of each requirement of the grid's plan where it is met, or why not", () => {
    const told = new Set<number>();
    for (const [, from, to = from] of read("docs/coverage.md").matchAll(/\bS1-(\d+)(?: to S1-(\d+))?/g))
      for (let id = Number(from); id <= Number(to); id += 1) told.add(id);
    expect(Array.from({ length: 211 }, (_, index) => index + 1).filter((id) => !told.has(id))).toEqual([]);
  });
});

describe("every page", () => {
  test.each(PAGES)("%s: its links lead somewhere", (page) => {
    for (const [, target = ""] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", fragment] = target.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path));
      expect(existsSync(join(ROOT, file)), `${page}: ${target}`).toBe(true);
      if (fragment === undefined) continue;
      expect((read(file).match(/^#+ .*$/gm) ?? []).map(anchor), `${page}: ${target}`).toContain(fragment);
    }
  });

  test.each(PAGES)("%s: names only files of the project that exist", (page) => {
    for (const name of ticked(read(page))) {
      if (!/^(src|test|commands|config|bin|docs)\/[\w./-]+$/.test(name)) continue;
      expect(existsSync(join(ROOT, name)), `${page}: ${name}`).toBe(true);
    }
  });

  test.each(PAGES)("%s: knows no machine but the reader's", (page) => {
    expect(read(page)).not.toMatch(/(^|[\s"'`(=])\/(work|tmp|home|root|Users|var|opt)\//m);
    expect(read(page)).not.toMatch(/\b(TODO|FIXME|lorem|placeholder)\b/i);
  });

  test("spells realized profit in one way, as chat and the settings do", () => {
    const code = sources("commands", "src/chat", "src/desk", "src/settings", "src/cli").split("\n");
    const told = code.filter((line) => !/^\s*(\/?\*|\/\/)/.test(line));
    for (const line of [...told, ...PAGES.flatMap((page) => read(page).split("\n"))])
      expect(line).not.toMatch(/realis(ed?|es|ing)\b/i);
  });

  test("of the decisions stands in their list", () => {
    const listed = found(read("docs/decisions/README.md"), /\]\((\d{4}-[a-z0-9-]+\.md)\)/g);
    const there = PAGES.flatMap((page) => /^docs\/decisions\/(\d{4}-.*)$/.exec(page)?.[1] ?? []);
    expect(there).toEqual(listed);
    for (const name of there) {
      const text = read(`docs/decisions/${name}`);
      for (const part of ["**Context.**", "**Choice.**", "**What it costs.**"])
        expect(text, name).toContain(part);
    }
  });
});
