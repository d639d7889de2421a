import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { FREQTRADE } from "./freqtrade.ts";
import { read } from "./pages.ts";
import { PARITY_PAGE, parityPage, WRITE } from "./parity.ts";

const names = new Map(
  commands.flatMap(({ name, aliases }) => [name, ...aliases].map((each) => [each, name] as const)),
);

describe("docs/parity.md", () => {
  test("is what the definitions and the list of freqtrade's commands say", () => {
    expect(read(PARITY_PAGE), `Run ${WRITE}`).toBe(parityPage());
  });

  test("answers every command of freqtrade with commands that exist, or with a reason", () => {
    expect(FREQTRADE.filter(({ name }) => !/^(tg_info|profit_(long|short))$/.test(name))).toHaveLength(37);
    expect(new Set(FREQTRADE.flatMap(({ name, aliases }) => [name, ...aliases])).size).toBe(
      FREQTRADE.reduce((sum, { aliases }) => sum + 1 + aliases.length, 0),
    );
    for (const { name, here, why } of FREQTRADE) {
      for (const each of here) expect(names.get(each), `${name} here`).toBe(each);
      if (here.length === 0) expect(why.length, `${name} has a reason`).toBeGreaterThan(10);
    }
  });

  test("freqtrade's own words do here what they do there, where there is a counterpart", () => {
    // What Telegram itself says when a chat begins.
    const elsewhere = new Set(["start"]);
    for (const { name, aliases, here } of FREQTRADE)
      for (const word of [name, ...aliases]) {
        const ours = names.get(word);
        if (ours === undefined || elsewhere.has(word)) continue;
        expect(here, `/${word} is /${ours} here`).toContain(ours);
      }
  });

  test("somebody who comes from freqtrade can type its words for what acts", () => {
    const typed = [
      "fx",
      "forceexit",
      "forcesell",
      "stopentry",
      "stopbuy",
      "reload_trade",
      "show_config",
      "order",
    ];
    expect(typed.map((word) => names.get(word))).toEqual([
      "close",
      "close",
      "close",
      "pause",
      "pause",
      "reconcile",
      "config_show",
      "orders",
    ]);
  });
});
