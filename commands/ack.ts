import { z } from "zod";
import { markArgument, markSchema } from "../src/chat/alert-argument.ts";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Somebody has seen an alert: it sounds no more until it gets worse. */
export const ack = defineCommand({
  name: "ack",
  aliases: ["seen"],
  description: "An alert was seen: quiet until it gets worse",
  examples: ["ack 1a2b"],
  topic: "notices",
  role: "trader",
  risk: "R1",
  approval: "none",
  schema: z.object({ alert: markSchema }),
  args: [markArgument],
  async run({ args, actor, alerts }) {
    return outcomeReply(alerts.seen(args.alert, actor.person), "Seen", "Not done");
  },
});
