import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { cut } from "../src/chat/layout.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Proposes to close all that is held. Two taps: the first one pauses, the second one closes. */
export const flatten = defineCommand({
  name: "flatten",
  aliases: [],
  description: "Propose to close everything: one tap pauses, a second one closes",
  examples: ["flatten", "flatten all", "flatten all foreign"],
  topic: "stopping",
  role: "risk",
  risk: "R2",
  approval: "C",
  schema: z.object({ scope: z.string().default("all"), foreign: z.string().optional() }),
  args: [
    {
      name: "scope",
      description: "all, or the name of the exchange",
      isRequired: false,
      choices: (door) => ["all", door.snapshot().venue],
    },
    {
      name: "foreign",
      description: "foreign: also what is not the desk's",
      isRequired: false,
      choices: () => ["foreign"],
    },
  ],
  async run({ args, actor, door }) {
    const { venue } = door.snapshot();
    const words = [args.scope, args.foreign].flatMap((word) =>
      word === undefined ? [] : [word.toLowerCase()],
    );
    const odd = words.find((word) => word !== "all" && word !== "foreign" && word !== venue);
    if (odd !== undefined) {
      const text = `"${cut(odd, 40)}" is neither all, ${venue} nor foreign; say one of them.`;
      return outcomeReply({ isOk: false, text }, "", "Not proposed");
    }
    const outcome = await door.proposeFlatten(actor, { includesForeign: words.includes("foreign") });
    return outcomeReply(outcome, "Proposed", "Not proposed");
  },
});
