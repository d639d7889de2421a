import { z } from "zod";
import type { NoticeWay } from "../src/chat/alert-desk.ts";
import { defineCommand } from "../src/chat/command.ts";
import type { Reply } from "../src/chat/reply.ts";

const WAYS = ["on", "silent", "digest", "off"] as const satisfies readonly NoticeWay[];

const MEANING: Readonly<Record<NoticeWay, string>> = {
  on: "come at once",
  silent: "come at once, without a sound; HIGH too",
  digest: "come together once an hour",
  off: "do not come; HIGH comes without a sound",
};

/** Shows or sets which kinds of messages come how. EXTREME and CRITICAL always come at once and sound. */
export const notify = defineCommand({
  name: "notify",
  aliases: [],
  description: "Which messages come: on, silent, digest or off",
  examples: ["notify", "notify trades digest", "notify heartbeat off"],
  role: "trader",
  risk: "R1",
  approval: "none",
  schema: z.object({
    kind: z
      .string()
      .regex(/^[a-z][a-z-]{0,31}$/, "A kind is a word such as trades or heartbeat: /notify lists them.")
      .optional(),
    way: z.enum(WAYS, { error: `How they come is one of ${WAYS.join(", ")}.` }).optional(),
  }),
  args: [
    {
      name: "kind",
      description: "Which messages, e.g. trades",
      isRequired: false,
      choices: (_, { alerts }) => alerts.notices().map(({ kind }) => kind),
    },
    { name: "way", description: "on, silent, digest or off", isRequired: false, choices: () => WAYS },
  ],
  async run({ args: { kind, way }, actor, alerts }) {
    if (kind === undefined) return list(alerts.notices());
    const notice = alerts.notices().find((each) => each.kind === kind);
    if (way === undefined) {
      const text =
        notice === undefined ? `No message of the kind ${kind} came so far.` : sentence(kind, notice.way);
      return { title: kind, tone: "plain", lines: [text] };
    }
    alerts.choose({ kind, way }, actor.person);
    return { title: "Done", tone: "good", lines: [sentence(kind, way), ALWAYS] };
  },
});

const ALWAYS = "EXTREME and CRITICAL always come at once and sound.";

const sentence = (kind: string, way: NoticeWay): string => `Messages of ${kind} ${MEANING[way]}.`;

function list(notices: readonly { readonly kind: string; readonly way: NoticeWay }[]): Reply {
  return {
    title: "Messages and how they come",
    tone: "plain",
    lines:
      notices.length === 0 ? ["No message came so far."] : notices.map(({ kind, way }) => `${kind}: ${way}`),
    footer: `/notify KIND and one of ${WAYS.join(", ")}. ${ALWAYS}`,
  };
}
