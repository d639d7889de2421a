import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { tableLines } from "../../src/chat/layout.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { lots } from "../../src/core/units.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES, snapshot } from "../chat/desk.ts";

function desk(role: PersonRole) {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  const runner = new CommandRunner({
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
  });
  const actor = { person: "alice", role, platform: "telegram" } as const;
  const say = (line: string) => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor });
  };
  return { door, say };
}

describe("/mismatch", () => {
  test("says that the positions add up when they do", async () => {
    const { door, say } = desk("trader");
    door.view = { ...snapshot(), orders: [] };
    const reply = await say("mismatch");
    expect([reply.title, reply.lines, reply.tone]).toEqual(["The positions add up", [], "good"]);
    expect(reply.table?.rows.length).toBe(snapshot().books.filter((book) => book.lots !== 0).length);
  });

  test("shows what the exchange says, what each engine and what nobody holds, and whose orders are unknown", async () => {
    const { door, say } = desk("trader");
    const [first, ...rest] = snapshot().books;
    const [order] = snapshot().orders;
    if (first === undefined || order === undefined) throw new Error("nothing is held");
    door.view = snapshot({
      books: [{ ...first, mismatchLots: lots(5) }, ...rest],
      orders: [
        { ...order, engine: "foreign", role: "foreign", clientId: "web_77" },
        { ...order, state: "unknown" },
      ],
    });
    const reply = await say(`mismatch ${first.instrument}`);
    expect([reply.title, reply.tone]).toEqual([`Unexplained: ${first.instrument}`, "warning"]);
    expect(reply.lines).toEqual([
      `Order web_77 on ${order.instrument} (${order.side}) is not the desk's.`,
      `Order ${order.clientId} on ${order.instrument} (${order.side}) is being asked about.`,
      `Entries on ${first.instrument} wait. If you know where it comes from: /adopt ${first.instrument} counts it as foreign.`,
    ]);
    const { table } = reply;
    if (table === undefined) throw new Error("no table");
    expect(tableLines(table).join("\n")).toContain("grid1");
    expect(table.rows[0]?.[1]).not.toBe(table.rows[0]?.[2]);
  });

  test("of a symbol that is not traded here says which ones are", async () => {
    expect((await desk("trader").say("explain DOGE")).lines?.[0]).toMatch(
      /^symbol "DOGE" is not traded here/,
    );
  });
});

describe("/adopt", () => {
  test("asks the desk in the person's name, and says what to look at", async () => {
    const { door, say } = desk("risk");
    const reply = await say("adopt btc");
    expect(door.calls).toMatchObject([{ type: "adopt", actor: { person: "alice" } }]);
    expect([reply.title, reply.lines]).toEqual([
      "Adopting",
      [
        "The account is read once more; then BTCUSDT is adopted.",
        "An alert says what was done. /mismatch shows what is left.",
      ],
    ]);
  });

  test("is for people who may allow risk, and needs a symbol that is traded", async () => {
    const trader = desk("trader");
    expect((await trader.say("adopt BTCUSDT")).title).not.toBe("Adopting");
    const risk = desk("risk");
    expect((await risk.say("adopt")).title).not.toBe("Adopting");
    expect((await risk.say("adopt DOGE")).lines?.[0]).toMatch(/^symbol "DOGE" is not traded here/);
    expect([...trader.door.calls, ...risk.door.calls]).toEqual([]);
  });
});
