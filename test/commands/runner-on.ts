import { commands } from "../../commands/index.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
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
