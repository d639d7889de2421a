import { z } from "zod";
import { markArgument, markSchema } from "../src/chat/alert-argument.ts";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000 };
const TIME = /^(\d{1,4})\s*(m|h)$/;

/** An alert is put off: it comes again when the time is over, and at once when it gets worse. */
export const snooze = defineCommand({
  name: "snooze",
  aliases: [],
  description: "Put an alert off for a while; 15m at most when EXTREME",
  examples: ["snooze 1a2b 1h", "snooze 1a2b 30m"],
  topic: "notices",
  role: "trader",
  risk: "R1",
  approval: "none",
  schema: z.object({
    alert: markSchema,
    time: z
      .string({ error: "For how long? Write e.g. 30m or 1h." })
      .regex(TIME, "For how long is minutes or hours: write e.g. 30m or 1h.")
      .transform((text) => {
        const [, count, unit = ""] = TIME.exec(text) ?? [];
        return Number(count) * (UNITS[unit] ?? Number.NaN);
      })
      .refine((ms) => ms > 0, "For how long is at least one minute: write e.g. 30m."),
  }),
  args: [
    {
      ...markArgument,
      choices: (_, { alerts }) =>
        alerts
          .open()
          .filter(({ level }) => level !== "critical")
          .map(({ mark }) => mark),
    },
    { name: "time", description: "For how long, e.g. 30m or 1h", isRequired: true },
  ],
  async run({ args, actor, alerts }) {
    return outcomeReply(alerts.seen(args.alert, actor.person, args.time), "Quiet", "Not done");
  },
});
