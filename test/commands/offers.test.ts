import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { OpenAlert } from "../../src/chat/alert-desk.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES, snapshot } from "../chat/desk.ts";

const clock = new ManualClock();
const ANN = { person: "ann", role: "trader", platform: "telegram" } as const;

/** What ann is told where these alerts are open. */
async function told(
  line: string,
  levels: readonly OpenAlert["level"][] = [],
  door = new DeskOfOneCard(clock),
) {
  const open = levels.map((level, at) => ({
    mark: `${at}abc`,
    level,
    title: level,
    sinceWallAt: clock.now(),
    count: 1,
    seenBy: undefined,
    untilWallAt: undefined,
  }));
  const runner = new CommandRunner({
    registry: commands,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
    alerts: { ...NO_ALERTS, open: () => open },
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
  });
  const [name = "", ...input] = line.split(" ");
  return { ...(await runner.run({ name, input, actor: ANN })), runner };
}

test("only an alert that may be put off is offered to be, for as long as it may", async () => {
  const footOf = async (...levels: OpenAlert["level"][]) => (await told("alerts", levels)).footer;
  expect(await footOf("high")).toBe("/ack 0abc says that it was seen; /snooze 0abc 1h puts it off.");
  expect(await footOf("extreme")).toBe("/ack 0abc says that it was seen; /snooze 0abc 15m puts it off.");
  expect(await footOf("critical", "high")).toBe(
    "/ack 0abc says that it was seen; /snooze 1abc 1h puts 1abc off.",
  );
  expect(await footOf("critical")).toBe("/ack 0abc says that it was seen; CRITICAL can't be put off.");
  const { runner } = await told("alerts", ["critical", "high"]);
  expect([runner.choices("snooze", "alert", ""), runner.choices("ack", "alert", "")]).toEqual([
    ["1abc"],
    ["0abc", "1abc"],
  ]);
});

test("only orders that can be taken back are offered to be; of engines' own it says what to do instead", async () => {
  const door = new DeskOfOneCard(clock);
  const kept =
    "2 orders of engines: they would be sent again. /grid_stop takes an engine's entries back, /close what it holds; /orders lists them.";
  const none = await told("cancel", [], door);
  expect([none.title, none.lines]).toEqual(["No order to take back", [kept]]);
  const { orders } = snapshot();
  const [order] = orders;
  if (order === undefined) throw new Error("no order rests");
  door.view = snapshot({ orders: [...orders, { ...order, clientId: "web_1", role: "foreign" }] });
  const { title, lines = [], runner } = await told("cancel", [], door);
  expect([title, lines.length, lines[1]]).toEqual(["Which one? Say cancel and its four characters", 2, kept]);
  expect(lines[0]).toMatch(/^[0-9a-z]{4}: BTCUSDT buy 0\.010 BTC at 96,900\.0, not of an engine$/);
  expect(runner.choices("cancel", "order", "")).toEqual([lines[0]?.slice(0, 4)]);
});
