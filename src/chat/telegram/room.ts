import { messagesOf } from "../layout.ts";
import type { Reply } from "../reply.ts";
import type { Delivery, Room, SendOptions } from "../room.ts";
import { deliveryOf, type TelegramApi } from "./api.ts";
import { fitsTelegram, keyboardOf, renderHtml } from "./html.ts";
import type { Places } from "./places.ts";
import type { Question } from "./question.ts";

/** A Telegram chat, or a topic of one, to write to. */
export class TelegramRoom implements Room {
  readonly platform = "telegram";
  readonly editMsMax = undefined;
  readonly knowsNonce = false;
  readonly chat: string;
  readonly limitedAs: string;
  readonly isGroup: boolean;
  readonly showsAlerts: boolean;
  readonly #api: TelegramApi;
  readonly #places: Places;
  readonly #id: number;
  readonly #topic: number | undefined;
  readonly #onWritten: () => void;

  constructor(options: {
    readonly api: TelegramApi;
    readonly places: Places;
    readonly id: number;
    readonly topic: number | undefined;
    readonly showsAlerts: boolean;
    /** Called after every message that was sent or edited. */
    readonly onWritten: () => void;
  }) {
    this.#api = options.api;
    this.#places = options.places;
    this.#id = options.id;
    this.#topic = options.topic;
    this.#onWritten = options.onWritten;
    this.chat = roomName(options.id, options.topic);
    this.limitedAs = roomName(options.id, undefined);
    this.isGroup = options.id < 0;
    this.showsAlerts = options.showsAlerts;
  }

  pages(reply: Reply): readonly Reply[] {
    return messagesOf(reply, fitsTelegram);
  }

  async send(reply: Reply, options: SendOptions): Promise<Delivery> {
    return this.#sent(
      await this.#write("sendMessage", { ...shown(reply), ...this.#addressed(reply, options) }),
    );
  }

  /** Sends a question to one person, whose answer will name it. */
  async sendQuestion({ html, hint }: Question, options: SendOptions): Promise<Delivery> {
    const answer = { force_reply: true, selective: true, input_field_placeholder: hint };
    const place = this.#addressed({ title: "", tone: "plain" }, options);
    const words = { text: html, parse_mode: "HTML", link_preview_options: { is_disabled: true } };
    return this.#sent(await this.#write("sendMessage", { ...words, ...place, reply_markup: answer }));
  }

  /** Sends a picture with a reply under it that fits there. */
  async sendPicture(png: Buffer, reply: Reply, options: SendOptions): Promise<Delivery> {
    const photo = { source: png, filename: FILE_NAME };
    return this.#sent(
      await this.#write("sendPhoto", { photo, ...captioned(reply), ...this.#addressed(reply, options) }),
    );
  }

  /** Puts another picture and another reply into a message that has a picture. */
  async editPicture(message: string, png: Buffer, reply: Reply): Promise<Delivery> {
    const answer = await this.#write("editMessageMedia", {
      message_id: Number(message),
      media: { type: "photo", media: { source: png, filename: FILE_NAME }, ...captioned(reply) },
      reply_markup: { inline_keyboard: keyboardOf(reply) },
    });
    return answer.type === "written" ? { type: "edited" } : answer;
  }

  async edit(message: string, reply: Reply): Promise<Delivery> {
    const answer = await this.#write("editMessageText", {
      ...shown(reply),
      message_id: Number(message),
      reply_markup: { inline_keyboard: keyboardOf(reply) },
    });
    return answer.type === "written" ? { type: "edited" } : answer;
  }

  /** Where a new message stands, how it is told, and its buttons. */
  #addressed(reply: Reply, { isSilent, replyTo }: SendOptions): Readonly<Record<string, unknown>> {
    const keyboard = keyboardOf(reply);
    return {
      ...(this.#topic === undefined ? {} : { message_thread_id: this.#topic }),
      ...(isSilent ? { disable_notification: true } : {}),
      ...(replyTo === undefined
        ? {}
        : { reply_parameters: { message_id: Number(replyTo), allow_sending_without_reply: true } }),
      ...(keyboard.length === 0 ? {} : { reply_markup: { inline_keyboard: keyboard } }),
    };
  }

  #sent(answer: Written | Delivery): Delivery {
    if (answer.type !== "written") return answer;
    const { message_id: id } = (answer.result ?? {}) as { readonly message_id?: unknown };
    return typeof id === "number"
      ? { type: "sent", message: String(id) }
      : { type: "refused", reason: "Telegram's answer names no message" };
  }

  /** Writes under the chat's present id, and once more when it turns out to have moved. */
  async #write(method: string, payload: Readonly<Record<string, unknown>>): Promise<Delivery | Written> {
    const at = this.#places.present(this.#id);
    let answer = await this.#api.call(method, { chat_id: at, ...payload });
    if (!answer.ok && answer.trouble.movedTo !== undefined) {
      this.#places.move(at, answer.trouble.movedTo);
      // Message numbers of the old group mean nothing in the new one.
      if (!method.startsWith("send")) return { type: "gone", reason: answer.trouble.reason };
      const { reply_parameters: _, ...rest } = payload;
      answer = await this.#api.call(method, { chat_id: this.#places.present(this.#id), ...rest });
    }
    if (!answer.ok) return deliveryOf(answer.trouble);
    this.#onWritten();
    return { type: "written", result: answer.result };
  }
}

/** A call that was carried out. */
interface Written {
  readonly type: "written";
  readonly result: unknown;
}

const FILE_NAME = "perpdesk.png";

const captioned = (reply: Reply) => ({ caption: renderHtml(reply).html, parse_mode: "HTML" });

function shown(reply: Reply): Readonly<Record<string, unknown>> {
  return { text: renderHtml(reply).html, parse_mode: "HTML", link_preview_options: { is_disabled: true } };
}

/** How a chat or topic is named in the message store: "CHAT" or "CHAT/TOPIC". */
export const roomName = (id: number, topic: number | undefined): string =>
  topic === undefined ? String(id) : `${id}/${topic}`;
