import type { APIMessage } from "discord.js";
import type { Discord } from "../emulators/discord/discord.ts";
import type { DiscordCall } from "../emulators/discord/rest.ts";
import type { Telegram, TelegramCall } from "../emulators/telegram/telegram.ts";
import { cardIn, embedText, tokenIn } from "./card-watch.ts";

/** A card on one platform: its message, what it says now, and when it first said that it was decided. */
export interface ShownOn {
  readonly message: string;
  readonly token: string | undefined;
  text: string;
  decidedAt: number | undefined;
}

/** A card on both platforms. */
export interface ShownCard {
  telegram: ShownOn | undefined;
  discord: ShownOn | undefined;
}

/** What became of a tap: when it was acknowledged, and what the person was told. */
export interface TapAnswer {
  ackAt: number | undefined;
  text: string | undefined;
}

const isDecided = (text: string): boolean =>
  /: (decided|done|failed|rejected|expired|withdrawn|re-quoted)$/m.test(text);

/** Follows cards and taps on both platforms as they happen, and keeps only what is asked for: made for very long runs. */
export class TapWatch {
  readonly #cards = new Map<string, ShownCard>();
  readonly #answers = new Map<string, TapAnswer>();
  /** What the desk last answered to a command in the Telegram chat, and how many answers there were. */
  reply = "";
  replies = 0;
  /** How often the bot announced its commands on Telegram and on Discord: once a life. */
  readonly announced = { menu: 0, commands: 0 };

  readonly #telegram: Telegram;
  readonly #discord: Discord;

  constructor(telegram: Telegram, discord: Discord) {
    this.#telegram = telegram;
    this.#discord = discord;
    telegram.journal.listen((call) => this.#onTelegram(call));
    discord.journal.listen((call) => this.#onDiscord(call));
  }

  /** Ids of the cards that stand on both platforms and were not dropped, oldest first. */
  ids(): readonly string[] {
    return [...this.#cards].flatMap(([id, card]) => (card.telegram && card.discord ? [id] : []));
  }

  card(id: string): ShownCard | undefined {
    return this.#cards.get(id);
  }

  /** Whether a card says this on both platforms. */
  reads(id: string, says: RegExp): boolean {
    const { telegram, discord } = this.#cards.get(id) ?? {};
    return says.test(telegram?.text ?? "") && says.test(discord?.text ?? "");
  }

  answer(tap: string): TapAnswer {
    let answer = this.#answers.get(tap);
    if (answer === undefined) {
      answer = { ackAt: undefined, text: undefined };
      this.#answers.set(tap, answer);
    }
    return answer;
  }

  /** Forgets cards and taps, and what the platforms wrote down of them. */
  forget(): void {
    this.#cards.clear();
    this.#answers.clear();
    this.#telegram.journal.forget();
    this.#discord.journal.forget();
  }

  #onTelegram({ method, params, message, error }: TelegramCall): void {
    if (error !== undefined) return;
    if (method === "setMyCommands") this.announced.menu += 1;
    if (method === "answerCallbackQuery") {
      this.#told(String(params["callback_query_id"]), String(params["text"] ?? ""));
    } else if (message !== undefined && "text" in message) {
      const id = cardIn(message.text);
      const buttons = "reply_markup" in message ? message.reply_markup : undefined;
      if (id !== undefined) this.#shown("telegram", id, String(message.message_id), message.text, buttons);
      else if (method === "sendMessage") {
        this.reply = message.text;
        this.replies += 1;
      }
    }
  }

  #onDiscord({ route, status, interaction, message }: DiscordCall): void {
    if (status >= 300) return;
    if (route.startsWith("PUT")) this.announced.commands += 1;
    if (interaction !== undefined) {
      const answer = this.answer(interaction);
      answer.ackAt ??= performance.now();
      if (route.startsWith("POST /webhooks") && message !== undefined) answer.text = embedText(message);
      return;
    }
    if (message === undefined) return;
    const text = embedText(message as APIMessage);
    const id = cardIn(text);
    if (id !== undefined) this.#shown("discord", id, message.id, text, message.components);
  }

  #told(tap: string, text: string): void {
    const answer = this.answer(tap);
    answer.ackAt ??= performance.now();
    answer.text = text;
  }

  #shown(
    platform: "telegram" | "discord",
    id: string,
    message: string,
    text: string,
    buttons: unknown,
  ): void {
    let card = this.#cards.get(id);
    const token = tokenIn(buttons);
    if (card === undefined) {
      // The last word on a card that was forgotten.
      if (token === undefined) return;
      card = { telegram: undefined, discord: undefined };
      this.#cards.set(id, card);
    }
    const before = card[platform];
    const decidedAt = before?.decidedAt ?? (isDecided(text) ? performance.now() : undefined);
    card[platform] = { message, token: token ?? before?.token, text, decidedAt };
  }
}
