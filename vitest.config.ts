import { defineConfig } from "vitest/config";

/** Fast tests are `*.test.ts`; whole-program stories are `test/e2e/*.story.ts` and run one file at a time. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "fast", include: ["test/**/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "stories",
          include: ["test/e2e/*.story.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
