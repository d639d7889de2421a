import { expect, test } from "vitest";
import { value } from "../../src/core/units.ts";
import { endedAlert, heartbeatAlert, startedAlert, tradesAlert } from "../../src/desk/desk-alerts.ts";
import { NOON, snapshot } from "../chat/desk.ts";

const HEAD = { sequence: 41, hash: "ab".repeat(32) };
const LINE = `The audit ledger ends with line 41, hash ${HEAD.hash}`;

test("the start, each heartbeat and the end are quiet messages of their own that name the ledger's end", () => {
  const desk = snapshot();
  const told = [
    startedAlert(desk, HEAD, NOON),
    heartbeatAlert(desk, HEAD, NOON + 1),
    endedAlert(desk, HEAD, NOON + 2, { fault: undefined, endsExchange: false }),
  ];
  expect(told.map(({ key, level, title }) => [key.split(":")[0], level, title])).toEqual([
    ["life", "info", "perpdesk 0.1.0 started"],
    ["heartbeat", "info", "Heartbeat: monitoring, equity 10000.77 USDT"],
    ["life", "info", "perpdesk ended, equity 10000.77 USDT"],
  ]);
  expect(new Set(told.map(({ key }) => key)).size).toBe(3);
  expect(told.map(({ lines }) => lines)).toEqual([
    ["Mode sim, account main; 1 engine. Entries start in a few seconds.", LINE],
    ["1 rung held, 2 orders at the exchange; entries run.", LINE],
    [
      "1 rung held, 2 orders at the exchange: take profits and stops stay there. Nobody watches until the next start.",
      LINE,
    ],
  ]);
});

test("an end on the built-in exchange of this process leaves nothing, and says so", () => {
  expect(endedAlert(snapshot(), HEAD, NOON, { fault: undefined, endsExchange: true }).lines).toEqual([
    "1 rung held, 2 orders at the exchange: the built-in exchange ends with the desk, and its account with it. The next start begins with a new account and nothing held.",
    LINE,
  ]);
});

test("of trades the last one is told in words, with what all of them came to", () => {
  const fields = {
    Action: "TAKE_PROFIT",
    Size: "0.004",
    Entry: "59800.3",
    Exit: "59919.9",
    PnL: "0.47840000",
  };
  const made = { cycles: 12, stops: 1, realized: value(480_000_000) };
  expect(tradesAlert("grid-btc", made, fields, "USDT")).toMatchObject({
    title: "grid-btc: 12 cycles, 1 stop, +4.80 USDT",
    lines: ["Last: take profit of 0.004 from 59800.3 to 59919.9, +0.48 USDT."],
  });
  const stop = { ...fields, Action: "STOP_LOSS", PnL: "-1.20000000" };
  expect(tradesAlert("grid-btc", made, stop, "USDT").lines).toEqual([
    "Last: stop of 0.004 from 59800.3 to 59919.9, -1.20 USDT.",
  ]);
});

test("an end that nobody wanted is CRITICAL and says why", () => {
  expect(
    endedAlert(snapshot(), HEAD, NOON, { fault: "fatal: x is undefined", endsExchange: false }),
  ).toMatchObject({
    level: "critical",
    title: "perpdesk ended by a fault in its code, equity 10000.77 USDT",
    lines: ["fatal: x is undefined. Start it again; the log tells more.", expect.any(String), LINE],
  });
});

test("a heartbeat says what makes entries wait, and that the equity is not known", () => {
  const desk = snapshot({
    isPaused: true,
    pausedBy: "alice",
    blocks: ["no market data yet"],
    equity: undefined,
  });
  expect(heartbeatAlert(desk, HEAD, NOON)).toMatchObject({
    title: "Heartbeat: monitoring, equity unknown",
    lines: [expect.stringContaining("entries wait: paused by alice; no market data yet."), LINE],
  });
});
