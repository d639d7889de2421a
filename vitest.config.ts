import { defineConfig } from "vitest/config";

/** Fast tests are `*.test.ts`; stories are whole programs (`*.story.ts`) and the scenarios, one file at a time. */
export default defineConfig({
  test: {
    // Left to itself it keeps one core free: on two cores all would run one after the other.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/scenarios/**"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "stories",
          include: ["test/e2e/*.story.ts", "test/scenarios/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
