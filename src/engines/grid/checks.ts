import type { WakeIntent } from "../../core/intent.ts";
import { type Millis, millis } from "../../core/units.ts";

/** What a grid wakes up for by itself: each minute its rungs are settled again, each five minutes they are looked at. */
export const CHECKS = ["check", "health"] as const;
const SETTLE_EVERY_MS = 60_000;
/** Positions are looked at when the market's clock shows whole five minutes (S1-126), so that a restart keeps the times. */
export const HEALTH_EVERY_MS = 300_000;

/** Wall time in which the reading of the account that a refusal leads to is there. */
export const READING_MS = 2_500;

/** The next wake of one kind. */
export const wakeFor = (tag: (typeof CHECKS)[number], at: Millis): WakeIntent => ({
  type: "wake",
  at: millis(
    tag === "health" ? (Math.floor(at / HEALTH_EVERY_MS) + 1) * HEALTH_EVERY_MS : at + SETTLE_EVERY_MS,
  ),
  tag,
});
