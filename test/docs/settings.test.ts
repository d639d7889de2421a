import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { exactCount } from "../../src/core/text.ts";
import { ticks } from "../../src/core/units.ts";
import { parametersOf } from "../../src/settings/about.ts";
import { layGrid } from "../../src/settings/grid-layout.ts";
import { schema } from "../../src/settings/schema.ts";
import { INSTRUMENTS } from "../../src/venue/instruments.ts";
import { good, machine } from "../settings/machine.ts";
import { filesUnder, found, read, rows, section, sources, ticked } from "./pages.ts";
import { type Leaf, leaves } from "./settings-tree.ts";

const PAGE = "docs/settings.md";
const SECTIONS = ["## The desk", "## Live", "## Secrets", "## Limits", "## Proposals", "## Grids", "## Chat"];
const documented = SECTIONS.flatMap((heading) => rows(section(PAGE, heading))).map((cells) => {
  const [name = "", unit = "", range = "", standard = "", meaning = ""] = cells;
  return { path: ticked(name)[0] ?? "", unit, range, standard, meaning };
});
const all = leaves();
const shipped: unknown = parse(read("config/default.yaml"));

function leafOf(path: string): Leaf {
  const leaf = all.get(path);
  if (leaf === undefined) throw new Error(`there is no setting ${path}`);
  return leaf;
}

const shippedAt = (path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], shipped);

/** "1 to 200" as its bounds; undefined for a range in words. Shares keep their sign. */
function boundsOf(range: string): readonly [string, string] | undefined {
  const [, least, most] = /^([\d.]+%?) to ([\d.]+%?)$/.exec(range) ?? [];
  return least === undefined || most === undefined ? undefined : [least, most];
}

/** A number a little below or above a bound, in the bound's own form. */
function beyond(bound: string, by: 1 | -1): string {
  const isShare = bound.endsWith("%");
  const count = Number(isShare ? bound.slice(0, -1) : bound);
  const step = Number.isInteger(count) && !isShare ? 1 : 0.001;
  return `${+(count + by * step).toFixed(6)}${isShare ? "%" : ""}`;
}

const takes = (path: string, written: unknown): boolean => leafOf(path).type.safeParse(written).success;

describe("docs/settings.md", () => {
  test("names every setting of the schema, and none that is not there", () => {
    expect(documented.map(({ path }) => path).sort()).toEqual([...all.keys()].sort());
  });

  test("says of each what the schema says: unit, range, meaning", () => {
    const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
    const told = documented.map(({ path, unit, range, meaning }) => ({ path, unit, range, meaning }));
    const real = parametersOf(schema).map(({ path, unit = "", range, help }) => ({
      path,
      unit,
      range,
      meaning: help,
    }));
    expect([...told].sort(byPath)).toEqual([...real].sort(byPath));
  });

  test("asks for every grid's setting in a dialogue, S1's in its words", () => {
    const grids = parametersOf(schema).filter(({ path }) => path.startsWith("engines[]"));
    expect(grids.filter(({ prompt }) => prompt === undefined).map(({ name }) => name)).toEqual(["type"]);
    const prompts = Object.fromEntries(grids.map(({ name, prompt }) => [name, prompt]));
    expect(prompts).toMatchObject({
      max_margin_usd: "Maximum margin to allocate (USD)?",
      max_position_size: "Maximum position size per asset?",
      stop_loss_percentage: "Stop loss % from entry?",
      position_timeout_minutes: "Time before position considered stuck?",
    });
  });

  test.each(documented.filter(({ range }) => boundsOf(range) !== undefined))(
    "$path: both ends of its range are taken and nothing beyond them",
    ({ path, range }) => {
      const [least, most] = boundsOf(range) ?? ["", ""];
      expect([takes(path, least), takes(path, most)]).toEqual([true, true]);
      expect([takes(path, beyond(least, -1)), takes(path, beyond(most, 1))]).toEqual([false, false]);
    },
  );

  test.each(documented.filter(({ range }) => /^`[a-z]+`(, `[a-z]+`)*$/.test(range)))(
    "$path: every word is taken, another one is refused with the same list",
    ({ path, range }) => {
      const words = ticked(range);
      for (const word of words) expect(takes(path, word)).toBe(true);
      const refusal = leafOf(path).type.safeParse("something else").error?.issues[0]?.message ?? "";
      expect(refusal.replace(/^write (one of )?/, "").split(/, | or /)).toEqual(words);
    },
  );

  test.each(documented)("$path: its default is what holds", ({ path, standard }) => {
    const leaf = leafOf(path);
    // A list's entries and sections that may be left out as a whole.
    if (/\[\]|^chat\.(telegram|discord|quietHours)\b/.test(path)) {
      const own = leaf.value === undefined ? (leaf.isOptional ? "optional" : "required") : undefined;
      if (own !== undefined) return expect(standard).toBe(own);
      const [written = ""] = ticked(standard);
      const parsed = leaf.type.safeParse(written);
      return expect(parsed.data).toEqual(leaf.value);
    }
    const at = shippedAt(path);
    if (at === undefined && leaf.isOptional) return expect(standard).toBe("optional");
    const [written] = ticked(standard);
    expect(written?.replace(/^"(.*)"$/, "$1")).toBe(String(at));
  });

  test("says what each setting means, and its unit where it counts something", () => {
    for (const { path, unit, range, meaning } of documented) {
      expect(meaning, path).toMatch(/\.$/);
      if (boundsOf(range) !== undefined && !path.endsWith(".topic")) expect(unit, path).not.toBe("");
    }
  });
});

