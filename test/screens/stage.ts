import { PassThrough } from "node:stream";
import { commands } from "../../commands/index.ts";
import { clockTime } from "../../src/chat/format.ts";
import { openChat, type RunningChat } from "../../src/chat/hub.ts";
import { GridSetups } from "../../src/cli/grid-setup.ts";
import type { Clock } from "../../src/desk/ports.ts";
import { MessagesInMemory } from "../chat/desk.ts";
import { createDiscord, type Discord } from "../emulators/discord/discord.ts";
import { createTelegram, type Telegram } from "../emulators/telegram/telegram.ts";
import { ANN, ANN_ON_DISCORD, ScreensDesk } from "./desk.ts";

const GUILD = "200000000000000001";
export const CHANNEL = "300000000000000001";
const TOKENS = { telegram: "7000000001:AAscreens_0123456789", discord: "screens.discord.0123456789" };
/** Waits up to this long are the platforms' own and pass in real time; longer ones are the story's. */
const REAL_MS_MOST = 30_000;
const LOOSE = { critical: 1e6, loud: 1e6, reply: 1e6, edit: 1e6, info: 1e6 };

/** A desk and its chat on both emulated platforms. */
export interface Stage {
  readonly desk: ScreensDesk;
  readonly chat: RunningChat;
  readonly telegram: Telegram;
  readonly discord: Discord;
  /** The story's time of day, as phones show it. */
  time(): string;
  /** Waits until both platforms have got all that there is to tell. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** Raises the curtain: the desk trades, both platforms listen. */
export async function openStage(settingsFile: string | undefined, folder: string): Promise<Stage> {
  const desk = await ScreensDesk.open();
  const telegram = await createTelegram({ token: TOKENS.telegram, users: [ANN], flood: "off" });
  const discord = await createDiscord({
    token: TOKENS.discord,
    users: [ANN_ON_DISCORD],
    guilds: [{ id: GUILD, name: "desk" }],
    channels: [{ id: CHANNEL, name: "desk", guild: GUILD }],
    rates: "off",
  });
  const { timeline } = desk;
  const clock: Clock = {
    now: () => timeline.now,
    monotonic: () => performance.now(),
    after: (ms, call) => {
      if (ms > REAL_MS_MOST) return timeline.after(ms, call);
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
  const chat = await openChat({
    settings: {
      commandsPerMinute: 600,
      terminal: { person: "ann" },
      telegram: {
        token: TOKENS.telegram,
        chats: [{ id: ANN.id, alerts: true, accountData: true }],
        apiRoot: telegram.apiRoot,
      },
      discord: {
        token: TOKENS.discord,
        guild: GUILD,
        channels: [{ id: CHANNEL, alerts: true }],
        apiBase: discord.api,
      },
    },
    registry: commands,
    setup: new GridSetups({ configFile: settingsFile, cwd: folder, env: {}, overrides: {} }, () => undefined),
    door: desk.door,
    messages: new MessagesInMemory(),
    log: () => undefined,
    audit: () => undefined,
    clock,
    version: "0.1.0",
    terminal: { input: new PassThrough(), output: new PassThrough().resume() },
    tuning: {
      telegram: {
        pace: { roomPerSecond: 1e3, roomBurst: 1e3, groupPerMinute: LOOSE, totalPerSecond: 1e5 },
        pollSeconds: 1,
        ackMs: 10_000,
      },
    },
  });
  desk.chat = chat;
  await chat.start();
  const calls = (): number => telegram.calls.length + discord.calls.length;
  const quiet = async (): Promise<void> => {
    for (let still = 0, before = calls(); still < 8; before = calls()) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      still = calls() === before ? still + 1 : 0;
    }
  };
  await discord.journal.see(({ route }) => route.startsWith("PUT"), 10_000);
  await quiet();
  return {
    desk,
    chat,
    telegram,
    discord,
    time: () => clockTime(timeline.now).slice(0, 5),
    quiet,
    close: async () => {
      desk.chat = undefined;
      await chat.stop(500);
      await Promise.all([telegram.close(), discord.close()]);
    },
  };
}
