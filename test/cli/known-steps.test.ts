import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KnownSteps } from "../../src/cli/known-steps.ts";
import { stepOf } from "../../src/core/text.ts";
import type { Store } from "../../src/desk/ports.ts";
import { FinerSizeError } from "../../src/gateways/steps.ts";
import { openStore } from "../../src/store/store.ts";
import { ownFolder } from "./settings.ts";

let store: Store;
let folder: ReturnType<typeof ownFolder>;
beforeEach(async () => {
  folder = ownFolder();
  const opened = await openStore({ file: join(folder.path, "perpdesk.db") });
  if (!opened.ok) throw new Error(opened.problem);
  store = opened.store;
});
afterEach(async () => {
  await store.close();
  folder.gone();
});

const stepsOf = (id: string, tick: string, lot: string) => ({ id, tick: stepOf(tick), lot: stepOf(lot) });
const read = async (steps: KnownSteps) =>
  [...(await steps.read())].map(([id, { tick, lot }]) => [id, tick.text, lot.text]);
const entries = async () => (await store.ledger.read(["instruments"])).length;

describe("the finest steps that a desk has counted in", () => {
  it("are facts of its ledger, said once, and never get coarser", async () => {
    const steps = new KnownSteps(store.ledger, "binanceusdm", "main");
    expect(await read(steps)).toEqual([]);
    await steps.note([stepsOf("BTCUSDT", "0.1", "0.001"), stepsOf("ETHUSDT", "0.01", "0.001")]);
    await steps.note([stepsOf("BTCUSDT", "0.1", "0.001"), stepsOf("ETHUSDT", "0.01", "0.001")]);
    expect(await entries()).toBe(2);
    await steps.note([stepsOf("BTCUSDT", "0.5", "0.0001")]);
    expect(await entries()).toBe(3);
    expect(await read(steps)).toEqual([
      ["BTCUSDT", "0.1", "0.0001"],
      ["ETHUSDT", "0.01", "0.001"],
    ]);
    expect(await store.ledger.verify()).toBeUndefined();
  });

  it("are those of one account on one exchange", async () => {
    await new KnownSteps(store.ledger, "binanceusdm", "main").note([stepsOf("BTCUSDT", "0.1", "0.001")]);
    expect(await read(new KnownSteps(store.ledger, "bybit", "main"))).toEqual([]);
    expect(await read(new KnownSteps(store.ledger, "binanceusdm", "other"))).toEqual([]);
  });

  it("are learnt from a size that no lot fits: this start fails and says so, the next one counts finer", async () => {
    const steps = new KnownSteps(store.ledger, "bybit", "main");
    const ask = async () => {
      throw new FinerSizeError("BTCUSDT", "0.0015", stepsOf("BTCUSDT", "0.1", "0.0001"));
    };
    await expect(steps.counting(ask)).rejects.toThrow(
      'symbol "BTCUSDT" has a size of 0.0015 on this account, from before its step was changed: start the desk again',
    );
    expect(await read(steps)).toEqual([["BTCUSDT", "0.1", "0.0001"]]);
    await expect(
      steps.counting(async () => {
        throw new Error("no answer");
      }),
    ).rejects.toThrow("no answer");
    expect(await steps.counting(async () => 7)).toBe(7);
    expect(await entries()).toBe(1);
  });
});
