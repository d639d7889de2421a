import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { isPostgresUrl, openFailure } from "../../src/store/open-failure.ts";
import { openStore } from "../../src/store/store.ts";

describe("a database that can't be opened", () => {
  test("nothing listens there: says where, why and what to do, without the password", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    expect(await openStore({ url: `postgres://bot:hunter2@127.0.0.1:${port}/desk` })).toEqual({
      ok: false,
      problem:
        `PostgreSQL at 127.0.0.1:${port}/desk can't be opened: nothing listens there; ` +
        "start it or check DATABASE_URL (without DATABASE_URL a local SQLite file is used).",
    });
  });

  test.each(["mysql://bot:hunter2@127.0.0.1/desk", "hunter2", "", "postgres//bot:hunter2@x"])(
    "%j is no PostgreSQL address and isn't repeated",
    async (url) => {
      expect(isPostgresUrl(url)).toBe(false);
      const result = await openStore({ url });
      expect(result).toEqual({
        ok: false,
        problem:
          "DATABASE_URL is no PostgreSQL address; write it as postgres://USER:PASSWORD@HOST:5432/DATABASE.",
      });
    },
  );

  test("a driver that repeats address or password is cleaned", () => {
    const url = "postgres://bot:p%40ss%20word@db.example/desk";
    const error = new Error(`can't reach ${url} with p@ss word or p%40ss%20word`);
    expect(openFailure(error, { url, file: "x" })).toBe(
      "PostgreSQL at db.example:5432/desk can't be opened: can't reach DATABASE_URL with [redacted] or [redacted]; " +
        "start it or check DATABASE_URL (without DATABASE_URL a local SQLite file is used).",
    );
  });
});
