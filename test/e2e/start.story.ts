import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Summary } from "../../src/cli/summary.ts";
import type { ReplayResult } from "../../src/desk/replay.ts";
import { ownFolder, Perpdesk, pause, perpdesk, ROOT, recordingsOf } from "./processes.ts";

const CANDLES = join(ROOT, "..", "shared", "data", "BINANCE-BTCUSDT-USDM-202505-1m.csv.gz");
const MONEY = /^-?\d+\.\d{8}$/;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function workingFolder() {
  const folder = ownFolder();
  cleanUps.push(folder.gone);
  return folder;
}

async function replayed(path: string, cwd: string): Promise<{ code: number | null; result: ReplayResult }> {
  const { code, stdout } = await perpdesk(["replay", path, "--json"], { cwd });
  return { code, result: JSON.parse(stdout) as ReplayResult };
}

/** Changes one digit of a line's event, as a doctored file would have it. */
function doctored(path: string, line: number): void {
  const lines = readFileSync(path, "utf8").split("\n");
  const before = lines[line - 1] ?? "";
  const after = before.replace(
    /("wallAt":\d*)(\d)/,
    (_whole, head: string, last: string) => head + ((Number(last) + 1) % 10),
  );
  expect(after).not.toBe(before);
  lines[line - 1] = after;
  writeFileSync(path, lines.join("\n"));
}

describe("perpdesk start", () => {
  test("runs for a while from any folder, prints one JSON document, and its recording replays", async () => {
    const { path: cwd } = workingFolder();
    const { code, stdout, stderr } = await perpdesk(["start", "--for", "20s", "--json"], { cwd });
    expect(code, stderr).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({
      mode: "sim",
      market: "synthetic:1",
      mismatches: 0,
      cleanShutdown: true,
      queue: "embedded queue (no Redis): one process, nothing kept at exit",
    });
    expect(summary.candles).toBeGreaterThanOrEqual(15);
    expect(summary.fills).toBeGreaterThanOrEqual(1);
    expect(summary.cycles).toBeGreaterThanOrEqual(0);
    for (const money of [summary.realizedPnl, summary.fees, summary.funding]) expect(money).toMatch(MONEY);
    expect(summary.position).toMatch(/^0(\.\d{3})?$/);
    expect(summary.venuePosition).toBe(summary.position);
    expect(summary.openOrders).toBe(2 * Math.round(Number(summary.position) / 0.004));
    expect(summary.stateHash).toMatch(/^[0-9a-f]{32}$/);
    expect(summary.recording).toBe(recordingsOf(cwd).at(-1));

    const recording = summary.recording ?? "";
    expect(await replayed(recording, cwd)).toMatchObject({
      code: 0,
      result: { isSame: true, isTorn: false, hashesChecked: expect.any(Number) },
    });
    const again = await replayed(join(cwd, "var", "recordings"), cwd);
    expect(again.result.turns).toBeGreaterThanOrEqual(summary.turns);
    const final = readFileSync(recording, "utf8").trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(final)).toMatchObject({ h: again.result.stateHash });

    doctored(recording, 400);
    const found = await replayed(recording, cwd);
    // Line 1 is the header, and no state hash comes before turn 1,000: line 400 is turn 399.
    expect(found).toMatchObject({
      code: 1,
      result: { isSame: false, turns: 398, problem: "turn 399: the line was changed after it was written" },
    });
  });

  test("Ctrl-C ends it cleanly with a summary; without a terminal it only prints", async () => {
    const { path: cwd } = workingFolder();
    const bot = new Perpdesk(["start"], { cwd });
    cleanUps.push(() => bot.kill());
    await bot.said("Entries start in 4 s");
    await pause(1_500);
    bot.signal("SIGINT");
    const from = performance.now();
    const { code, stdout } = await bot.ended;
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(code).toBe(0);
    expect(stdout).toContain("Type help, status, positions, close BTCUSDT or panic. Ctrl-C ends cleanly.");
    expect(stdout).toMatch(/^Ran \d+(\.\d)? s \(sim, synthetic:1, \d+ candles\)\.$/m);
    expect(stdout).toMatch(/^\d+ messages\. Clean shutdown\.$/m);
    expect(stdout).toMatch(/^State hash [0-9a-f]{32}\.$/m);
    // No prompt and no colours where nobody sits.
    expect(stdout).not.toMatch(/^> /m);
    expect(stdout).not.toContain("\u001b");
    const [recording = ""] = recordingsOf(cwd);
    expect((await replayed(recording, cwd)).result).toMatchObject({ isSame: true, isTorn: false });
  });

  test("the end of its terminal ends it just as cleanly, however often that is told", async () => {
    const { path: cwd } = workingFolder();
    const bot = new Perpdesk(["start"], { cwd });
    cleanUps.push(() => bot.kill());
    await bot.said("Entries start in 4 s");
    bot.signal("SIGHUP");
    bot.signal("SIGHUP");
    const { code, signal, stdout } = await bot.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stdout).toMatch(/^\d+ messages\. Clean shutdown\.$/m);
    const [recording = ""] = recordingsOf(cwd);
    expect((await replayed(recording, cwd)).result).toMatchObject({ isSame: true, isTorn: false });
  });

  test.skipIf(!existsSync(CANDLES))(
    "trades real candles through ccxt (skipped where the file of shared/data is not there)",
    async () => {
      const { path: cwd } = workingFolder();
      const config = join(ROOT, "config", "example-btc.yaml");
      const run = ["--market", CANDLES, "--speed", "3600", "--for", "30s", "--json"];
      const { code, stdout, stderr } = await perpdesk(["start", "--config", config, ...run], { cwd });
      expect(code, stderr).toBe(0);
      const summary = JSON.parse(stdout) as Summary;
      expect(summary).toMatchObject({ mismatches: 0, cleanShutdown: true, mode: "sim" });
      expect(summary.venuePosition).toBe(summary.position);
      expect(summary.candles).toBeGreaterThanOrEqual(1_500);
      expect(summary.fills).toBeGreaterThanOrEqual(15);
      expect((await replayed(summary.recording ?? "", cwd)).result).toMatchObject({ isSame: true });
    },
  );
});
