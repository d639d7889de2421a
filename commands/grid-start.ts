import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { gridOf, isGrid, oneGridArgument } from "../src/chat/grid-argument.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Lets one grid enter again; what holds the whole desk back stays. */
export const gridStart = defineCommand({
  name: "grid_start",
  aliases: [],
  description: "One grid may enter again",
  examples: ["grid_start grid-btc"],
  topic: "engines",
  role: "risk",
  risk: "R3",
  approval: "none",
  schema: z.object({ grid: z.string().optional() }),
  args: [oneGridArgument],
  async run({ args, actor, door }) {
    const found = gridOf(door.snapshot(), args.grid);
    if (!isGrid(found)) return found;
    return outcomeReply(await door.resume(actor, found.engine), "Started", "Not started");
  },
});
