import { z } from "zod";
import { about, standing } from "./about.ts";
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

/** Hours and minutes of a day. */
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** A name of the time zone database that this machine knows. */
const timeZone = () =>
  text(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/, ZONE_MEND).refine((name) => {
    try {
      new Intl.DateTimeFormat("en-GB", { timeZone: name });
      return true;
    } catch {
      return false;
    }
  }, ZONE_MEND);
const ZONE_MEND = "write a time zone such as Europe/Zurich, America/New_York or UTC";

/** Who may speak with the desk, and where (DESIGN.md section 7: everybody and everything else is refused). */
export const chatSchema = z.strictObject({
  people: z.array(
    z
      .strictObject({
        name: about(text(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u, "letters, digits, . _ and -, 32 at most"), {
          range: "letters, digits, `.`, `_`, `-`, 32 at most",
          help: "A person's name, as it stands on cards and in the ledger.",
        }),
        role: about(choice("viewer", "trader", "risk", "admin"), {
          help: "What this person may do; each role may do what the ones before it may.",
        }),
        telegramId: about(telegramUser().optional(), {
          range: "a user id",
          help: "This person's Telegram account.",
        }),
        discordId: about(snowflake().optional(), {
          range: "a user id, in quotes",
          help: "This person's Discord account.",
        }),
        pictures: standing(choice("dark", "light"), "dark", {
          help: "How charts look that this person asks for; a word in the command says otherwise once.",
        }),
      })
      .transform((person) => ({ ...person, telegramId: person.telegramId, discordId: person.discordId })),
  ),
  newPeople: about(choice("none", "viewer", "trader", "risk", "admin"), {
    help: "The most that `/grant` gives to somebody who is not in `chat.people`; `none`: chat lets nobody in.",
  }),
  commandsPerMinute: about(whole(5, 600), {
    unit: "commands",
    help: "How many commands a minute one person has; so many at once, too. What stops or closes always gets through.",
  }),
  terminal: z.strictObject({
    person: about(text(/^\S+$/, "name one of chat.people"), {
      range: "one of `chat.people`",
      help: "Who sits at the terminal.",
    }),
  }),
  quietHours: z
    .strictObject({
      from: about(text(TIME, 'write hours and minutes, e.g. "22:00" with the quotes'), {
        range: "`HH:MM`, in quotes",
        help: "From then on HIGH makes no sound, and what nobody has seen of it comes again without one. EXTREME and CRITICAL always sound.",
      }),
      to: about(text(TIME, 'write hours and minutes, e.g. "07:00" with the quotes'), {
        range: "`HH:MM`, in quotes",
        help: "Until then; may lie on the next day.",
      }),
      timeZone: about(timeZone(), {
        range: "a time zone",
        help: "Whose hours these are, e.g. `Europe/Zurich`.",
      }),
    })
    .optional(),
  telegram: z
    .strictObject({
      token: about(
        text(
          /^\d{1,16}:[A-Za-z0-9_-]{3,}$/,
          `a bot token of @BotFather looks like 123456789:AA... ; put it into .env as TELEGRAM_BOT_TOKEN and write \${TELEGRAM_BOT_TOKEN} here, or remove the section chat.telegram`,
        ),
        { range: "a bot token", help: `From BotFather, as \`"\${TELEGRAM_BOT_TOKEN}"\`.` },
      ),
      chats: z.array(
        z
          .strictObject({
            id: about(telegramChat(), {
              range: "a chat id",
              help: "Where the desk listens and shows cards.",
            }),
            topic: about(whole(1, 2 ** 31 - 1).optional(), { help: "Only this topic of a forum." }),
            alerts: about(yesNo(), { help: "Whether alerts are shown here." }),
            accountData: standing(yesNo(), "false", {
              help: "Whether answers with money are given here to all; otherwise the asker gets them in private.",
            }),
          })
          .transform((chat) => ({ ...chat, topic: chat.topic })),
      ),
      apiRoot: about(localAddress().optional(), {
        range: "an address of this machine",
        help: "Another Bot API for rehearsals, in `sim` only.",
      }),
    })
    .transform((telegram) => ({ ...telegram, apiRoot: telegram.apiRoot }))
    .optional(),
  discord: z
    .strictObject({
      token: about(
        text(
          /^[A-Za-z0-9._-]{3,}$/,
          `a bot token is letters, digits, points, - and _; put it into .env as DISCORD_BOT_TOKEN and write \${DISCORD_BOT_TOKEN} here, or remove the section chat.discord`,
        ),
        { range: "a bot token", help: `From the developer portal, as \`"\${DISCORD_BOT_TOKEN}"\`.` },
      ),
      guild: about(snowflake(), {
        range: "a server id, in quotes",
        help: "The one server the bot stays in.",
      }),
      channels: z.array(
        z.strictObject({
          id: about(snowflake(), {
            range: "a channel id, in quotes",
            help: "Where the desk listens and shows cards.",
          }),
          alerts: about(yesNo(), { help: "Whether alerts are shown here." }),
        }),
      ),
      apiRoot: about(localAddress().optional(), {
        range: "an address of this machine",
        help: "Another REST API for rehearsals, in `sim` only.",
      }),
    })
    .transform((discord) => ({ ...discord, apiRoot: discord.apiRoot }))
    .optional(),
});
