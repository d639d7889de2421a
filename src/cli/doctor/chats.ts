import { type ChatFinding, probeDiscord, probeTelegram } from "../../chat/probe.ts";
import type { Settings } from "../../settings/settings.ts";
import { chatSettings } from "../chat-settings.ts";
import { about, checked, type Finding } from "./finding.ts";

/** Telegram and Discord: tokens, chats, guild and channels. Nothing is sent to anybody. */
export async function chats(settings: Settings): Promise<readonly Finding[]> {
  const { telegram, discord } = chatSettings(settings);
  const found = await Promise.all([
    telegram === undefined
      ? [about("telegram").ok("not set up.")]
      : checked("telegram", async () => findings("telegram", await probeTelegram(telegram))),
    discord === undefined
      ? [about("discord").ok("not set up.")]
      : checked("discord", async () => findings("discord", await probeDiscord(discord))),
  ]);
  return found.flat();
}

const findings = (name: string, found: readonly ChatFinding[]): readonly Finding[] =>
  found.map(({ isOk, text }) => (isOk ? about(name).ok(text) : about(name).mend(text)));
