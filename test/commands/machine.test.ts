import { describe, expect, test } from "vitest";
import type { Reply } from "../../src/chat/reply.ts";
import { MACHINE } from "../chat/desk.ts";
import { deskOfTrades, LINES } from "./trades.ts";

const desk = (role: "viewer" | "trader" | "risk" = "risk") => deskOfTrades(LINES, role);
const rows = ({ table }: Reply) => table?.rows.map((row) => [...row]) ?? [];

describe("logs", () => {
  test("the newest come first, as many and as grave as asked for", async () => {
    const { say, door } = desk();
    expect((await say("logs")).lines).toEqual([
      "14:03:19 UTC WARN Telegram is not reached; reason timeout",
      "14:03:18 UTC the desk started",
    ]);
    expect((await say("logs warn 5")).lines).toHaveLength(1);
    expect((await say("logs error")).title).toBe("Nothing in the log");
    expect((await say("logs 0")).lines?.[0]).toBe("How many lines is a number from 1 to 100.");
    expect((await say("logs nonsense")).lines?.[0]).toBe("Which lines is all, warn or error.");
    const line = { wallAt: 0, level: "info" as const, text: `a\nb\u001b[31m ${"x".repeat(900)}` };
    door.machine = { ...MACHINE, logLines: () => [line] };
    const [text = ""] = (await say("logs")).lines ?? [];
    expect([text.length, text.includes("\n"), text.includes("\u001b")]).toEqual([300, false, false]);
  });

  test("are for the role risk", async () => {
    expect((await desk("trader").say("logs")).lines?.[0]).toContain("needs the role risk");
  });
});

describe("jobs", () => {
  test("tells what waits, runs and ended, and why something failed", async () => {
    const reply = await desk().say("jobs");
    expect(reply.lines).toEqual(["upkeep failed last with: the ledger is locked"]);
    expect(rows(reply)).toEqual([
      ["health", "10 s", "1", "0", "412", "0"],
      ["upkeep", "not planned", "0", "1", "3", "1"],
    ]);
    expect(reply.tone).toBe("warning");
  });

  test("a queue that does not answer stops nothing, and is said", async () => {
    const { say, door } = desk();
    door.machine = { ...MACHINE, queues: async () => undefined };
    expect((await say("jobs")).title).toBe("The job queues don't answer");
  });
});

describe("config_show", () => {
  test("shows what was written, all or one section; secrets are names", async () => {
    const { say, runner } = desk("trader");
    const all = await say("show_config");
    expect(all.lines).toEqual([
      "mode: sim",
      `chat.telegram.token: $${"{TELEGRAM_BOT_TOKEN}"}`,
      "engines[0].name: grid1",
      "engines[0].take_profit: 0.8%",
    ]);
    expect((await say("config_show engines")).lines).toHaveLength(2);
    expect((await say("config_show nothing")).lines).toEqual([
      'section "nothing" is none of the settings; say mode, chat, engines.',
    ]);
    expect(runner.choices("config_show", "section", "en")).toEqual(["engines"]);
    expect(all.isPrivate).toBe(true);
  });
});
