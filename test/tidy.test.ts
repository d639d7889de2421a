import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What a room may use: other rooms (its own goes without saying) and packages from outside. */
interface Rules {
  readonly rooms: readonly string[] | "all";
  readonly packages: readonly string[];
}

const PURE = ["core", "market", "risk", "engines"] as const;
/** What every room of the shell may see of the desk. */
const BORDER = [...PURE, "ports"] as const;

/** The map of the house. `ports` is src/desk/{ports,countdown-port,snapshot}.ts; `kernel` is src/desk/kernel; `words` is what commands see of chat. */
const MAP: Readonly<Record<string, Rules>> = {
  core: { rooms: [], packages: [] },
  market: { rooms: ["core"], packages: [] },
  risk: { rooms: ["core", "market"], packages: [] },
  engines: { rooms: ["core", "market", "risk"], packages: [] },
  learning: { rooms: ["core", "market"], packages: ["onnxruntime-node"] },
  ports: { rooms: PURE, packages: [] },
  kernel: { rooms: BORDER, packages: [] },
  desk: { rooms: [...BORDER, "kernel"], packages: [] },
  gateways: { rooms: BORDER, packages: ["ccxt", "undici", "ws"] },
  venue: { rooms: BORDER, packages: ["ws"] },
  backtest: { rooms: [...BORDER, "kernel", "desk", "venue"], packages: [] },
  jobs: { rooms: BORDER, packages: ["bullmq", "ioredis"] },
  words: { rooms: BORDER, packages: ["zod"] },
  chat: {
    rooms: [...BORDER, "words"],
    packages: ["telegraf", "discord.js", "zod", "@resvg/resvg-js", "otpauth"],
  },
  web: { rooms: BORDER, packages: ["fastify"] },
  store: { rooms: BORDER, packages: ["kysely", "libsql", "pg"] },
  settings: { rooms: ["core"], packages: ["yaml", "zod", "@aws-sdk/client-secrets-manager"] },
  observe: { rooms: ["core"], packages: ["pino"] },
  commands: { rooms: ["core", "ports", "words"], packages: ["zod"] },
  cli: { rooms: "all", packages: [] },
  main: { rooms: "all", packages: [] },
};

/** Text becomes a count in one file, and only there. */
const DECIMAL_FILE = "src/core/text.ts";
const WORDS = [
  "alert-argument",
  "alert-desk",
  "alert-kinds",
  "card-argument",
  "card-desk",
  "close-size",
  "command",
  "differences",
  "format",
  "grid-argument",
  "grid-text",
  "layout",
  "limit-argument",
  "link-code",
  "engines-command",
  "list-command",
  "lock-command",
  "order-argument",
  "outcome",
  "people-desk",
  "period-command",
  "pictures/canvas",
  "pictures/chart-picture",
  "pictures/equity-picture",
  "pictures/exposure-picture",
  "person-argument",
  "person-text",
  "position-argument",
  "typed-number",
  "word-sort",
  "pictures/grid-picture",
  "pictures/levels",
  "pictures/scale",
  "pictures/theme",
  "price-command",
  "reply",
  "setup",
  "symbol",
  "trade-words",
  "ways",
].map((name) => `src/chat/${name}.ts`);
const CLOCKLESS = ["core", "market", "risk", "engines", "kernel"];
/** The one file of the venue's engine that reads from disk. */
const CANDLE_FILE = "src/venue/candle-file.ts";
/** Tests that need a server or market data from outside may be left out where there is none; `.ci/run` has them all. */
const NEEDS_FROM_OUTSIDE = [
  "test/e2e/secrets.story.ts",
  "test/e2e/start.story.ts",
  "test/e2e/story-e-redis.story.ts",
  "test/e2e/wrong-input.story.ts",
  "test/gateways/instruments.test.ts",
  "test/venue/instruments.test.ts",
  "test/jobs/redis.test.ts",
  "test/market/order-book.test.ts",
  "test/jobs/redis-outage.test.ts",
  "test/store/postgres.test.ts",
];
const LINES_MOST = 350;

