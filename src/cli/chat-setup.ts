import { openDiscordBot } from "../chat/first-run/discord.ts";
import { FirstRun, type FoundChat, type SetupBot } from "../chat/first-run/first-run.ts";
import { openTelegramBot } from "../chat/first-run/telegram.ts";
import type { ChatLog } from "../chat/log.ts";
import type { Clock } from "../desk/ports.ts";
import type { Environment } from "../settings/environment.ts";
import type { Tree } from "../settings/path.ts";
import type { OpenTerminal } from "./dialogue.ts";

/** What setting a chat up stands on. */
export interface ChatSetupParts {
  readonly terminal: OpenTerminal;
  readonly clock: Clock;
  /** With what `.env` says. */
  readonly env: Environment;
  /** Other servers than the platforms' own, for tests. */
  readonly apis: { readonly telegram?: string; readonly discord?: string };
  readonly log: ChatLog;
}

/** What was found out: the section `chat` of the settings, and the tokens that `.env` needs. */
export interface ChatAnswers {
  readonly chat: Tree | undefined;
  readonly variables: ReadonlyMap<string, string>;
}

type Platform = "telegram" | "discord";

/** What differs between the platforms at the terminal. */
const PLATFORMS = {
  telegram: {
    name: "Telegram",
    variable: "TELEGRAM_BOT_TOKEN",
    form: /^\d{1,16}:[A-Za-z0-9_-]{3,}$/,
    from: "write to @BotFather, send /newbot, answer its two questions",
    noToken: "That is no bot token: @BotFather's look like 123456789:AA..., copy all of it.",
  },
  discord: {
    name: "Discord",
    variable: "DISCORD_BOT_TOKEN",
    form: /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/,
    from: "discord.com/developers/applications, New Application, Bot, Reset Token",
    noToken: "That is no bot token: it has three parts with points between them, copy all of it.",
  },
} as const;

const PERSON = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u;
const WAIT = "Waiting for it; type skip to leave the chat out. ";

/** Asks whether there is to be a chat, and finds out with whom and where. Resolves undefined when the person left. */
export async function setUpChat(parts: ChatSetupParts): Promise<ChatAnswers | undefined> {
  const { terminal } = parts;
  const wanted = await asked(
    terminal,
    "Set up a chat now (telegram, discord, both, none)? [none] ",
    (text) => CHOICES[text === "" ? "none" : text.toLowerCase()],
    "Write telegram, discord, both or none.",
  );
  if (wanted === undefined) return undefined;
  const variables = new Map<string, string>();
  if (wanted.length === 0) return { chat: undefined, variables };
  const name = await asked(
    terminal,
    "What are you called on cards and in the ledger? [operator] ",
    (text) => (text === "" ? "operator" : PERSON.test(text) ? text : undefined),
    "A name is letters, digits, . _ and -, 32 at most.",
  );
  if (name === undefined) return undefined;
  const found = new Map<Platform, FoundChat>();
  for (const platform of wanted) {
    const answer = await onPlatform(platform, parts, variables);
    if (answer === "left") return undefined;
    if (answer !== "skipped") found.set(platform, answer);
  }
  return { chat: found.size === 0 ? undefined : sectionOf(name, found), variables };
}

const CHOICES: Readonly<Record<string, readonly Platform[]>> = {
  none: [],
  telegram: ["telegram"],
  discord: ["discord"],
  both: ["telegram", "discord"],
};

/** A question until its answer can be read; undefined: the person left. */
async function asked<T>(
  terminal: OpenTerminal,
  question: string,
  read: (text: string) => T | undefined,
  mistake: string,
): Promise<T | undefined> {
  for (;;) {
    const typed = await terminal.ask(question);
    if (typed === undefined) return undefined;
    const answer = read(typed.trim());
    if (answer !== undefined) return answer;
    terminal.say(mistake);
  }
}

async function onPlatform(
  platform: Platform,
  parts: ChatSetupParts,
  variables: Map<string, string>,
): Promise<FoundChat | "left" | "skipped"> {
  const { terminal, clock, log } = parts;
  const bot = await openBot(platform, parts, variables);
  if (typeof bot === "string") return bot;
  terminal.say(`The token is right: the bot is ${bot.name}.`);
  const run = new FirstRun({ bot, clock, log, say: (text) => terminal.say(text) });
  run.start();
  try {
    const found = await Promise.race([run.found, untilSkipped(terminal)]);
    if (typeof found === "string") variables.delete(PLATFORMS[platform].variable);
    return found;
  } finally {
    run.stop();
    await bot.close();
  }
}

/** Asks for a token until it is a bot's. */
async function openBot(
  platform: Platform,
  { terminal, clock, log, env, apis }: ChatSetupParts,
  variables: Map<string, string>,
): Promise<SetupBot | "left" | "skipped"> {
  const { name, variable, form, from, noToken } = PLATFORMS[platform];
  let kept = env[variable] ?? "";
  for (;;) {
    const offer = kept === "" ? "none" : "the one in .env";
    terminal.say(
      `${name}: a bot's token comes from there: ${from}. It goes into .env; none leaves ${name} out.`,
    );
    const typed = await terminal.ask(`Token of the ${name} bot? [${offer}] `, true);
    if (typed === undefined) return "left";
    const token = typed.trim() === "" ? kept : typed.trim();
    if (token === "" || token === "none") return "skipped";
    if (!form.test(token)) {
      terminal.say(noToken);
      kept = "";
      continue;
    }
    const { telegram, discord } = apis;
    const bot =
      platform === "telegram"
        ? await openTelegramBot({ token, clock, apiRoot: telegram })
        : await openDiscordBot({ token, log, apiBase: discord });
    if (typeof bot !== "string") {
      if (token !== env[variable]) variables.set(variable, token);
      return bot;
    }
    terminal.say(bot);
  }
}

/** Settles when the person would rather go on without, or left. */
async function untilSkipped(terminal: OpenTerminal): Promise<"left" | "skipped"> {
  for (;;) {
    const typed = await terminal.ask(WAIT);
    if (typed === undefined) return "left";
    if (typed.trim().toLowerCase() === "skip") return "skipped";
  }
}

function sectionOf(name: string, found: ReadonlyMap<Platform, FoundChat>): Tree {
  const telegram = found.get("telegram");
  const discord = found.get("discord");
  return {
    people: [
      {
        name,
        role: "admin",
        ...(telegram === undefined ? {} : { telegramId: telegram.account }),
        ...(discord === undefined ? {} : { discordId: discord.account }),
      },
    ],
    terminal: { person: name },
    ...(telegram === undefined ? {} : { telegram: telegramSection(telegram) }),
    ...(discord === undefined ? {} : { discord: discordSection(discord) }),
  };
}

const telegramSection = ({ place: { id, topic } }: FoundChat): Tree => ({
  token: `\${${PLATFORMS.telegram.variable}}`,
  chats: [{ id, ...(topic === undefined ? {} : { topic }), alerts: true }],
});

const discordSection = ({ place: { id, guild } }: FoundChat): Tree => ({
  token: `\${${PLATFORMS.discord.variable}}`,
  guild,
  channels: [{ id, alerts: true }],
});
