import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { totals } from "./totals.ts";
import { runSeed } from "./world.ts";

const RUN = fileURLToPath(new URL("run.ts", import.meta.url));
/** Seeds of a few different kinds of days. */
const SEEDS = [4, 24, 16, 23] as const;

describe("the simulation", () => {
  it("runs whole seeds with faults, restarts and stops, and finds nothing", async () => {
    const results = [];
    for (const seed of SEEDS) results.push(await runSeed(seed));
    expect(results.map(({ seed, violation }) => [seed, violation])).toEqual(
      SEEDS.map((seed) => [seed, undefined]),
    );
    const report = totals(results);
    expect(report.eventfulPercent).toBe(100);
    expect(report.marketHours).toBeGreaterThanOrEqual(SEEDS.length);
    expect(report.orders).toBeGreaterThanOrEqual(100 * SEEDS.length);
    expect(Object.values(report.faults).filter((count) => count > 0).length).toBeGreaterThan(10);
  });

  it("gives the same hash for the same seed, also after other seeds and in a fresh process", async () => {
    const [seed] = SEEDS;
    const first = await runSeed(seed);
    await runSeed(seed + 1);
    const second = await runSeed(seed);
    expect(second).toEqual(first);
    const fresh = execFileSync(process.execPath, ["--import", "tsx", RUN, "--seed", String(seed)], {
      encoding: "utf8",
      maxBuffer: 100_000_000,
    });
    expect(fresh).toContain(`"hash":"${first.hash}"`);
  });

  it("gives different days for different seeds", async () => {
    const [one, other] = [await runSeed(SEEDS[0]), await runSeed(SEEDS[1])];
    expect(one.hash).not.toBe(other.hash);
  });
});
