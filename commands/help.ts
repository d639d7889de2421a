import { z } from "zod";
import { type AnyCommand, defineCommand, TOPICS, type Topic } from "../src/chat/command.ts";
import type { Reply } from "../src/chat/reply.ts";
import { nearest } from "../src/core/nearest.ts";
import { hasRole } from "../src/core/proposal.ts";

const MEANING = {
  R0: "only reads",
  R1: "only reduces activity",
  R2: "reduces risk, at a cost",
  R3: "allows more risk",
  R4: "affects the whole account",
} as const;

const APPROVAL = {
  none: "",
  C: " A card asks first; whoever asked may approve it.",
  P: " A card asks first; another person approves it where there is one.",
  "2P": " A card asks first; two people have to agree.",
} as const;

/** Lists what the caller may use, or explains one command. */
export const help = defineCommand({
  name: "help",
  aliases: ["start"],
  description: "What you can do here, all of one topic, or how one command works",
  examples: ["help", "help closing", "help close"],
  topic: "desk",
  role: "viewer",
  risk: "R0",
  approval: "none",
  schema: z.object({ command: z.string().optional() }),
  args: [
    {
      name: "command",
      description: "The topic or command to explain",
      isRequired: false,
      choices: (_, context) => [...topicsOf(context.commands), ...context.commands.map(({ name }) => name)],
    },
  ],
  async run({ args, actor, commands }) {
    const mine = commands.filter((command) => hasRole(actor.role, command.role));
    if (args.command === undefined) return list(mine, actor.person, actor.role);
    const wanted = args.command.replace(/^\//, "").toLowerCase();
    const command = mine.find((each) => each.name === wanted || each.aliases.includes(wanted));
    if (command !== undefined) return explain(command);
    const topic = topicsOf(mine).find((each) => each === wanted);
    if (topic !== undefined) return about(topic, mine);
    return {
      title: "Not found",
      tone: "warning",
      lines: [`command "${wanted}" is none of yours, nor a topic; ${mendOf(wanted, mine)}`],
      isPrivate: true,
    };
  },
});

function mendOf(wanted: string, mine: readonly AnyCommand[]): string {
  const near = nearest(wanted, [...topicsOf(mine), ...mine.map(({ name }) => name)]);
  return near === undefined ? "/help lists both." : `did you mean /help ${near}? /help lists both.`;
}

/** Topics of which somebody may use a command, in their order. */
const topicsOf = (commands: readonly AnyCommand[]): readonly Topic[] =>
  (Object.keys(TOPICS) as Topic[]).filter((topic) => commands.some((each) => each.topic === topic));

const of = (topic: Topic, commands: readonly AnyCommand[]): readonly AnyCommand[] =>
  commands.filter((each) => each.topic === topic);

/** With the word that /help takes, where it is another one. */
const labelOf = (topic: Topic): string =>
  TOPICS[topic].toLowerCase() === topic ? TOPICS[topic] : `${TOPICS[topic]} (${topic})`;

/** One screen of a phone: the names by topic. */
function list(mine: readonly AnyCommand[], person: string, role: string): Reply {
  return {
    title: "What you can do",
    tone: "plain",
    lines: [],
    fields: topicsOf(mine).map((topic) => ({
      label: labelOf(topic),
      text: of(topic, mine)
        .map(({ name }) => `/${name}`)
        .join(" "),
    })),
    footer: `You are ${person}, ${role}. /help closing says what the commands of that topic do, /help close all about one.`,
    isPrivate: true,
  };
}

/** The commands of one topic, a line each. */
function about(topic: Topic, mine: readonly AnyCommand[]): Reply {
  return {
    title: TOPICS[topic],
    tone: "plain",
    lines: of(topic, mine).map(({ name, description }) => `/${name} - ${description}`),
    footer: "/help close tells all about one command.",
    isPrivate: true,
  };
}

function explain(command: AnyCommand): Reply {
  const usage = command.args.map((each) => (each.isRequired ? each.name : `[${each.name}]`)).join(" ");
  return {
    title: `/${command.name} ${usage}`.trim(),
    tone: "plain",
    lines: [
      `${command.description}.`,
      ...command.args.map(
        (each) => `${each.name}: ${each.description}${each.isRequired ? "" : " (may be left out)"}`,
      ),
      ...(command.aliases.length === 0
        ? []
        : [`Also: ${command.aliases.map((alias) => `/${alias}`).join(", ")}`]),
      ...command.examples.map((example) => `Example: /${example}`),
    ],
    footer: `For ${command.role} and above; it ${MEANING[command.risk]}.${APPROVAL[command.approval]}`,
    isPrivate: true,
  };
}
