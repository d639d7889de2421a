import { DiscordApi } from "./discord/api.ts";
import { redactor } from "./log.ts";
import type { DiscordSettings, TelegramSettings } from "./people.ts";
import { TelegramApi } from "./telegram/api.ts";

/** What was found of a chat platform: all well, or one sentence on what to mend. */
export interface ChatFinding {
  readonly isOk: boolean;
  readonly text: string;
}

const CALL_MS = 10_000;

const good = (text: string): ChatFinding => ({ isOk: true, text });
const bad = (text: string): ChatFinding => ({ isOk: false, text });

/** Asks Telegram who the bot is, and whether it can see each chat that the settings name. Sends nothing. Never rejects. */
export async function probeTelegram(settings: TelegramSettings): Promise<readonly ChatFinding[]> {
  const api = new TelegramApi({
    token: settings.token,
    apiRoot: settings.apiRoot,
    redact: redactor([settings.token]),
    callMs: CALL_MS,
  });
  const me = await api.call("getMe", {});
  if (!me.ok) {
    const { type, reason } = me.trouble;
    return [
      type === "token"
        ? bad("Telegram does not know the token: copy it from @BotFather into .env once more.")
        : bad(`Telegram does not answer (${reason}): check the network of this machine.`),
    ];
  }
  const findings = [good(`the bot is @${String((me.result as { username?: unknown }).username)}.`)];
  for (const { id } of settings.chats) {
    const chat = await api.call("getChat", { chat_id: id });
    if (chat.ok) findings.push(good(`the bot is in chat ${id}.`));
    else if (chat.trouble.type === "moved")
      findings.push(bad(`chat ${id} became ${chat.trouble.movedTo}: write that id into the settings.`));
    else {
      const mend = id > 0 ? "write /start to the bot first" : "add the bot to that group";
      findings.push(bad(`the bot can't reach chat ${id} (${chat.trouble.reason}): ${mend}.`));
    }
  }
  return findings;
}

/** Asks Discord who the bot is, and whether it is in the guild and sees each channel. Sends nothing. Never rejects. */
export async function probeDiscord(settings: DiscordSettings): Promise<readonly ChatFinding[]> {
  const api = new DiscordApi({
    token: settings.token,
    apiBase: settings.apiBase,
    redact: redactor([settings.token]),
    callMs: CALL_MS,
    requestsPerSecond: 50,
  });
  const me = await api.call("get", "/users/@me");
  if (!me.ok) {
    const { reason } = me.delivery;
    return [
      /401|unauthori[sz]ed/i.test(reason)
        ? bad("Discord does not know the token: copy it from the developer portal into .env once more.")
        : bad(`Discord does not answer (${reason}): check the network of this machine.`),
    ];
  }
  const { id: own, username } = me.result as { readonly id: string; readonly username: string };
  const findings = [good(`the bot is ${username}.`)];
  const member = await api.call("get", `/guilds/${settings.guild}/members/${own}`);
  if (!member.ok) {
    const reason = member.delivery.reason;
    return [...findings, bad(`the bot is not in guild ${settings.guild} (${reason}): invite it there.`)];
  }
  findings.push(good(`it is in guild ${settings.guild}.`));
  for (const { id } of settings.channels) {
    const channel = await api.call("get", `/channels/${id}`);
    const guild = channel.ok ? (channel.result as { readonly guild_id?: string }).guild_id : undefined;
    if (!channel.ok)
      findings.push(
        bad(`the bot can't see channel ${id} (${channel.delivery.reason}): let it view and write there.`),
      );
    else if (guild !== settings.guild)
      findings.push(bad(`channel ${id} is in another guild: name a channel of ${settings.guild}.`));
    else findings.push(good(`it sees channel ${id}.`));
  }
  return findings;
}
