import { expect, it } from "vitest";
import { nearest } from "../../src/core/nearest.ts";

it("a mistyped word is the known one that few letters make of it; what is like none is none", () => {
  const known = ["status", "close", "close_losers", "help"];
  expect(["stauts", "CLOSS", "closelosers", "hepl"].map((typed) => nearest(typed, known))).toEqual([
    "status",
    "close",
    "close_losers",
    "help",
  ]);
  expect(["buy", "positions", ""].map((typed) => nearest(typed, known))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(nearest("stauts", ["stats", "status"])).toBe("status");
  expect(nearest("close", [])).toBeUndefined();
});
