import { captionOf, keyboardOf, textOf } from "./content.ts";
import { Parameters } from "./parameters.ts";
import { photoSizes } from "./photo.ts";
import { badRequest } from "./refusal.ts";
import type { OpenRoom, Rooms, StoredMessage } from "./rooms.ts";
import { captioned, type Sending } from "./sending.ts";

const DELETE_SECONDS_MAX = 48 * 3_600;

/** What Telegram does when the bot changes or removes what is there: only its own messages, and only to something else. */
export class Editing {
  readonly #rooms: Rooms;
  readonly #sending: Sending;

  constructor(rooms: Rooms, sending: Sending) {
    this.#rooms = rooms;
    this.#sending = sending;
  }

  /** editMessageText; a call without a keyboard takes the keyboard away. */
  text(parameters: Parameters): StoredMessage {
    const { room, message } = this.#own(parameters);
    const { text, entities } = textOf(parameters);
    if (!("text" in message)) throw badRequest("there is no text in the message to edit");
    const { entities: _, ...rest } = message;
    const changed = { ...rest, text, ...(entities.length > 0 ? { entities: [...entities] } : {}) };
    return this.#put(room, message, changed, parameters);
  }

  /** editMessageCaption */
  caption(parameters: Parameters): StoredMessage {
    const { room, message } = this.#own(parameters);
    if ("text" in message) throw badRequest("there is no caption in the message to edit");
    const { caption: _, caption_entities: __, ...rest } = message;
    return this.#put(
      room,
      message,
      { ...rest, ...captioned(captionOf(parameters)) } as StoredMessage,
      parameters,
    );
  }

  /** editMessageMedia with a photo: the picture and its caption are replaced together. */
  media(parameters: Parameters): StoredMessage {
    const { room, message } = this.#own(parameters);
    const media = parameters.json("media") as Readonly<Record<string, unknown>> | undefined;
    if (media?.["type"] !== "photo") throw badRequest("unsupported media type specified");
    const inner = new Parameters({ ...media, photo: media["media"] }, parameters.files);
    const { id, file } = this.#sending.upload(inner, "photo");
    const { message_id, from, chat, date } = message;
    const photo = photoSizes(file, id);
    const kept = { message_id, chat, date, ...(from === undefined ? {} : { from }) };
    return this.#put(room, message, { ...kept, photo, ...captioned(captionOf(inner)) }, parameters);
  }

  /** editMessageReplyMarkup */
  keyboard(parameters: Parameters): StoredMessage {
    const { room, message } = this.#own(parameters);
    return this.#put(room, message, message, parameters);
  }

  /** deleteMessage: own messages, any message in a private chat, and any message where the bot is an administrator, for 48 hours. */
  delete(parameters: Parameters): true {
    const room = this.#rooms.writable(parameters);
    const message = room.messages.get(parameters.integer("message_id") ?? 0);
    if (message === undefined) throw badRequest("message to delete not found");
    const { bot } = this.#rooms;
    const isAllowed = message.from?.id === bot.id || room.chat.type === "private" || room.admins.has(bot.id);
    const isOld = Date.now() / 1_000 - message.date > DELETE_SECONDS_MAX;
    if (!isAllowed || isOld) throw badRequest("message can't be deleted");
    room.messages.delete(message.message_id);
    return true;
  }

  #own(parameters: Parameters): { readonly room: OpenRoom; readonly message: StoredMessage } {
    const room = this.#rooms.writable(parameters);
    const id = parameters.integer("message_id");
    if (id === undefined) throw badRequest("message identifier is not specified");
    const message = room.messages.get(id);
    if (message === undefined) throw badRequest("message to edit not found");
    const isOwn = message.from?.id === this.#rooms.bot.id || room.chat.type === "channel";
    if (!isOwn) throw badRequest("message can't be edited");
    return { room, message };
  }

  #put(room: OpenRoom, before: StoredMessage, changed: StoredMessage, parameters: Parameters): StoredMessage {
    const keyboard = keyboardOf(parameters);
    const { reply_markup: _, ...rest } = changed;
    const after = { ...rest, ...(keyboard === undefined ? {} : { reply_markup: keyboard }) } as StoredMessage;
    if (look(before) === look(after)) {
      throw badRequest(
        "message is not modified: specified new message content and reply markup are exactly the same " +
          "as a current content and reply markup of the message",
      );
    }
    after.edit_date = Math.floor(Date.now() / 1_000);
    room.messages.set(after.message_id, after);
    return after;
  }
}

/** All that a person can see of a message, as one text. */
function look(message: StoredMessage): string {
  const { message_id, from, chat, date, edit_date, ...seen } = message;
  return JSON.stringify(Object.entries(seen).sort(([a], [b]) => (a < b ? -1 : 1)));
}
