import type { ChatSettings } from "../chat/people.ts";
import type { Settings } from "../settings/settings.ts";

/** The chat room's view of the settings. */
export function chatSettings(settings: Settings): ChatSettings {
  const { people, commandsPerMinute, terminal, quietHours, telegram, discord } = settings.chat;
  return {
    commandsPerMinute,
    pictures: people.map(({ name, pictures }) => ({ person: name, theme: pictures })),
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
