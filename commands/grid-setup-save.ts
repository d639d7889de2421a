import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { absent } from "./grid-setup.ts";

/** Writes the desk's settings with the grid that was set up to a new file. What runs is not changed, and no file is overwritten. */
export const gridSetupSave = defineCommand({
  name: "grid_setup_save",
  aliases: [],
  description: "Write the settings with the grid that was set up to a new file",
  examples: ["grid_setup_save"],
  topic: "engines",
  role: "admin",
  risk: "R1",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ actor, setup }) {
    if (setup === undefined) return absent;
    const { isOk, text } = setup.save(actor.person);
    return {
      title: isOk ? "Saved" : "Not saved",
      tone: isOk ? "good" : "warning",
      lines: [text],
      isPrivate: true,
    };
  },
});
