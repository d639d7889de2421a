import { z } from "zod";
import type { AlertDesk, Notice, NoticeWay, OwnWay } from "../src/chat/alert-desk.ts";
import { ALERT_KINDS } from "../src/chat/alert-kinds.ts";
import { defineCommand } from "../src/chat/command.ts";
import type { Reply } from "../src/chat/reply.ts";
import { nearest } from "../src/core/nearest.ts";
import { hasRole } from "../src/core/proposal.ts";

const WAYS = ["on", "silent", "digest", "off"] as const satisfies readonly NoticeWay[];
const OWN_WAYS = [...WAYS, "room"] as const satisfies readonly OwnWay[];
const WHOSE = ["all", "me"] as const;
/** What only a person's own messages go by. */
const FOR_ME = ["high", "extreme", "critical", "all"];

const MEANING: Readonly<Record<NoticeWay, string>> = {
  on: "come at once",
  silent: "come at once, without a sound; HIGH too",
  digest: "come together once an hour",
  off: "do not come; HIGH comes without a sound",
};
const OWN_MEANING: Readonly<Record<OwnWay, string>> = {
  on: "come to your private chat as well, at once",
  silent: "come to your private chat as well, without a sound",
  digest: "come to your private chat as well, together once an hour",
  off: "don't come to you in private",
  room: "come to you in the rooms only",
};
/** Levels, for which off means more. */
const URGENT = ["extreme", "critical"];

/** Shows or sets which kinds of messages come how: in the rooms, for all, or to the caller's private chat. */
export const notify = defineCommand({
  name: "notify",
  aliases: [],
  description: "Which messages come: on, silent, digest or off; for all or for me",
  examples: ["notify", "notify trades digest", "notify heartbeat off", "notify critical on me"],
  topic: "notices",
  role: "viewer",
  risk: "R1",
  approval: "none",
  schema: z.object({
    kind: z
      .string()
      .regex(/^[a-z][a-z-]{0,31}$/, "A kind is a word such as trades or heartbeat: /notify lists them.")
      .optional(),
    way: z.enum(OWN_WAYS, { error: `How they come is one of ${OWN_WAYS.join(", ")}.` }).optional(),
    whose: z.enum(WHOSE, { error: "Whose messages: all (the rooms) or me (your private chat)." }).optional(),
  }),
  args: [
    {
      name: "kind",
      description: "Which messages, e.g. trades; for me also a level or all",
      isRequired: false,
      choices: (_, { alerts }) => {
        const came = cameOf(alerts).map(({ kind }) => kind);
        return [...came, ...FOR_ME, ...ALERT_KINDS.filter((kind) => !came.includes(kind))];
      },
    },
    { name: "way", description: OWN_WAYS.join(", "), isRequired: false, choices: () => OWN_WAYS },
    {
      name: "whose",
      description: "all: the rooms; me: your private chat",
      isRequired: false,
      choices: () => WHOSE,
    },
  ],
  async run({ args: { kind, way, whose = "all" }, actor, alerts }) {
    if (kind === undefined) return list(alerts, actor.person);
    if (!ALERT_KINDS.includes(kind) && !FOR_ME.includes(kind)) return unknown(kind);
    if (way === undefined) return one(kind, alerts, actor.person);
    if (whose === "me") {
      const { isOk, text } = alerts.chooseOwn({ kind, way }, actor.person);
      if (!isOk) return { title: "Not done", tone: "warning", lines: [text], isPrivate: true };
      return { title: "Done", tone: "good", lines: [ownSentence(kind, way)] };
    }
    if (!hasRole(actor.role, "trader"))
      return refused(`What comes to the rooms is for traders to say; you are ${actor.role}.`, kind, way);
    if (FOR_ME.includes(kind))
      return refused(`What comes to the rooms goes by kind; ${kind} is for a private chat.`, kind, way);
    if (way === "room") return refused("What comes to the rooms is on, silent, digest or off.", kind, way);
    alerts.choose({ kind, way }, actor.person);
    return { title: "Done", tone: "good", lines: [sentence(kind, way), ALWAYS] };
  },
});

function unknown(kind: string): Reply {
  const near = nearest(kind, [...ALERT_KINDS, ...FOR_ME]);
  const mend =
    near === undefined ? "/notify lists them all." : `did you mean ${near}? /notify lists them all.`;
  return {
    title: "Not done",
    tone: "warning",
    lines: [`kind "${kind}" is none: ${mend}`],
    isPrivate: true,
  };
}

const ALWAYS = "EXTREME and CRITICAL always come at once and sound.";

const sentence = (kind: string, way: NoticeWay): string => `Messages of ${kind} ${MEANING[way]}.`;

function ownSentence(kind: string, way: OwnWay): string {
  const asked =
    way === "off" && URGENT.includes(kind) ? ", and you are not asked when nobody sees to one" : "";
  return `${kind === "all" ? "All messages" : `Messages of ${kind}`} ${OWN_MEANING[way]}${asked}.`;
}

const refused = (why: string, kind: string, way: OwnWay): Reply => ({
  title: "Not done",
  tone: "warning",
  lines: [why, `For your private chat alone: /notify ${kind} ${way} me`],
  isPrivate: true,
});

function one(kind: string, alerts: AlertDesk, person: string): Reply {
  const notice = alerts.notices().find((each) => each.kind === kind);
  const own = alerts.own(person).find((each) => each.kind === kind);
  return {
    title: kind,
    tone: "plain",
    lines: [
      notice === undefined ? `No message of the kind ${kind} came so far.` : sentence(kind, notice.way),
      ...(own === undefined ? [] : [ownSentence(kind, own.way)]),
    ],
  };
}

/** Kinds that came or were chosen about; what was chosen under another name before names were checked is none. */
const cameOf = (alerts: AlertDesk): readonly Notice[] =>
  alerts.notices().filter(({ kind }) => ALERT_KINDS.includes(kind));

function list(alerts: AlertDesk, person: string): Reply {
  const notices = cameOf(alerts);
  const own = alerts.own(person);
  const others = ALERT_KINDS.filter((each) => notices.every(({ kind }) => kind !== each));
  return {
    title: "Messages and how they come",
    tone: "plain",
    lines: [
      ...(notices.length === 0
        ? ["No message came so far."]
        : notices.map(({ kind, way }) => `${kind}: ${way}`)),
      ...own.map(({ kind, way }) => `To you alone, ${kind}: ${way}`),
      `None came so far of: ${others.join(", ")}.`,
    ],
    footer: `/notify KIND and one of ${WAYS.join(", ")}. ${ALWAYS} For your private chat: /notify KIND WAY me, where KIND may be high, extreme, critical or all, and WAY room takes it back.`,
  };
}
