import { describe, expect, test } from "vitest";
import type { Gateway } from "../../src/desk/ports.ts";
import { binanceCoinm } from "../../src/gateways/binance-coinm.ts";
import { binanceUsdm } from "../../src/gateways/binance-usdm.ts";
import { bybit } from "../../src/gateways/bybit.ts";
import { okx } from "../../src/gateways/okx.ts";
import { found, read, rows, section, sources, ticked } from "./pages.ts";

const PAGE = "docs/exchanges.md";
/** Parts of a gateway that nothing is asked of. */
const silent = { account: "main", client: { tap: () => {} }, clock: {}, log: {}, streams: {} } as never;
const GATEWAYS: Readonly<Record<string, Gateway>> = {
  binanceusdm: binanceUsdm(silent),
  binancecoinm: binanceCoinm(silent),
  bybit: bybit(silent),
  okx: okx(silent),
};
const HOUR = 3_600_000;

/** A capability as the page writes it. */
function written(value: boolean | string | number): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  const [count, noun] = value % (24 * HOUR) === 0 ? [value / 24 / HOUR, "day"] : [value / HOUR, "hour"];
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

describe("docs/exchanges.md", () => {
  test("tells what each gateway can do as it declares it, and nothing else", () => {
    const names = Object.keys(GATEWAYS);
    const told = rows(section(PAGE, "## What each can do")).map((cells) => [
      ticked(cells[0] ?? "")[0],
      ...cells.slice(1, 1 + names.length),
    ]);
    const real = Object.keys(GATEWAYS["okx"]?.can ?? {}).map((capability) => [
      capability,
      ...names.map((name) => written(GATEWAYS[name]?.can[capability as keyof Gateway["can"]] ?? "")),
    ]);
    expect(told).toEqual(real);
    const listed = rows(section(PAGE, "# Exchanges").split("\n## ")[0] ?? "").map(
      ([name = ""]) => ticked(name)[0],
    );
    expect(listed).toEqual(names);
  });

  test("lists every host of the gateways, and no other", () => {
    const [rest, streams] = [2, 3].map((column) =>
      rows(section(PAGE, "## Hosts")).flatMap((cells) => ticked(cells[column] ?? "")),
    );
    const real = found(sources("src/gateways"), /"(?:wss|https):\/\/([a-z0-9.:-]+)/g);
    const told = [...new Set([...(streams ?? []), ...(rest ?? []).filter((host) => real.includes(host))])];
    expect(told.sort()).toEqual(real);
    // The others are those of ccxt for the exchange in that row.
    for (const [name = "", , hosts = ""] of rows(section(PAGE, "## Hosts"))) {
      const exchange = (ticked(name)[0] ?? "").replace(/(usdm|coinm)$/, "");
      const table = read(`node_modules/ccxt/js/src/${exchange}.js`).replaceAll(
        "{hostname}",
        `${exchange}.com`,
      );
      for (const host of ticked(hosts)) expect(table, `${exchange}: ${host}`).toContain(host);
    }
  });

  test("names the variables of every exchange's keys, and no other", () => {
    const keys = read("src/settings/keys.ts");
    const table = rows(section(PAGE, "## Keys"));
    expect(table.flatMap(([, names = ""]) => ticked(names)).sort()).toEqual(
      found(keys, /(?:apiKey|secret|password): "([A-Z_]+)"/g),
    );
    expect(table.flatMap(([, , names = ""]) => ticked(names)).sort()).toEqual(
      found(keys, /demo: "([A-Z_]+)"/g).map((name) => `${name}=true`),
    );
  });

  test("has a line for every mode", () => {
    const modes = found(
      /export type Mode = ([^;]+);/.exec(read("src/settings/settings.ts"))?.[1] ?? "",
      /"([a-z]+)"/g,
    );
    expect(
      rows(section(PAGE, "## Modes"))
        .map(([name = ""]) => ticked(name)[0])
        .sort(),
    ).toEqual(modes);
  });
});
