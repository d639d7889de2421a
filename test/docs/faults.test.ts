import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { FieldSpec } from "../../src/venue/faults/fields.ts";
import { FAULT_KINDS, isInstant, KINDS } from "../../src/venue/faults/kinds.ts";
import { readFault, readPlan } from "../../src/venue/faults/reading.ts";
import { filesUnder, read, rows, section, ticked } from "./pages.ts";

const PAGE = "docs/faults.md";
const SECTIONS = {
  request: "## Requests and answers",
  message: "## Messages",
  sockets: "## Sockets",
  clock: "## The clock",
  exchange: "## The exchange and the account",
  harness: "## The bot itself",
} as const;
type Group = keyof typeof SECTIONS;
/** Protocols and where their skins lie. */
const SKINS: Readonly<Record<string, string>> = {
  binanceusdm: "binance",
  binancecoinm: "coinm",
  bybit: "bybit",
  okx: "okx",
};
const GROUPS = Object.keys(SECTIONS) as readonly Group[];
/** A group's table of kinds has three columns, that of fields four. */
const tables = (group: Group, columns: number): readonly (readonly string[])[] =>
  rows(section(PAGE, SECTIONS[group])).filter(({ length }) => length === columns);

/** A field's range and usual value as the page writes them. */
function written(spec: FieldSpec): readonly [string, string] {
  switch (spec.type) {
    case "span": {
      const [low, high] = spec.usual;
      return [`${spec.least} to ${spec.most}, or a pair`, low === high ? `${low}` : `${low} to ${high}`];
    }
    case "amount":
      return [`${spec.least} to ${spec.most}`, `${spec.usual}`];
    case "choice":
      return [spec.words.map((word) => `\`${word}\``).join(", "), `\`${spec.usual}\``];
    case "flag":
      return ["`true`, `false`", `\`${spec.usual}\``];
    case "name":
      return ["a name", "one is picked"];
  }
}

describe("docs/faults.md", () => {
  test.each(GROUPS)("tells every kind by %s as the code does, and no other", (group) => {
    const real = KINDS.filter((kind) => FAULT_KINDS[kind].by === group).map((kind) => [
      `\`${kind}\``,
      FAULT_KINDS[kind].world,
      FAULT_KINDS[kind].bot,
    ]);
    expect(real.length).toBeGreaterThan(0);
    expect(tables(group, 3)).toEqual(real);
  });

  test.each(GROUPS)("tells every field of the kinds by %s with its range and what is usual", (group) => {
    const real = KINDS.filter((kind) => FAULT_KINDS[kind].by === group).flatMap((kind) =>
      Object.entries<FieldSpec>(FAULT_KINDS[kind].fields).map(([field, spec]) => [
        `\`${kind}\``,
        `\`${field}\``,
        ...written(spec),
      ]),
    );
    expect(tables(group, 4)).toEqual(real);
  });

  test("tells the fields that every fault may have, and their bounds", () => {
    const table = rows(section(PAGE, "## A plan"));
    const refusal = readFault({ kind: "latency", nothing: 1 }, "fault");
    const known = /it has (.*)\./.exec(refusal.ok ? "" : refusal.problems.join(" "))?.[1] ?? "";
    const own = Object.keys(FAULT_KINDS.latency.fields);
    const told = table.map(([name = ""]) => ticked(name)[0] ?? "");
    expect(told).toEqual(["kind", ...known.split(", ").filter((field) => !own.includes(field))]);
    for (const [name = "", range = ""] of table) {
      const [, least, most] = /^([\d.]+) to ([\d.]+)/.exec(range) ?? [];
      if (least === undefined || most === undefined) continue;
      const takes = (value: number): boolean =>
        readFault({ kind: "latency", [ticked(name)[0] ?? ""]: value }, "fault").ok;
      const isBeforeAnything = name === "`to`";
      expect([takes(Number(least)), takes(Number(most))], name).toEqual([!isBeforeAnything, true]);
      expect([takes(Number(least) - 1), takes(Number(most) + 1)], name).toEqual([false, false]);
    }
  });

  test("has no plan that can't be read, and names every example that ships", () => {
    const plans = [...read(PAGE).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) =>
      readPlan(parse(text)),
    );
    expect(plans.map(({ ok }) => ok)).toEqual(plans.map(() => true));
    expect(plans.length).toBeGreaterThan(0);
    for (const example of filesUnder("config/faults", ".yaml")) expect(ticked(read(PAGE))).toContain(example);
  });

  test("says which protocols don't know whose accounts they serve, or can't leave a socket half open", () => {
    const lines = section(PAGE, "## What it does not do").split("\n");
    const told = (about: RegExp): readonly string[] =>
      lines
        .filter((line) => about.test(line))
        .flatMap((line) => ticked(line).filter((name) => name in SKINS));
    const lacking = (what: RegExp): readonly string[] =>
      Object.entries(SKINS).flatMap(([name, folder]) =>
        what.test(read(`src/venue/${folder}/skin.ts`)) ? [] : [name],
      );
    expect(told(/^- What is done to an account/)).toEqual(lacking(/^ +accounts[:,]/m));
    expect(told(/^- Sockets can't be left half open/)).toEqual(lacking(/^ +freezeSockets:/m));
    expect(told(/bare web pages/)).toEqual(lacking(/^ +trouble:/m));
  });

  test("says that what happens at a moment needs one", () => {
    for (const kind of KINDS) expect(readFault({ kind }, "fault").ok, kind).toBe(!isInstant(kind));
  });
});
