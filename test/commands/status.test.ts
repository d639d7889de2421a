import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { OpenAlert } from "../../src/chat/alert-desk.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { DeskSnapshot, EngineView } from "../../src/desk/snapshot.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES, NOON, snapshot } from "../chat/desk.ts";

const [GRID] = snapshot().engines;
if (GRID === undefined) throw new Error("the snapshot has no grid");
const grid = (engine: string, changes: Partial<EngineView> = {}): EngineView => ({
  ...GRID,
  engine,
  ...changes,
});

/** What a viewer is told of a desk with these alerts. */
function status(changes: Partial<DeskSnapshot>, open: readonly OpenAlert[] = []) {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  door.view = snapshot(changes);
  const runner = new CommandRunner({
    registry: commands,
    alerts: { ...NO_ALERTS, open: () => open },
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
  });
  const actor = { person: "alice", role: "viewer", platform: "telegram" } as const;
  return runner.run({ name: "status", input: [], actor });
}

describe("the first line of /status", () => {
  const stopped = { isRunning: false, pausedBy: "its stop price was crossed at 59885.3" };
  const waits = { entriesWait: "the purse of 500.00 USDT has 50.00 USDT free, the order needs 75.00 USDT" };
  test.each([
    ["Monitoring: trading normally", "good", { engines: [grid("a"), grid("b")] }],
    ["Monitoring: no new entries", "warning", { engines: [grid("a", stopped)] }],
    ["Monitoring: no new entries", "warning", { engines: [grid("a", waits), grid("b", stopped)] }],
    ["Monitoring: no new entries by b", "warning", { engines: [grid("a"), grid("b", waits)] }],
    [
      "Warning: no new entries by 2 of 3 grids",
      "warning",
      { riskState: "warning", engines: [grid("a"), grid("b", stopped), grid("c", waits)] },
    ],
    [
      "Emergency: no new risk, positions are reduced",
      "danger",
      { riskState: "emergency", engines: [grid("a", { entriesWait: "the desk is in Emergency" })] },
    ],
    ["Paused: no new entries", "warning", { isPaused: true, engines: [grid("a", { isRunning: false })] }],
    ["Monitoring: trading normally", "good", { engines: [] }],
  ] as const)("%s", async (title, tone, changes) => {
    expect(await status(changes)).toMatchObject({ title, tone });
  });
});

test("/status counts the alerts that are open and says where they are", async () => {
  const alert: OpenAlert = {
    mark: "ab12",
    level: "critical",
    title: "grid-btc closes all: its stop price was crossed",
    sinceWallAt: NOON,
    count: 1,
    seenBy: undefined,
    untilWallAt: undefined,
  };
  const alertsIn = async (open: readonly OpenAlert[]) => {
    const { tone, fields = [] } = await status({}, open);
    return [tone, ...fields.filter(({ label }) => label === "Alerts").map(({ text }) => text)];
  };
  expect(await alertsIn([alert, { ...alert, seenBy: "bob" }])).toEqual([
    "warning",
    "2 open, not all seen; /alerts",
  ]);
  expect(await alertsIn([{ ...alert, seenBy: "bob" }])).toEqual(["good", "1 open; /alerts"]);
  expect(await alertsIn([])).toEqual(["good"]);
});
