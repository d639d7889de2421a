import { commands } from "../../commands/index.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { type DeskOfOneCard, type ManualClock, NO_ALERTS, NO_CARDS, NO_CODES } from "../chat/desk.ts";

/** All commands on a desk without alerts, other cards and codes; nobody gives too many. */
export const runnerOn = (door: DeskOfOneCard, clock: ManualClock): CommandRunner =>
  new CommandRunner({
    registry: commands,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
  });

/** What alice is told for a line that she types on Telegram, as one line. */
export async function said(runner: CommandRunner, line: string, role: PersonRole): Promise<string> {
  const [name = "", ...input] = line.split(" ");
  const actor = { person: "alice", role, platform: "telegram" } as const;
  const { title, lines = [] } = await runner.run({ name, input, actor });
  return [title, ...lines].join(" | ");
}