test("the README's example fits its purse: at a price a quarter higher too, all its rungs have room", () => {
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(section("README.md", "## Your own settings")) ?? [];
  const [grid] = good(machine({ "my.yaml": yaml })).settings.engines;
  const instrument = INSTRUMENTS.find(({ id }) => id === grid?.symbol);
  if (grid === undefined || instrument === undefined) throw new Error("the example has no grid");
  // The built-in market of ETH opens at 3,000.
  for (const price of ["2500", "3000", "3750"]) {
    const laid = layGrid(grid, instrument, ticks(exactCount(price, instrument.tick, "price")));
    expect(laid.ok && laid.notices.filter((notice) => notice.includes("purse"))).toEqual([]);
  }
});

describe("environment variables", () => {
  const told = rows(section(PAGE, "## Environment")).flatMap(([names = ""]) => ticked(names));

  test("are those that code, shipped settings and compose read, each once", () => {
    const ours = filesUnder("config", ".yaml").map(read).join("\n");
    const used = [
      ...found(sources("src"), /\benv\["([A-Za-z_]+)"\]/g),
      ...found(read("src/settings/keys.ts"), /(?:apiKey|secret|password|demo): "([A-Z_]+)"/g),
      ...found(sources("src/settings"), /"((?:https?|all)_proxy)"/gi),
      ...found(ours, /\$\{([A-Z_]+)(?::-[^}]*)?\}/g).filter((name) => name !== "VARIABLE"),
      ...found(read("docker-compose.yml"), /(?<!\$)\$\{([A-Z_]+)[:}]/g),
    ];
    expect([...told].sort()).toEqual([...new Set(used)].sort());
  });

  test("with the keys of every exchange reach the bot in compose, and none reaches the worker", () => {
    const compose = read("docker-compose.yml");
    const [bot = "", worker = ""] = compose.slice(compose.indexOf("\n  bot:")).split("\n  worker:");
    const names = found(read("src/settings/keys.ts"), /(?:apiKey|secret|password|demo): "([A-Z_]+)"/g);
    expect(names.length).toBeGreaterThanOrEqual(10);
    for (const name of [...names, "AWS_REGION", "AWS_SECRET_ACCESS_KEY"]) {
      expect(bot).toContain(` ${name}: \${${name}:-}\n`);
      expect(worker).not.toContain(name);
    }
  });

  test("that people fill in are all in .env.example, and no others", () => {
    const example = found(read(".env.example"), /^([A-Z_]+)=/gm);
    const rehearsal = /^PERPDESK_|proxy$|^NODE_|^AWS_/i;
    expect(example).toEqual(told.filter((name) => !rehearsal.test(name)).sort());
  });
});
