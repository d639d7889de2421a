import { defineConfig } from "vitest/config";

/** Tests that kill a service and measure how long its clients take: beside others they would measure those. */
const ALONE = ["test/jobs/redis-outage.test.ts"];

/**
 * Fast tests are `*.test.ts`. Scenarios run a desk against a served venue in a time of their own, so that they may stand beside
 * one another. Stories are whole programs (`*.story.ts`) in real time, one file at a time.
 */
export default defineConfig({
  test: {
    // Left to itself it keeps one core free: on two cores all would run one after the other.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/scenarios/**", ...ALONE],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "scenarios",
          include: ["test/scenarios/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "stories",
          include: ["test/e2e/*.story.ts", ...ALONE],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
