import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ticks } from "../../src/core/units.ts";
import { layGrid } from "../../src/settings/grid-layout.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { instrumentsOf } from "../../src/venue/instruments.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "config");
const examples = readdirSync(FOLDER).filter((name) => name.startsWith("example-"));

describe("the example settings", () => {
  test("are there for every exchange", () => {
    const exchanges = examples.map((name) => {
      const loaded = loadSettings({ configFile: join(FOLDER, name), env: {}, cwd: FOLDER });
      return loaded.ok ? loaded.settings.exchange : loaded.problems;
    });
    expect(new Set(exchanges)).toEqual(new Set(["binanceusdm", "binancecoinm", "bybit", "okx"]));
  });

  test.each(examples)("%s fits what the built-in exchange trades", (name) => {
    const loaded = loadSettings({ configFile: join(FOLDER, name), env: {}, cwd: FOLDER });
    if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
    const { exchange, engines } = loaded.settings;
    expect(engines.length).toBeGreaterThan(0);
    for (const grid of engines) {
      const instrument = instrumentsOf(exchange).find(({ id }) => id === grid.symbol);
      if (instrument === undefined) throw new Error(`${grid.symbol} does not ship`);
      // OKX's sizes are contracts at the venue; the gateway's are checked by the story that runs it.
      if (exchange === "okx") continue;
      const limits = exchange === "bybit" ? { conditionalOrdersMax: 10 } : {};
      for (const price of [40_000, 60_000, 120_000]) {
        const laid = layGrid(grid, { ...instrument, ...limits }, ticks(price * 10));
        expect(laid, `${price}`).toMatchObject({ ok: true });
      }
    }
  });
});
