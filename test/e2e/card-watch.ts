import type { APIMessage } from "discord.js";
import type { Discord } from "../emulators/discord/discord.ts";
import type { Telegram } from "../emulators/telegram/telegram.ts";

/** A message on Telegram as a tap names it. */
export interface TelegramPlace {
  readonly chat: { readonly id: number };
  readonly message_id: number;
}

/** One proposal's card as it stands on both platforms now. A text is all that a person reads in it. */
export interface ShownCard {
  readonly id: string;
  readonly telegram: {
    readonly place: TelegramPlace;
    readonly text: string;
    readonly token: string | undefined;
  };
  readonly discord: {
    readonly message: APIMessage;
    readonly text: string;
    readonly token: string | undefined;
  };
}

/** Finds the cards of proposals on both platforms, by the number in their footers. */
export class CardWatch {
  readonly #telegram: Telegram;
  readonly #discord: Discord;
  readonly #chat: number;
  readonly #onTelegram = new Map<string, number>();
  readonly #onDiscord = new Map<string, string>();
  #telegramSeen = 0;
  #discordSeen = 0;

  constructor(telegram: Telegram, discord: Discord, chat: number) {
    this.#telegram = telegram;
    this.#discord = discord;
    this.#chat = chat;
  }

  /** Ids of all cards that ever stood on both platforms, oldest first. */
  ids(): readonly string[] {
    this.#look();
    return [...this.#onTelegram.keys()].filter((id) => this.#onDiscord.has(id));
  }

  /** A card; undefined until it stands on both platforms. */
  find(id: string | undefined): ShownCard | undefined {
    this.#look();
    const message_id = this.#onTelegram.get(id ?? "");
    const message = this.#discord.messages.find(this.#onDiscord.get(id ?? "") ?? "");
    const stored = this.#telegram.rooms.find(this.#chat)?.messages.get(message_id ?? 0);
    if (id === undefined || message_id === undefined || message === undefined || stored === undefined)
      return undefined;
    return {
      id,
      telegram: {
        place: { chat: { id: this.#chat }, message_id },
        text: "text" in stored ? stored.text : "",
        token: tokenIn("reply_markup" in stored ? stored.reply_markup : undefined),
      },
      discord: { message, text: embedText(message), token: tokenIn(message.components) },
    };
  }

  /** Whether a card says this on both platforms. */
  reads(id: string, ...texts: readonly string[]): boolean {
    const card = this.find(id);
    return (
      card !== undefined &&
      texts.every((text) => card.telegram.text.includes(text) && card.discord.text.includes(text))
    );
  }

  #look(): void {
    const { calls } = this.#telegram;
    for (; this.#telegramSeen < calls.length; this.#telegramSeen += 1) {
      const call = calls[this.#telegramSeen];
      if (call?.method !== "sendMessage" || call.message === undefined || !("text" in call.message)) continue;
      const id = cardIn(call.message.text);
      if (id !== undefined) this.#onTelegram.set(id, call.message.message_id);
    }
    const requests = this.#discord.calls;
    for (; this.#discordSeen < requests.length; this.#discordSeen += 1) {
      const call = requests[this.#discordSeen];
      if (call?.route !== "POST /channels/:channel/messages" || call.message === undefined) continue;
      const id = cardIn(embedText(call.message));
      if (id !== undefined) this.#onDiscord.set(id, call.message.id);
    }
  }
}

/** All that is read in a Discord message, without the marks that keep its text plain. */
export function embedText({ embeds }: Pick<APIMessage, "embeds">): string {
  return embeds
    .flatMap(({ title, description, fields = [], footer }) => [
      title,
      description,
      ...fields.map(({ name, value }) => `${name}: ${value}`),
      footer?.text,
    ])
    .filter((part) => part !== undefined)
    .join("\n")
    .replaceAll("\\", "");
}

/** The id of the card that a text is. */
export const cardIn = (text: string): string | undefined => /Card (k\d+-e\d+), asked/.exec(text)?.[1];

/** The token behind the buttons of a message. */
export const tokenIn = (buttons: unknown): string | undefined =>
  /v1:a:([\w-]+)/.exec(JSON.stringify(buttons ?? null))?.[1];
