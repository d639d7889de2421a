import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import { commands } from "../../commands/index.ts";
import { type ChatOptions, type ChatTuning, openChat, type RunningChat } from "../../src/chat/hub.ts";
import type { ChatSettings } from "../../src/chat/people.ts";
import type { Clock } from "../../src/desk/ports.ts";
import { createDiscord, type Discord, type DiscordOptions } from "../emulators/discord/discord.ts";
import { createTelegram, type Telegram, type TelegramOptions } from "../emulators/telegram/telegram.ts";
import { DeskOfOneCard, MessagesInMemory, machineClock } from "./desk.ts";

export const TELEGRAM_TOKEN = "7000000001:AAsecret-telegram-marker_0123456789";
const DISCORD_TOKEN = "secret.discord.marker-0123456789";

export const ann = { id: 501, name: "Ann" };
export const bob = { id: 502, name: "Bob" };
export const eve = { id: 666, name: "Eve" };
export const GROUP = -42;
export const annOnDiscord = { id: "400000000000000001", name: "Ann" };
export const bobOnDiscord = { id: "400000000000000002", name: "Bob" };
export const eveOnDiscord = { id: "400000000000000666", name: "Eve" };
const GUILD = "200000000000000001";
export const CHANNEL = "300000000000000001";
export const OTHER_CHANNEL = "300000000000000002";

const FAST: ChatTuning = {
  telegram: {
    pace: {
      roomPerSecond: 1_000,
      roomBurst: 1_000,
      groupPerMinute: { critical: 1e6, loud: 1e6, reply: 1e6, edit: 1e6, info: 1e6 },
      totalPerSecond: 100_000,
    },
    pollSeconds: 1,
    staleMs: 1_500,
    callMs: 400,
    backoffMsMin: 20,
    backoffMsMax: 100,
    ackMs: 300,
  },
  discord: { callMs: 400, backoffMsMin: 20, backoffMsMax: 100, staleMs: 3_000 },
};

/** A running chat with its platforms and the desk behind it. */
export interface World {
  readonly chat: RunningChat;
  readonly desk: DeskOfOneCard;
  readonly telegram: Telegram;
  readonly discord: Discord;
  readonly messages: MessagesInMemory;
  readonly options: ChatOptions;
  readonly log: string[];
  readonly ledger: Readonly<Record<string, unknown>>[];
  /** All that was printed on the terminal. */
  readonly printed: () => string;
  close(): Promise<void>;
}

/** What differs from the usual world. */
export interface WorldOptions {
  readonly telegram?: Partial<TelegramOptions> | false;
  readonly discord?: Partial<DiscordOptions> | false;
  readonly chats?: NonNullable<ChatSettings["telegram"]>["chats"];
  /** Whether Discord's channel shows alerts; usually it does. */
  readonly isDiscordLoud?: boolean;
  readonly telegramToken?: string;
  readonly discordToken?: string;
  readonly tuning?: ChatTuning;
  readonly messages?: MessagesInMemory;
  readonly clock?: Clock;
  /** Secrets of people's authenticators. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** Called when the platforms stand, before the chat starts. */
  readonly beforeStart?: (platforms: { readonly telegram: Telegram; readonly discord: Discord }) => void;
}

/** Builds both platforms, a desk, and the chat between them, and waits until it listens. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const telegram = await createTelegram({
    token: TELEGRAM_TOKEN,
    users: [ann, bob, eve],
    chats: [
      { id: GROUP, title: "desk" },
      { id: -99, title: "elsewhere" },
    ],
    flood: "off",
    ...(options.telegram === false ? {} : options.telegram),
  });
  const discord = await createDiscord({
    token: DISCORD_TOKEN,
    users: [annOnDiscord, bobOnDiscord, eveOnDiscord],
    guilds: [
      { id: GUILD, name: "desk" },
      { id: "200000000000000009", name: "elsewhere", hasBot: false },
    ],
    channels: [
      { id: CHANNEL, name: "desk", guild: GUILD },
      { id: OTHER_CHANNEL, name: "lounge", guild: GUILD },
    ],
    rates: "off",
    ...(options.discord === false ? {} : options.discord),
  });
  const desk = new DeskOfOneCard(machineClock);
  const messages = options.messages ?? new MessagesInMemory();
  const log: string[] = [];
  const ledger: Readonly<Record<string, unknown>>[] = [];
  const output = new PassThrough();
  let printed = "";
  output.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const tuning = {
    ...options.tuning,
    telegram: { ...FAST.telegram, ...options.tuning?.telegram },
    discord: { ...FAST.discord, ...options.tuning?.discord },
  };
  const chatOptions: ChatOptions = {
    settings: {
      commandsPerMinute: 600,
      terminal: { person: "alice" },
      ...(options.telegram === false
        ? {}
        : {
            telegram: {
              token: options.telegramToken ?? TELEGRAM_TOKEN,
              chats: options.chats ?? [{ id: GROUP, alerts: true }],
              apiRoot: telegram.apiRoot,
            },
          }),
      ...(options.discord === false
        ? {}
        : {
            discord: {
              token: options.discordToken ?? DISCORD_TOKEN,
              guild: GUILD,
              channels: [{ id: CHANNEL, alerts: options.isDiscordLoud ?? true }],
              apiBase: discord.api,
            },
          }),
    },
    registry: commands,
    door: desk,
    totpSecret: (person) => options.secrets?.get(person),
    messages,
    log: (level, text) => log.push(`${level} ${text}`),
    audit: (kind, actor, body) => ledger.push({ kind, actor, ...body }),
    clock: options.clock ?? machineClock,
    version: "0.1.0",
    terminal: { input: new PassThrough(), output },
    tuning,
  };
  const chat = await openChat(chatOptions);
  desk.chat = chat;
  options.beforeStart?.({ telegram, discord });
  await chat.start();
  return {
    chat,
    desk,
    telegram,
    discord,
    messages,
    options: chatOptions,
    log,
    ledger,
    printed: () => printed,
    async close() {
      await chat.stop(200);
      await Promise.all([telegram.close(), discord.close()]);
    },
  };
}

/** The world of one test: it ends with it. */
export async function openForTest(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(options);
  onTestFinished(() => world.close());
  return world;
}

/** The same, once both platforms are listened to. */
export async function openListening(options: WorldOptions = {}): Promise<World> {
  const world = await openForTest(options);
  const { telegram, discord } = world;
  await until(() => telegram.calls.some(({ method }) => method === "setMyCommands"), "Telegram listens");
  await until(() => discord.calls.some(({ route }) => route.startsWith("PUT")), "Discord listens");
  return world;
}

/** Waits until something holds; real sockets take a few milliseconds. */
export async function until(holds: () => boolean, what: string, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The texts of the messages that the bot has in a Telegram chat. */
export function textsIn(world: World, chat: number): string[] {
  return world.telegram
    .messages(chat)
    .filter((message) => message.from?.id === world.telegram.bot.id)
    .map((message) => ("text" in message ? message.text : ""));
}
