import type { WrittenFault } from "../../../src/venue/faults/fault.ts";
import { FaultPlan } from "../../../src/venue/faults/plan.ts";
import { readPlan } from "../../../src/venue/faults/reading.ts";
import type { FrameSeen, RequestFate } from "../../../src/venue/faults/weather.ts";

/** When every plan here starts. */
export const START = 1_800_000_000_000;

/** A plan of faults as people write them. */
export function planOf(faults: readonly WrittenFault[], seed = 1): FaultPlan {
  const reading = readPlan({ seed, faults });
  if (!reading.ok) throw new Error(reading.problems.join("\n"));
  return new FaultPlan({ ...reading, startAt: START });
}

/** What becomes of a request so many seconds after the start. */
export const ask = (
  plan: FaultPlan,
  second: number,
  name = "POST /fapi/v1/order",
  skin = "binanceusdm",
): RequestFate => plan.request({ skin, name, wallAt: START + second * 1_000 });
/** How a request ends. */
export const endOf = (plan: FaultPlan, second: number, name?: string): string => ask(plan, second, name).end;

/** What becomes of a private message so many milliseconds after the start. */
export const push = (plan: FaultPlan, ms: number, seen: Partial<FrameSeen> = {}): readonly number[] =>
  plan.frame({
    skin: "binanceusdm",
    kind: "private",
    stream: "user",
    account: "main",
    ...seen,
    wallAt: START + ms,
  });

/** The kinds that struck, with how often. */
export const struck = (plan: FaultPlan): object =>
  Object.fromEntries([...plan.counts].filter(([, count]) => count > 0));
