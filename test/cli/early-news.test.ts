import { expect, test } from "vitest";
import { EarlyNews } from "../../src/cli/early-news.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import { millis } from "../../src/core/units.ts";

const times = { at: millis(1), wallAt: millis(2), account: "main", stream: "account" } as const;
const gap: DeskEvent = { type: "gap", ...times, reason: "reset" };
const resynced: DeskEvent = { type: "resynced", ...times };

test("a break of the account's stream before there is a desk is kept for it, the last word only", () => {
  const early = new EarlyNews();
  expect(early.last).toBeUndefined();
  early.note(gap);
  early.note({ type: "timer", at: millis(1), wallAt: millis(2) });
  expect(early.last).toBe(gap);
  early.note(resynced);
  expect(early.last).toBe(resynced);
});
