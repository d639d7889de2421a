import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { duration, latency } from "../src/chat/format.ts";

/** Shows that the desk listens, and how quickly it hears and acts. */
export const ping = defineCommand({
  name: "ping",
  aliases: [],
  description: "Whether the desk listens, and how quick it is",
  examples: ["ping"],
  topic: "desk",
  role: "viewer",
  risk: "R0",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const { health } = door.snapshot();
    const heard = health.marketAgeMs === undefined ? "nothing yet" : `${duration(health.marketAgeMs)} ago`;
    return {
      title: "Here",
      tone: health.isHealthy ? "good" : "warning",
      lines: health.isHealthy ? [] : [health.problems[0] ?? "Not all is well; see /health."],
      fields: [
        { label: "Market news", text: heard },
        { label: "Placing an order", text: `half within ${latency(health.placementP50Ms)}` },
        { label: "Loop delay", text: latency(health.eventLoopDelayMs) },
      ],
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "ping" } }]],
    };
  },
});
