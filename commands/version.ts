import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { dayTime, duration } from "../src/chat/format.ts";

/** Says which perpdesk this is and since when it runs. */
export const version = defineCommand({
  name: "version",
  aliases: [],
  description: "Which perpdesk this is, and since when it runs",
  examples: ["version"],
  topic: "desk",
  role: "viewer",
  risk: "R0",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, nowWall }) {
    const desk = door.snapshot();
    return {
      title: `perpdesk ${desk.version}`,
      tone: "plain",
      fields: [
        { label: "Mode", text: `${desk.mode}, account ${desk.account} on ${desk.venue}` },
        {
          label: "Running",
          text: `${duration(nowWall - desk.startedWallAt)}, since ${dayTime(desk.startedWallAt)}`,
        },
      ],
    };
  },
});
