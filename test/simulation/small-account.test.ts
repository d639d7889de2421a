import { describe, expect, it } from "vitest";
import { ONE, value } from "../../src/core/units.ts";
import { runSeed } from "./world.ts";

/** The days of most seeds cost an account a percent or two. A small account comes into the risk states by itself. */
describe("a small account in a bad day", () => {
  it.each([
    [910_007, 400, ["Monitoring to Warning"]],
    [910_010, 500, ["Monitoring to Warning", "Warning to Emergency"]],
    [910_014, 250, ["Monitoring to Warning", "Warning to Emergency"]],
  ])(
    "seed %i with %i USDT: every promise holds, and it trades again in the end",
    async (seed, deposit, told) => {
      const changes = new Set<string>();
      const trace = (line: string): void => {
        const [change] = /(?<=! \w+ \w+ Risk: ).*/.exec(line) ?? [];
        if (change !== undefined) changes.add(change);
      };
      const { violation } = await runSeed(seed, { deposit: value(deposit * ONE), trace });
      expect([violation, [...changes]]).toEqual([undefined, told]);
    },
    60_000,
  );
});
