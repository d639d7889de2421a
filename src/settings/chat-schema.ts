import { z } from "zod";
import { choice, platformId, text, whole, yesNo } from "./fields.ts";

const telegramUser = () => platformId(/^\d{1,16}$/, "123456789");
const telegramChat = () => platformId(/^(-?\d{1,16})$/, "-1001234567890");
const snowflake = () => platformId(/^\d{15,20}$/, "1234567890123456789");

/** Emulators for tests and rehearsals listen on this machine only. */
const localAddress = () =>
  text(
    /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}(\/\S*)?$/,
    "only an address of this machine, like http://127.0.0.1:8081",
  );

/** Who may speak with the desk, and where (DESIGN.md section 7: everybody and everything else is refused). */
export const chatSchema = z.strictObject({
  people: z.array(
    z
      .strictObject({
        name: text(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u, "letters, digits, . _ and -, 32 at most"),
        role: choice("viewer", "trader", "risk", "admin"),
        telegramId: telegramUser().optional(),
        discordId: snowflake().optional(),
      })
      .transform((person) => ({ ...person, telegramId: person.telegramId, discordId: person.discordId })),
  ),
  terminal: z.strictObject({ person: text(/^\S+$/, "name one of chat.people") }),
  telegram: z
    .strictObject({
      token: text(
        /^\d{1,16}:[A-Za-z0-9_-]{3,}$/,
        `a bot token of @BotFather looks like 123456789:AA... ; put it into .env as TELEGRAM_BOT_TOKEN and write \${TELEGRAM_BOT_TOKEN} here, or remove the section chat.telegram`,
      ),
      chats: z.array(
        z
          .strictObject({
            id: telegramChat(),
            topic: whole(1, 2 ** 31 - 1).optional(),
            alerts: yesNo(),
            accountData: yesNo().default(false),
          })
          .transform((chat) => ({ ...chat, topic: chat.topic })),
      ),
      apiRoot: localAddress().optional(),
    })
    .transform((telegram) => ({ ...telegram, apiRoot: telegram.apiRoot }))
    .optional(),
  discord: z
    .strictObject({
      token: text(
        /^[A-Za-z0-9._-]{3,}$/,
        `a bot token is letters, digits, points, - and _; put it into .env as DISCORD_BOT_TOKEN and write \${DISCORD_BOT_TOKEN} here, or remove the section chat.discord`,
      ),
      guild: snowflake(),
      channels: z.array(z.strictObject({ id: snowflake(), alerts: yesNo() })),
      apiRoot: localAddress().optional(),
    })
    .transform((discord) => ({ ...discord, apiRoot: discord.apiRoot }))
    .optional(),
});
