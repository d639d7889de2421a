import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { duration } from "../src/chat/format.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import type { QueueView } from "../src/desk/ports.ts";

/** The job queues: what waits, what runs, what ended how, and when each runs next. */
export const jobs = defineCommand({
  name: "jobs",
  aliases: [],
  description: "The job queues: what waits, runs, ended, and comes next",
  examples: ["jobs"],
  topic: "desk",
  role: "trader",
  risk: "R0",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, nowWall }) {
    const queues = await door.machine.queues();
    const { queue } = door.snapshot().health;
    const buttons = [[{ label: "Refresh", style: "plain", action: { type: "run", line: "jobs" } }]] as const;
    if (queues === undefined)
      return {
        title: "The job queues don't answer",
        tone: "warning",
        lines: ["Trading goes on: stops, closes and the liquidation watch wait for no queue."],
        fields: [{ label: "Queue", text: queue }],
        buttons,
      };
    const failed = queues.filter(({ lastFailure }) => lastFailure !== undefined);
    return {
      title: "Jobs",
      tone: failed.length === 0 ? "plain" : "warning",
      lines: failed.map(
        ({ name, lastFailure }) => `${name} failed last with: ${cut(oneLine(lastFailure ?? ""), 200)}`,
      ),
      fields: [{ label: "Queue", text: queue }],
      table: {
        columns: ["Queue", "next in", "waiting", "at work", "done", "failed"],
        rows: queues.map((each) => rowOf(each, nowWall)),
      },
      buttons,
      footer: "Done and failed: of those that are remembered.",
    };
  },
});

const rowOf = (
  { name, nextWallAt, waiting, active, completed, failed }: QueueView,
  nowWall: number,
): string[] => [
  name,
  nextWallAt === undefined ? "not planned" : duration(nextWallAt - nowWall),
  ...[waiting, active, completed, failed].map(String),
];
