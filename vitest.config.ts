import { defineConfig } from "vitest/config";

/** Fast tests are `*.test.ts`; stories are whole programs (`*.story.ts`) and the scenarios, one file at a time. */
export default defineConfig({
  test: {
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
