import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../src/observe/log.ts";
import { loadSettings } from "../../src/settings/load.ts";
import type { Settings } from "../../src/settings/settings.ts";

/** Keys of every exchange, with marks that must not show up anywhere. */
export const KEYS = {
  BINANCE_FUTURES_API_KEY: "test-api-key",
  BINANCE_FUTURES_API_SECRET: "test-secret",
  BYBIT_API_KEY: "test-bybit-key",
  BYBIT_API_SECRET: "test-bybit-secret",
  OKX_API_KEY: "okx-test-key",
  OKX_API_SECRET: "okx-test-secret",
  OKX_API_PASSPHRASE: "okx-test-phrase",
} as const;

/** A folder of its own; `gone` removes it. */
export function ownFolder(): { readonly path: string; gone(): void } {
  const path = mkdtempSync(join(tmpdir(), "perpdesk-cli-"));
  return { path, gone: () => rmSync(path, { recursive: true, force: true }) };
}

/** Settings as a person wrote them (JSON is YAML) in a folder, with keys of every exchange. */
export function settingsIn(
  folder: string,
  written: object,
  env: Readonly<Record<string, string>> = KEYS,
): Settings {
  writeFileSync(join(folder, "desk.yaml"), JSON.stringify(written));
  const loaded = loadSettings({ configFile: "desk.yaml", cwd: folder, env });
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}

/** A grid as it stands in a file. */
export const grid = (symbol: string, change: object = {}): object => ({
  type: "grid",
  name: "grid",
  symbol,
  direction: "buy",
  quantity: "0.004",
  take_profit: "0.5%",
  grid_step: "0.1%",
  max_orders: 2,
  wait_time: 0,
  max_margin_usd: 1_000,
  leverage: 3,
  ...change,
});

/** A log that keeps what it was told. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string, fields?: object): void => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  const log = {
    lines,
    debug: keep,
    info: keep,
    warn: keep,
    error: keep,
    trade: () => {},
    close: () => {},
    recent: () => [],
  };
  return { ...log, child: () => ({ ...log, child: () => keptLog() }) };
}
