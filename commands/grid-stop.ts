import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { gridOf, isGrid, oneGridArgument } from "../src/chat/grid-argument.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Stops the entries of one grid. Stopping twice is stopping once. */
export const gridStop = defineCommand({
  name: "grid_stop",
  aliases: [],
  description: "No new entries of one grid; its stops and take profits stay",
  examples: ["grid_stop grid-btc"],
  topic: "engines",
  role: "trader",
  risk: "R1",
  isUrgent: true,
  approval: "none",
  schema: z.object({ grid: z.string().optional() }),
  args: [oneGridArgument],
  async run({ args, actor, door }) {
    const found = gridOf(door.snapshot(), args.grid);
    if (!isGrid(found)) return found;
    return outcomeReply(await door.pause(actor, found.engine), "Stopped", "Not stopped");
  },
});
