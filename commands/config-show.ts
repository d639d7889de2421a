import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import type { Reply } from "../src/chat/reply.ts";
import type { DeskDoor, WrittenSetting } from "../src/desk/ports.ts";

/** The settings that this desk started with, as they were written. Secrets stand there as the names of their variables. */
export const configShow = defineCommand({
  name: "config_show",
  aliases: ["show_config", "show_conf"],
  description: "The settings that the desk runs with; no secrets",
  examples: ["config_show", "config_show risk", "config_show engines"],
  topic: "desk",
  role: "trader",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({ section: z.string().optional() }),
  args: [
    {
      name: "section",
      description: "Only this part, e.g. risk",
      isRequired: false,
      choices: (door) => sectionsIn(door),
    },
  ],
  async run({ args: { section }, door }): Promise<Reply> {
    const sections = sectionsIn(door);
    const wanted = sections.find((each) => each.toLowerCase() === section?.toLowerCase());
    if (section !== undefined && wanted === undefined) {
      const named = sections.length === 0 ? "there are none to be shown" : `say ${sections.join(", ")}`;
      return {
        title: "Not done",
        tone: "warning",
        lines: [`section "${cut(oneLine(section), 40)}" is none of the settings; ${named}.`],
        isPrivate: true,
      };
    }
    const shown = door.machine
      .settings()
      .filter((each) => wanted === undefined || sectionOf(each) === wanted);
    const line = wanted === undefined ? "config_show" : `config_show ${wanted}`;
    return {
      title: wanted === undefined ? "Settings" : `Settings: ${wanted}`,
      tone: "plain",
      lines:
        shown.length === 0
          ? ["This desk was started without settings of its own."]
          : shown.map(({ path, text }) => `${path}: ${text}`),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line } }]],
      footer: "As they were written at the start. Names after a dollar sign come from the environment.",
      isPrivate: true,
    };
  },
});

/** The first word of a setting's place: "engines" of "engines[0].name". */
const sectionOf = ({ path }: WrittenSetting): string => /^[^.[]*/.exec(path)?.[0] ?? path;

const sectionsIn = (door: DeskDoor): readonly string[] => [
  ...new Set(door.machine.settings().map(sectionOf)),
];
