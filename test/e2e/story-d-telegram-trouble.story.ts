import { afterEach, expect, test } from "vitest";
import { weather } from "./telegram-trouble.ts";
import { openWorld, type World } from "./world.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.abandon();
  world = undefined;
});

test("Telegram answers 409, then 429, hangs and goes down: the grid trades on, Discord answers, commands come back, nothing old is done", async () => {
  const w = await openWorld({
    // A group takes twenty messages a minute, and four faults within one minute want more answers than that.
    telegram: "private",
    speed: 30,
    expiresSeconds: 5,
    grid: { take_profit: "0.2%", max_orders: 3 },
    // Twelve seconds of faults instead of minutes: what is old and what counts as a dead line shrink with them.
    tuning: {
      commandAgeMsMax: 2_000,
      telegram: { callMs: 1_000, pollSeconds: 1, staleMs: 1_500, backoffMsMin: 100, backoffMsMax: 500 },
    },
  });
  world = w;
  const rows = await weather(w, {
    ms: { conflict409: 2_500, flood429: 3_000, hang: 2_500, down: 6_000 },
    oldMs: 2_400,
  });
  expect(rows.map(({ fault }) => fault)).toEqual(["conflict409", "flood429", "hang", "down"]);
  for (const row of rows) {
    expect(row.backAfterSeconds).toBeLessThan(15);
    expect(row.discordMs).toBeLessThan(2_500);
  }
  const { ledger, log } = await w.close();
  const refusals = ledger.filter(({ kind }) => kind === "refusal").map(({ body }) => JSON.parse(body));
  expect(refusals.map(({ command, reason }) => `${command} ${reason}`)).toEqual(
    Array.from({ length: 4 }, () => ["pause old", "close old"]).flat(),
  );
  expect(
    ledger.filter(({ kind }) => kind === "tapRefused").map(({ body }) => JSON.parse(body).reason),
  ).toEqual(["not pending"]);
  expect(ledger.filter(({ kind }) => ["pause", "tap", "proposalExecuting"].includes(kind))).toEqual([]);
  for (const line of [
    "Another program reads with the same Telegram token",
    "Telegram asks to wait",
    "Telegram answers again",
  ])
    expect(log).toContain(line);
});
