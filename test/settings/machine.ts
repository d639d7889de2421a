import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LoadOptions, loadSettings } from "../../src/settings/load.ts";

const CWD = "/home/desk";
/** The settings that every installation ships. */
export const DEFAULTS = join(import.meta.dirname, "..", "..", "config", "default.yaml");

/** A machine with these files in the desk's folder, and the shipped defaults. */
export function machine(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): LoadOptions {
  return {
    env: {},
    cwd: CWD,
    fileMode: () => 0o100600,
    readFile: (path) => {
      if (path.endsWith(join("config", "default.yaml"))) return readFileSync(DEFAULTS, "utf8");
      const name = Object.keys(files).find((file) => path === join(CWD, file));
      if (name !== undefined) return files[name] ?? "";
      throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    },
    ...(files["my.yaml"] === undefined ? {} : { configFile: "my.yaml" }),
    ...options,
  };
}

/** Settings of a machine, or a failed test with the problems. */
export function good(options: LoadOptions) {
  const loaded = loadSettings(options);
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded;
}

/** The problems of a machine whose settings must be refused. */
export function problems(options: LoadOptions): readonly string[] {
  const loaded = loadSettings(options);
  return loaded.ok ? ["(accepted)"] : loaded.problems;
}

/** A file with one grid that is right. */
export const GRID = `engines:
  - type: grid
    name: g
    symbol: BTCUSDT
    direction: buy
    quantity: "0.004"
    take_profit: 0.008
    grid_step: "0.2%"
    max_orders: 10
    wait_time: 10
    max_margin_usd: 500
`;

/** The grid above with one line changed (or, when it is not there yet, added). */
export const grid = (line: string): string => {
  const key = line.slice(0, line.indexOf(":"));
  const at = new RegExp(`^    ${key}: .*$`, "m");
  return at.test(GRID) ? GRID.replace(at, `    ${line}`) : `${GRID}    ${line}\n`;
};
