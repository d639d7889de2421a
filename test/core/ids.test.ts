import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ClientId,
  engineTag,
  FIXED_NONCE,
  ownPrefix,
  readClientId,
  retiredOwner,
  writeClientId,
} from "../../src/core/ids.ts";
import { InvariantError } from "../../src/core/invariant.ts";
import type { CloseCause, Role } from "../../src/core/order.ts";

const ROLES: readonly Role[] = ["entry", "takeProfit", "stop", "ladder", "hedge", "close"];
const letters = (length: number) =>
  fc.string({
    unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789"),
    minLength: length,
    maxLength: length,
  });
const CAUSES: readonly CloseCause[] = [
  "asked",
  "chosen",
  "recovery",
  "loss",
  "hedge",
  "stopRefused",
  "stopLate",
  "beyondStop",
  "halted",
];
const parts = {
  desk: letters(3),
  engineTag: letters(2),
  rung: fc.integer({ min: -839_807, max: 839_807 }),
  slice: fc.integer({ min: 0, max: 35 }),
  generation: fc.integer({ min: 0, max: 36 ** 5 - 1 }),
  epoch: fc.integer({ min: 0, max: 36 ** 4 - 1 }),
  nonce: letters(4),
};
const ids: fc.Arbitrary<ClientId> = fc.oneof(
  fc.record({ ...parts, role: fc.constantFrom(...ROLES) }),
  fc.record({ ...parts, role: fc.constant("close" as const), cause: fc.constantFrom(...CAUSES) }),
);
const sample: ClientId = {
  desk: "abc",
  engineTag: "g1",
  role: "entry",
  rung: 0,
  slice: 0,
  generation: 1,
  epoch: 1,
  nonce: "wxyz",
};

describe("client order ids", () => {
  it("read back as they were written, 25 of [a-z0-9], starting with the desk's prefix", () => {
    fc.assert(
      fc.property(ids, (id) => {
        const text = writeClientId(id);
        expect(text).toMatch(/^[a-z0-9]{25}$/);
        expect(text.startsWith(ownPrefix(id.desk))).toBe(true);
        expect(readClientId(text)).toEqual(id);
      }),
    );
  });

  it("differ when any part differs", () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        expect(writeClientId(a) === writeClientId(b)).toBe(isDeepStrictEqual(a, b));
      }),
    );
    const changes: Partial<ClientId>[] = [
      { role: "stop" },
      { rung: 1 },
      { slice: 1 },
      { generation: 2 },
      { epoch: 2 },
      { nonce: FIXED_NONCE },
    ];
    const texts = changes.map((change) => writeClientId({ ...sample, ...change }));
    expect(new Set([...texts, writeClientId(sample)]).size).toBe(changes.length + 1);
  });

  it("any text that reads as an id writes back to the same text", () => {
    const near = fc
      .tuple(letters(5), fc.constantFrom(..."etslhcapvdrubxyz"), letters(18))
      .map(([a, role, b]) => `p${a}${role}${b}`);
    fc.assert(
      fc.property(fc.oneof(near, letters(25), fc.string()), (text) => {
        const id = readClientId(text);
        if (id !== undefined) expect(writeClientId(id)).toBe(text);
      }),
      { numRuns: 500 },
    );
    expect(readClientId(`pabcg1e0000${"0".repeat(14)}`)).toBeUndefined();
  });

  it.each([
    { desk: "AB1" },
    { desk: "ab" },
    { engineTag: "g" },
    { nonce: "12345" },
    { slice: 36 },
    { slice: -1 },
    { slice: 0.5 },
    { generation: -1 },
    { generation: 36 ** 5 },
    { generation: 1.5 },
    { epoch: 36 ** 4 },
    { epoch: -1 },
    { epoch: 0.5 },
    { rung: 839_808 },
    { rung: -839_808 },
    { rung: 0.5 },
    { rung: Number.NaN },
  ])("refuse a part out of its range: %o", (change) => {
    expect(() => writeClientId({ ...sample, ...change })).toThrow(InvariantError);
  });

  it("are not read from what others write", () => {
    for (const text of ["", "x-abc123", "autoclose-1688", "adl_autoclose", "web_a1b2c3", "pabcg1e"]) {
      expect(readClientId(text)).toBeUndefined();
    }
  });

  it("an engine's tag is stable and two characters wide", () => {
    expect(engineTag("grid1")).toBe(engineTag("grid1"));
    fc.assert(fc.property(fc.string(), (name) => /^[a-z0-9]{2}$/.test(engineTag(name))));
    fc.assert(fc.property(fc.string(), (name) => /^[a-z0-9]{2}$/.test(engineTag(`retired-${name}`))));
    // What is done for an engine of which only the tag is known is written under that.
    expect(engineTag(retiredOwner(engineTag("grid1")))).toBe(engineTag("grid1"));
    const tags = ["grid1", "grid2", "foreign", "desk"].map(engineTag);
    expect(new Set(tags).size).toBe(4);
  });
});
