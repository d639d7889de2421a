import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { openPostgres } from "../../src/store/postgres.ts";

/** What the server does with the first query that is not a setting. */
type Deed = (socket: Socket) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function message(type: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}
const ready = (state: "I" | "T"): Buffer => message("Z", state);
const done = (tag: string, state: "I" | "T" = "I"): Buffer =>
  Buffer.concat([message("C", `${tag}\0`), ready(state)]);
const fatal = (code: string, text: string): Buffer => message("E", `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);

/** A server that speaks as much of PostgreSQL's protocol as is needed to break in the middle of it. */
async function opened(deed: Deed) {
  const startup: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    let isStarted = false;
    socket.on("data", (bytes) => {
      if (!isStarted) {
        isStarted = true;
        const words = String(bytes.subarray(8)).split("\0");
        startup.push(...words.filter((word, at) => at % 2 === 0 && word !== ""));
        socket.write(Buffer.concat([message("R", "\0\0\0\0"), ready("I")]));
        return;
      }
      const query = String(bytes);
      if (query.startsWith("X")) socket.end();
      else if (query.includes("set_config")) socket.write(done("SELECT 0"));
      else if (query.includes("begin")) socket.write(done("BEGIN", "T"));
      else deed(socket);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const { db } = openPostgres(`postgres://user:word@127.0.0.1:${port}/desk`, () => undefined);
  closing.push(
    async () => void (await new Promise((resolve) => server.close(resolve))),
    () => db.destroy(),
  );
  return { db, startup };
}

// An error that nobody listens to ends the process: the test runner would report it as unhandled.
describe("a connection to PostgreSQL that breaks while it is in use only rejects", () => {
  const deeds: readonly (readonly [string, Deed])[] = [
    ["it is reset", (socket) => void socket.resetAndDestroy()],
    ["it is closed", (socket) => void socket.end()],
    [
      "the server shuts down",
      (socket) => void socket.end(fatal("57P01", "terminating connection due to administrator command")),
    ],
    [
      "its transaction idled too long",
      (socket) =>
        void socket.end(fatal("25P03", "terminating connection due to idle-in-transaction timeout")),
    ],
  ];
  test.each(deeds)("%s", async (_what, deed) => {
    const { db } = await opened(deed);
    await expect(sql`select 1`.execute(db)).rejects.toThrow();
    await expect(db.transaction().execute((within) => sql`select 1`.execute(within))).rejects.toThrow();
  });
});

test("the startup packet has only what PgBouncer knows", async () => {
  const { db, startup } = await opened((socket) => void socket.write(done("SELECT 0")));
  await sql`select 1`.execute(db);
  const known = ["user", "database", "client_encoding", "application_name"];
  expect(startup.filter((name) => !known.includes(name))).toEqual([]);
});