function roomOf(path: string): string | undefined {
  if (path === "src/main.ts") return "main";
  if (/^src\/desk\/(ports|countdown-port|snapshot)\.ts$/.test(path)) return "ports";
  if (path.startsWith("src/desk/kernel/")) return "kernel";
  if (WORDS.includes(path)) return "words";
  if (path.startsWith("commands/")) return "commands";
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** A source without comments, and with the contents of its texts blanked out; and what it imports. */
interface Parsed {
  readonly code: string;
  readonly imports: readonly string[];
}

const REGEX_MAY_FOLLOW = /(?:^|[(,=:[!&|?{};+*%<>~^-]|\b(?:return|typeof|case|in|of))\s*$/;

/** Reads TypeScript just well enough to tell code from comments, texts and regular expressions. */
function parse(source: string): Parsed {
  let code = "";
  const imports: string[] = [];
  const depths: number[] = [];
  let depth = 0;
  let at = 0;
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0] ?? source.slice(at);
    at += found.length;
    return found;
  };
  const blank = (text: string): string => text.replace(/[^\n]/g, " ");
  const template = (): void => {
    const text = skip(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y);
    code += blank(text);
    if (text.endsWith("${")) depths.push(depth);
  };
  while (at < source.length) {
    const [char = "", next = ""] = [source[at], source[at + 1]];
    if (char === "/" && next === "/") code += blank(skip(/[^\n]*/y));
    else if (char === "/" && next === "*") code += blank(skip(/\/\*[\s\S]*?\*\//y));
    else if (char === '"' || char === "'") {
      const text = skip(char === '"' ? /"(?:[^"\\]|\\.)*"/y : /'(?:[^'\\]|\\.)*'/y);
      if (/(?:\bfrom|\bimport)\s*\(?\s*$/.test(code)) imports.push(text.slice(1, -1));
      code += `"${blank(text.slice(2))}"`;
    } else if (char === "`") {
      at += 1;
      code += " ";
      template();
    } else if (char === "/" && REGEX_MAY_FOLLOW.test(code)) {
      code += blank(skip(/\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y));
    } else {
      at += 1;
      code += char;
      if (char === "{") depth += 1;
      else if (char === "}" && depths.at(-1) === depth) {
        depths.pop();
        template();
      } else if (char === "}") depth -= 1;
    }
  }
  return { code, imports };
}

const CLOCK: readonly (readonly [RegExp, string, string])[] = [
  [/\bDate\s*\.\s*now\b/, "Date.now", "the event's `at` or `wallAt`"],
  [/\bDate\s*\(\s*\)/, "new Date()", "the event's `at` or `wallAt`"],
  [/\bperformance\s*\.\s*now\b/, "performance.now", "the event's `at` or `wallAt`"],
  [/\bMath\s*\.\s*random\b/, "Math.random", "a seeded generator of core/random.ts"],
  [/\bcrypto\s*\./, "crypto", "what the shell hands in"],
  [
    /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
    "a timer",
    "a `wake` intent or a market point",
  ],
];
const SHELL: readonly (readonly [RegExp, string, string])[] = [
  [/\b(?:async|await)\b/, "waiting", "an intent now and its answer as an event later"],
  [/\bprocess\s*\./, "process", "a parameter"],
  [/\bconsole\s*\./, "console", "an intent or an effect"],
];

/** What is wrong with one source file of the house. `exists` says which files there are. */
function problemsOf(path: string, source: string): readonly string[] {
  const room = roomOf(path);
  if (room === undefined || MAP[room] === undefined)
    return [`${path}: lies in no room of the map; move it, or give its room a line in test/tidy.test.ts`];
  const parsed = parse(source);
  return [
    ...importProblems(path, room, parsed),
    ...purityProblems(path, room, parsed),
    ...shapeProblems(source, parsed),
  ].map((problem) => `${path}: ${problem}`);
}

function importProblems(path: string, room: string, { imports }: Parsed): readonly string[] {
  const rules = MAP[room] ?? { rooms: [], packages: [] };
  const isVenueEngine = /^src\/venue\/[^/]+$/.test(path);
  return imports.flatMap((specifier) => {
    if (specifier.startsWith(".")) {
      const target = normalize(join(dirname(path), specifier))
        .split(sep)
        .join("/");
      const other = roomOf(target);
      if (!target.endsWith(".ts")) return [`imports "${specifier}"; name the .ts file`];
      if (other === undefined) return [`imports "${specifier}", which lies outside src and commands`];
      if (other === "main")
        return room === "cli"
          ? []
          : ["imports main, the composition root; take what you need as a parameter"];
      if (other === room || rules.rooms === "all" || rules.rooms.includes(other)) return [];
      if (room === "chat" && other === "words") return [];
      return [
        `${room} imports ${other} ("${specifier}"); it may see ${rules.rooms.join(", ") || "no other room"}: ` +
          "define a port in src/desk/ports.ts, or hand it in from main",
      ];
    }
    const name = packageOf(specifier);
    if (specifier.startsWith("node:")) {
      if (CLOCKLESS.includes(room)) return [`imports "${specifier}"; a pure room knows no machine`];
      if (isVenueEngine && path !== CANDLE_FILE)
        return [`imports "${specifier}"; of the venue's engine only candle-file.ts reads from the machine`];
      return [];
    }
    if (builtinModules.includes(name)) return [`imports "${specifier}"; write "node:${specifier}"`];
    if (name === "decimal.js")
      return path === DECIMAL_FILE ? [] : [`imports decimal.js; use the conversions of ${DECIMAL_FILE}`];
    if (rules.packages.includes(name)) return [];
    const homes = Object.keys(MAP).filter((each) => MAP[each]?.packages.includes(name));
    return [
      homes.length === 0
        ? `imports the package "${name}", which has no room yet: give it one in the map`
        : `imports the package "${name}", which lives in ${homes.join(", ")}: ask that room through a port`,
    ];
  });
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function purityProblems(path: string, room: string, { code }: Parsed): readonly string[] {
  const isVenueEngine = /^src\/venue\/[^/]+$/.test(path);
  const banned = CLOCKLESS.includes(room) ? [...CLOCK, ...SHELL] : isVenueEngine ? CLOCK : [];
  return banned.flatMap(([pattern, what, instead]) => {
    const found = pattern.exec(code);
    return found === null ? [] : [`line ${lineOf(code, found.index)} uses ${what}; use ${instead}`];
  });
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;

const UNFINISHED = /\b(?:TODO|FIXME|XXX|stub|placeholder)\b/i;

function shapeProblems(source: string, { code }: Parsed): readonly string[] {
  const problems: string[] = [];
  const lines = source.split("\n").length - (source.endsWith("\n") ? 1 : 0);
  if (lines > LINES_MOST)
    problems.push(`has ${lines} lines, more than ${LINES_MOST}; look for the second noun inside`);
  const unfinished = UNFINISHED.exec(source);
  if (unfinished !== null)
    problems.push(
      `line ${lineOf(source, unfinished.index)} says "${unfinished[0]}"; finish it or open an issue`,
    );
  for (const found of code.matchAll(/^export (?!\{|type \{|\*)(?:[a-z]+ )*([\w$]+)/gm)) {
    // A remark for the linter may stand between the two.
    const before = source
      .slice(0, found.index)
      .replace(/(?:\n\/\/[^\n]*)+\n$/, "")
      .trimEnd();
    const comment = before.endsWith("*/") ? before.slice(before.lastIndexOf("/*")) : "";
    if (!comment.startsWith("/**"))
      problems.push(
        `line ${lineOf(code, found.index)} exports ${found[1]} without a docstring; say in one sentence what it is`,
      );
  }
  return problems;
}

/** What is wrong with a file's name. */
function nameProblems(path: string): readonly string[] {
  return path.split("/").every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part))
    ? []
    : [`${path}: names are kebab-case, e.g. "order-book.ts"`];
}

/** Tests that would be left out, or leave others out, without anybody noticing. */
function testProblems(path: string, source: string): readonly string[] {
  const { code } = parse(source);
  return [...code.matchAll(/\b(?:it|test|describe)\s*\.\s*(only|skip|todo|skipIf|runIf|fails)\b/g)].flatMap(
    (found) => {
      if (NEEDS_FROM_OUTSIDE.includes(path) && found[1]?.startsWith("skip") === true) return [];
      return [`${path}: line ${lineOf(code, found.index)} uses .${found[1]}; a test runs or it goes`];
    },
  );
}

const MACHINE = new RegExp(
  String.raw`(?<![\w.:/-])/(?:wor${"k"}|home/(?!(?:node|desk)\b)\w+|Users/\w+|root|tm${"p"}/[\w-]+)(?:/|\b)`,
);

/** Paths that exist on one machine only. The homes of the image's user and of the tests' made-up desk are no one's. */
function machineProblems(path: string, text: string): readonly string[] {
  const found = MACHINE.exec(text);
  return found === null
    ? []
    : [`${path}: line ${lineOf(text, found.index)} names the path ${found[0]} of one machine; use a setting`];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}
interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly integrity?: string;
        readonly resolved?: string;
        readonly link?: boolean;
        readonly hasInstallScript?: boolean;
        readonly dev?: boolean;
        readonly optional?: boolean;
      }
    >
  >;
}

/**
 * Programs of two development tools for platforms whose packages could not be had when the lock was written: npm takes
 * their hash at the first install there. Nothing of them is in the product.
 */
const isForeignTool = (name: string, held: Lock["packages"][string]): boolean =>
  /^@(biomejs\/cli|oxc-parser\/binding)-/.test(name) && held.dev === true && held.optional === true;

/** Versions that may drift, and packages that could be changed or run code unseen. */
function supplyProblems(manifest: Manifest, lock: Lock): readonly string[] {
  const direct = { ...manifest.dependencies, ...manifest.devDependencies };
  const drifting = Object.entries(direct)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is "${version}"; pin one exact version`);
  const locked = Object.entries(lock.packages).flatMap(([place, held]) => {
    if (place === "") return [];
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    const problems: string[] = [];
    if (held.link === true) problems.push("is a link to a folder; take a release");
    else if (!/^sha512-/.test(held.integrity ?? "") && !isForeignTool(name, held))
      problems.push("has no sha512 integrity; install it anew");
    if (held.resolved !== undefined && !held.resolved.startsWith("https://registry.npmjs.org/"))
      problems.push(`comes from ${held.resolved}; use the npm registry`);
    if (held.hasInstallScript === true && manifest.allowScripts?.[name] === undefined)
      problems.push("runs a script at install; decide on it in allowScripts of package.json");
    return problems.map((problem) => `package-lock.json: ${place} ${problem}`);
  });
  return [...drifting, ...locked];
}

/** All files under a folder of the checkout, as paths from its root with forward slashes. */
function filesUnder(folder: string): readonly string[] {
  const start = join(ROOT, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const isScript = (path: string): boolean => /\.(?:ts|mjs)$/.test(path);
const HOUSE = [...filesUnder("src"), ...filesUnder("commands")].filter(isScript);
const TEXTS = ["src", "commands", "config", "bin", "bench", "test", "docs", ".ci"]
  .flatMap(filesUnder)
  .concat(
    readdirSync(ROOT).filter((name) => /\.(?:json|md|ya?ml|ts)$|^Dockerfile|^\.env\.example$/.test(name)),
  )
  .filter((path) => /\.(?:ts|mjs|json|md|ya?ml|sh|txt)$|Dockerfile|\.env\.example$|^\.ci\//.test(path))
  .filter((path) => path !== "package-lock.json");

describe("the house is tidy", () => {
  it("has files to look at", () => {
    expect(HOUSE.length).toBeGreaterThan(100);
    expect(new Set(HOUSE.map(roomOf))).toContain("core");
  });
  it("every import goes the way of the map, pure rooms are pure, exports are explained", () => {
    expect(HOUSE.flatMap((path) => problemsOf(path, read(path)))).toEqual([]);
  });
  it("every name is kebab-case", () => {
    const scripts = ["bin", "bench", "test"].flatMap(filesUnder).filter(isScript);
    expect([...HOUSE, ...scripts].flatMap(nameProblems)).toEqual([]);
  });
  it("every test runs", () => {
    const tests = filesUnder("test").filter((path) => path.endsWith(".ts"));
    expect(tests.flatMap((path) => testProblems(path, read(path)))).toEqual([]);
  });
  it("no path of one machine is written anywhere", () => {
    expect(TEXTS.flatMap((path) => machineProblems(path, read(path)))).toEqual([]);
  });
  it("every package is pinned, sealed, from the registry, and runs no script unasked", () => {
    const lock = JSON.parse(read("package-lock.json")) as Lock;
    expect(Object.keys(lock.packages).length).toBeGreaterThan(50);
    expect(supplyProblems(JSON.parse(read("package.json")) as Manifest, lock)).toEqual([]);
  });
});

describe("the check finds what is planted", () => {
  const DOC = "/** A thing. */\nexport const thing = 1;\n";
  const found = (path: string, source: string): readonly string[] => problemsOf(path, source + DOC);

  it.each([
    ["src/core/units.ts", 'import { x } from "../market/board.ts";', /core imports market .* no other room/],
    ["src/market/board.ts", 'import type { X } from "../engines/grid/grid.ts";', /market imports engines/],
    ["src/engines/grid/grid.ts", 'export type { X } from "../../desk/desk.ts";', /engines imports desk/],
    ["src/desk/kernel/kernel.ts", 'import { Desk } from "../desk.ts";', /kernel imports desk/],
    [
      "src/gateways/binance-usdm.ts",
      'import { S } from "../venue/exchange.ts";',
      /gateways imports venue .* port/,
    ],
    ["src/chat/hub.ts", 'import { Desk } from "../desk/desk.ts";', /chat imports desk .*ports/],
    ["src/store/store.ts", 'const x = await import("../jobs/queues.ts");', /store imports jobs/],
    ["src/web/page.ts", 'type X = import("../chat/hub.ts").Hub;', /web imports chat/],
    ["src/venue/exchange.ts", 'import "../desk/kernel/kernel.ts";', /venue imports kernel/],
    ["commands/close.ts", 'import { Hub } from "../src/chat/hub.ts";', /commands imports chat/],
    ["src/desk/desk.ts", 'import { startDesk } from "../main.ts";', /imports main, the composition root/],
    ["src/jobs/queues.ts", 'import { t } from "../../test/rig.ts";', /outside src and commands/],
    ["src/core/book.ts", 'import { x } from "./units";', /name the \.ts file/],
    ["src/desk/desk.ts", 'import { pro } from "ccxt";', /"ccxt", which lives in gateways/],
    ["src/venue/ticker.ts", "import { request } from 'undici';", /"undici", which lives in gateways/],
    ["src/chat/hub.ts", 'import type { T } from "telegraf/types";\nimport p from "pino";', /"pino".*observe/],
    [
      "src/gateways/ccxt-client.ts",
      'import { z } from "zod";',
      /"zod", which lives in words, chat, settings/,
    ],
    [
      "src/risk/liquidation.ts",
      'import { Decimal } from "decimal.js";',
      /conversions of src\/core\/text\.ts/,
    ],
    ["src/store/store.ts", 'import x from "@scope/new/deep";', /"@scope\/new", which has no room/],
    ["src/core/book.ts", 'import { readFileSync } from "node:fs";', /a pure room knows no machine/],
    ["src/venue/matching.ts", 'import { readFileSync } from "node:fs";', /only candle-file\.ts/],
    ["src/store/store.ts", 'import { readFileSync } from "fs";', /write "node:fs"/],
    ["src/attic/old.ts", "", /lies in no room/],
  ])("in %s: %s", (path, source, problem) => {
    const problems = found(path, `${source}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]?.startsWith(`${path}: `)).toBe(true);
  });

  it.each([
    ["Date.now() - 1", "Date.now"],
    ["new Date()", "new Date()"],
    ["Date . now()", "Date.now"],
    ["Math.random()", "Math.random"],
    ["performance.now()", "performance.now"],
    ["crypto.randomUUID()", "crypto"],
    ["setTimeout(f, 1)", "a timer"],
    ["setInterval(f, 1)", "a timer"],
    ["`at $" + "{Date.now()} it was`", "Date.now"],
  ])("%s in a pure room and in the venue's engine", (code, what) => {
    for (const path of ["src/core/a.ts", "src/desk/kernel/a.ts", "src/venue/a.ts"]) {
      expect(found(path, `const x = ${code};\n`)).toEqual([
        expect.stringContaining(`line 1 uses ${what}; use `),
      ]);
    }
    for (const path of ["src/gateways/a.ts", "src/desk/a.ts", "src/venue/binance/a.ts"])
      expect(found(path, `const x = ${code};\n`)).toEqual([]);
  });

  it.each(["async () => 1", "await x", "process.env", "console.log(1)"])(
    "%s in a pure room alone",
    (code) => {
      expect(found("src/engines/a.ts", `const x = ${code};\n`)).toHaveLength(1);
      expect(found("src/venue/a.ts", `const x = ${code};\n`)).toEqual([]);
    },
  );

  it("what stands in comments, texts and patterns is no code", () => {
    const quiet = [
      "// Date.now() and await",
      "/* Math.random() */",
      'const a = "setTimeout, await, import x from \\"ccxt\\"";',
      "const b = 'process.env';",
      "const c = `console.log $" + "{a} Date.now()`;",
      "const d = /await|Date\\.now\\(\\)|[/'\"`]/.test(a);",
      "const e = new Date(0).toISOString();",
      "const f = { awaiting: 1, dateNow: 2 };",
      "const g = 4 / 2 / 1; // await",
    ];
    expect(found("src/core/a.ts", `${quiet.join("\n")}\n`)).toEqual([]);
    expect(found("src/core/a.ts", `${quiet.join("\n")}\nconst z = Date.now();\n`)).toHaveLength(1);
  });

  it("long files, unfinished work and unexplained exports", () => {
    expect(found("src/core/a.ts", "// x\n".repeat(348))).toEqual([]);
    expect(found("src/core/a.ts", "// x\n".repeat(349))).toEqual([expect.stringContaining("351 lines")]);
    for (const word of ["TO" + "DO: later", "FIX" + "ME", "a st" + "ub", "place" + "holder"])
      expect(found("src/core/a.ts", `// ${word}\n`)).toEqual([expect.stringContaining("finish it")]);
    for (const bare of [
      "const a = 1",
      "function f() {}",
      "abstract class A {}",
      "type T = 1",
      "interface I {}",
    ])
      expect(found("src/core/a.ts", `// why\nexport ${bare};\n`)).toEqual([
        expect.stringMatching(/line 2 exports \w+ without a docstring/),
      ]);
    expect(found("src/core/a.ts", "/* no doc */\nexport async function f() {}\n")).toHaveLength(2);
    expect(found("src/chat/a.ts", 'export { a } from "./b.ts";\nexport type { c } from "./d.ts";\n')).toEqual(
      [],
    );
  });

  it("names, left-out tests and paths of one machine", () => {
    expect(nameProblems("src/core/orderBook.ts")).toHaveLength(1);
    expect(nameProblems("src/Core/order-book.test.ts")).toHaveLength(1);
    expect(nameProblems("test/contract/order-book.contract.ts")).toEqual([]);
    for (const way of ["it.only", "describe.skip", "test.todo", "it.skipIf(true)", "describe . only"])
      expect(testProblems("test/a.test.ts", `${way}("x", () => {});`)).toHaveLength(1);
    expect(testProblems("test/a.test.ts", 'it("skips .only", () => {}); // it.only')).toEqual([]);
    expect(testProblems("test/jobs/redis.test.ts", 'describe.skip("x", f);')).toEqual([]);
    expect(testProblems("test/jobs/redis.test.ts", 'describe.only("x", f);')).toHaveLength(1);
    const [work, tmp] = ["/wor" + "k/main", "/tm" + "p/mine"];
    for (const path of [work, tmp, "/home/" + "ann/x", "/Users/" + "ann/x", "/roo" + "t/x"])
      expect(machineProblems("a.ts", `one\nconst x = "${path}";`)).toEqual([
        expect.stringContaining("line 2"),
      ]);
    for (const path of ["/home/node/app", "https://a.example/work/x", "./work/x", "/workers", "src/work/x"])
      expect(machineProblems("a.ts", `const x = "${path}";`)).toEqual([]);
  });

  it("packages that drift, are unsealed, come from elsewhere or run scripts", () => {
    const sealed = { integrity: "sha512-x" };
    const manifest = {
      dependencies: { a: "1.2.3" },
      devDependencies: { b: "0.1.0-rc.1" },
      allowScripts: { s: false },
    };
    const fine = {
      "": {},
      "node_modules/a": sealed,
      "node_modules/a/node_modules/s": { ...sealed, hasInstallScript: true },
      "node_modules/b": { ...sealed, resolved: "https://registry.npmjs.org/b/-/b-0.1.0.tgz" },
    };
    expect(supplyProblems(manifest, { packages: fine })).toEqual([]);
    const tool = { dev: true, optional: true };
    expect(supplyProblems(manifest, { packages: { "node_modules/@biomejs/cli-x": tool } })).toEqual([]);
    for (const packages of [{ "node_modules/@biomejs/x": tool }, { "node_modules/@biomejs/cli-x": {} }])
      expect(supplyProblems(manifest, { packages })).toHaveLength(1);
    for (const version of ["^1.2.3", "~1.2.3", "*", "latest", "1.2", ">=1.2.3", "git+https://a.example/b"])
      expect(supplyProblems({ dependencies: { a: version } }, { packages: {} })).toHaveLength(1);
    for (const held of [
      {},
      { integrity: "sha1-x" },
      { link: true },
      { ...sealed, resolved: "https://mirror.example/a.tgz" },
      { ...sealed, hasInstallScript: true },
    ])
      expect(supplyProblems(manifest, { packages: { "node_modules/a": held } })).toHaveLength(1);
  });
});
