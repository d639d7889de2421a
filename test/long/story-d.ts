/**
 * Story D at full length, with everything as shipped: Telegram answers 409, then 429, hangs, and goes down, each for
 * 60 s. `npm run long -- story-d`; writes docs/evidence/story-d.json.
 */

import assert from "node:assert/strict";
import { weather } from "../e2e/telegram-trouble.ts";
import { openWorld } from "../e2e/world.ts";
import { writeEvidence } from "./evidence.ts";

const startedAt = Date.now();
const ms = 60_000;

const world = await openWorld({ speed: 10, grid: { take_profit: "0.2%", max_orders: 3 } });
try {
  const rows = await weather(world, {
    ms: { conflict409: ms, flood429: ms, hang: ms, down: ms + 2_000 },
    oldMs: 31_000,
    told: (row) => process.stdout.write(`${JSON.stringify(row)}\n`),
  });
  const { ledger, replayed } = await world.close();
  const count = (kind: string): number => ledger.filter((entry) => entry.kind === kind).length;
  assert.deepEqual([count("refusal"), count("tapRefused"), count("tap"), count("pause")], [8, 1, 0, 0]);
  for (const { backAfterSeconds } of rows) assert(backAfterSeconds < 60);
  writeEvidence("story-d", startedAt, {
    story: "D: Telegram in trouble",
    rows,
    oldCommandsRefused: count("refusal"),
    oldTapsRefused: count("tapRefused"),
    oldExecuted: 0,
    replayedTurns: replayed.turns,
  });
} finally {
  await world.abandon();
}
