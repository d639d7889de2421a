import type { ChatSettings } from "../chat/people.ts";
import type { Settings } from "../settings/settings.ts";

/** The chat room's view of the settings. */
export function chatSettings(settings: Settings): ChatSettings {
  const { people, terminal, quietHours, telegram, discord } = settings.chat;
  return {
    people: people.map(({ name, role, telegramId, discordId, pictures }) => ({
      name,
      role,
      pictures,
      ...(telegramId === undefined ? {} : { telegramId: Number(telegramId) }),
      ...(discordId === undefined ? {} : { discordId }),
    })),
    terminal,
    ...(quietHours === undefined ? {} : { quietHours }),
    ...(telegram === undefined
      ? {}
      : {
          telegram: {
            token: telegram.token,
            chats: telegram.chats.map(({ id, topic, alerts, accountData }) => ({
              id: Number(id),
              alerts,
              accountData,
              ...(topic === undefined ? {} : { topic }),
            })),
            ...(telegram.apiRoot === undefined ? {} : { apiRoot: telegram.apiRoot }),
          },
        }),
    ...(discord === undefined
      ? {}
      : {
          discord: {
            token: discord.token,
            guild: discord.guild,
            channels: discord.channels,
            ...(discord.apiRoot === undefined ? {} : { apiBase: discord.apiRoot }),
          },
        }),
  };
}
