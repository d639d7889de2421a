import type { Message, Update } from "telegraf/types";
import type { Clock } from "../../desk/ports.ts";
import { redactor } from "../log.ts";
import { TelegramApi, type Trouble } from "../telegram/api.ts";
import { renderHtml } from "../telegram/html.ts";
import type { Ears, FoundPlace, Heard, SetupBot } from "./first-run.ts";
import { spoken, TEST_MESSAGE } from "./test-message.ts";

const CALL_MS = 10_000;
const POLL_SECONDS = 2;
const PAUSE_MS = 1_000;

/** What opening a bot needs. */
export interface TelegramBotOptions {
  readonly token: string;
  /** Another Bot API; left out: Telegram's. */
  readonly apiRoot: string | undefined;
  readonly clock: Clock;
}

/** Asks Telegram whose the token is: the bot, or one sentence on what to mend. Never rejects. */
export async function openTelegramBot(options: TelegramBotOptions): Promise<SetupBot | string> {
  const { token } = options;
  const api = new TelegramApi({ ...options, redact: redactor([token]), callMs: CALL_MS });
  const me = await api.call("getMe", {});
  if (!me.ok) return SENTENCES[me.trouble.type] ?? awayText(me.trouble);
  const { username } = me.result as { readonly username?: unknown };
  // What a web hook takes, nobody can read here.
  const freed = await api.call("deleteWebhook", {});
  return freed.ok ? new TelegramBot(api, options.clock, String(username)) : awayText(freed.trouble);
}

class TelegramBot implements SetupBot {
  readonly name: string;
  readonly placeHint: string;
  readonly lateHint: string;
  readonly #api: TelegramApi;
  readonly #clock: Clock;
  readonly #username: string;
  #isOver = false;
  #offset = 0;
  #polling: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(api: TelegramApi, clock: Clock, username: string) {
    this.#api = api;
    this.#clock = clock;
    this.#username = username;
    this.name = `@${username}`;
    this.placeHint = `Where should alerts and cards come? Write /here to the bot for your private chat with it; or add it to a group and write /here@${username} there.`;
    this.lateHint = `Nothing has come yet: is it really @${username} that you write to? In a group it must be a member, and hears only what begins with a slash.`;
  }

  codeHint(code: string): string {
    return `Who are you? Open https://t.me/${this.#username}?start=${code} and press Start, or write to @${this.#username} in private: ${code} (it works once, for ten minutes).`;
  }

  listen(ears: Ears): void {
    this.#polling = this.#poll(ears);
  }

  async test(place: FoundPlace): Promise<string | undefined> {
    const { html } = renderHtml(TEST_MESSAGE);
    const sent = await this.#send(place, html);
    if (sent.ok) return undefined;
    const { type, reason } = sent.trouble;
    if (/not enough rights|have no rights|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED/i.test(reason))
      return `The bot may not write in ${place.name}: make it an administrator of the group, or let members write, and write /here@${this.#username} there again.`;
    if (/not a member|kicked|chat not found/i.test(reason))
      return `The bot is not in ${place.name} any more: add it again and write /here@${this.#username} there.`;
    return type === "moved"
      ? `${place.name} has just become a supergroup: write /here@${this.#username} there again.`
      : (SENTENCES[type] ?? `Telegram did not take the test message (${reason}): write /here again.`);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#wake();
    // Ends the poll that waits, and tells Telegram what was heard: that is not for the desk that starts next.
    await this.#api.call("getUpdates", { offset: this.#offset, timeout: 0, limit: 1 });
    await this.#polling;
  }

  async #poll(ears: Ears): Promise<void> {
    while (!this.#isOver) {
      const wanted = { offset: this.#offset, timeout: POLL_SECONDS, allowed_updates: ["message"] };
      const answer = await this.#api.call("getUpdates", wanted);
      if (this.#isOver) break;
      if (!answer.ok) {
        const { trouble } = answer;
        ears.trouble(SENTENCES[trouble.type] ?? awayText(trouble));
        await this.#pause(trouble.retryMs ?? PAUSE_MS);
        continue;
      }
      ears.trouble(undefined);
      for (const update of answer.result as readonly Update[]) {
        this.#offset = update.update_id + 1;
        const heard = "message" in update ? this.#heardIn(update.message as Message) : undefined;
        if (heard !== undefined) ears.heard(heard);
      }
    }
  }

  /** Only a person in their own words is heard: no bot, hidden administrator, channel or forward. */
  #heardIn(message: Message): Heard | undefined {
    const { from, chat } = message;
    const isBorrowed = "sender_chat" in message || "forward_origin" in message || "via_bot" in message;
    if (from === undefined || from.is_bot || isBorrowed || !("text" in message)) return undefined;
    const isPrivate = chat.type === "private" && chat.id === from.id;
    const topic = message.is_topic_message === true ? message.message_thread_id : undefined;
    const place: FoundPlace = {
      id: String(chat.id),
      ...(topic === undefined ? {} : { topic }),
      name: isPrivate ? "your private chat with the bot" : "title" in chat ? `"${chat.title}"` : "that chat",
      isPrivate,
    };
    return {
      account: String(from.id),
      name: from.first_name,
      text: this.#wordsOf(message.text),
      isHidden: isPrivate,
      place,
      answer: async (text) => void (await this.#send(place, renderHtml(spoken(text)).html)),
    };
  }

  /** Without "/start" of a link, and without the bot's own name. */
  #wordsOf(text: string): string {
    const [, name, rest = ""] = /^\/(\w+)(?:@\w+)?\s*(.*)$/s.exec(text.trim()) ?? [];
    const addressee = /^\/\w+@(\w+)/.exec(text.trim())?.[1];
    if (addressee !== undefined && addressee.toLowerCase() !== this.#username.toLowerCase()) return "";
    if (name === undefined) return text.trim();
    return name.toLowerCase() === "start" ? rest.trim() : `/${name}`;
  }

  #send({ id, topic }: FoundPlace, text: string) {
    return this.#api.call("sendMessage", {
      chat_id: Number(id),
      ...(topic === undefined ? {} : { message_thread_id: topic }),
      text,
      parse_mode: "HTML",
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

const SENTENCES: Readonly<Partial<Record<Trouble["type"], string>>> = {
  token: "Telegram does not know this token: copy all of it from @BotFather once more.",
  conflict:
    "Another program reads with the same Telegram token: stop it (a desk that runs?), or make a bot of its own with @BotFather for this one.",
};

const awayText = ({ reason }: Trouble): string =>
  `Telegram does not answer (${reason}): check the network of this machine.`;
