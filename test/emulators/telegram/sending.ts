import type { Message } from "telegraf/types";
import { captionOf, keyboardOf, textOf } from "./content.ts";
import type { Formatted } from "./html.ts";
import type { FormFile } from "./multipart.ts";
import type { Parameters } from "./parameters.ts";
import { photoSizes } from "./photo.ts";
import { badRequest, Refusal } from "./refusal.ts";
import type { OpenRoom, Rooms, StoredMessage } from "./rooms.ts";

const DOCUMENT_BYTES_MAX = 50_000_000;

/** What Telegram does when the bot sends: checks the content, the reply and the topic, then files the message in the chat. */
export class Sending {
  readonly #rooms: Rooms;
  #fileCount = 0;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** sendMessage */
  text(parameters: Parameters): StoredMessage {
    const room = this.#rooms.writable(parameters);
    const { text, entities } = textOf(parameters);
    return this.#file(room, parameters, {
      text,
      ...(entities.length > 0 ? { entities: [...entities] } : {}),
    });
  }

  /** sendPhoto */
  photo(parameters: Parameters): StoredMessage {
    const room = this.#rooms.writable(parameters);
    if (!room.takesPhotos) throw badRequest("not enough rights to send photos to the chat");
    const caption = captioned(captionOf(parameters));
    const { id, file } = this.upload(parameters, "photo");
    return this.#file(room, parameters, { photo: photoSizes(file, id), ...caption });
  }

  /** sendDocument */
  document(parameters: Parameters): StoredMessage {
    const room = this.#rooms.writable(parameters);
    const caption = captioned(captionOf(parameters));
    const { id, file } = this.upload(parameters, "document");
    if (file !== undefined && file.bytes.length > DOCUMENT_BYTES_MAX) {
      throw new Refusal(413, "Request Entity Too Large");
    }
    const described =
      file === undefined ? {} : { file_name: file.name, mime_type: file.type, file_size: file.bytes.length };
    return this.#file(room, parameters, {
      document: { file_id: id, file_unique_id: `u${id}`, ...described },
      ...caption,
    });
  }

  /** The file of a call: uploaded now, or named by file id or URL; an empty or missing one is refused. */
  upload(parameters: Parameters, name: string): { readonly id: string; readonly file: FormFile | undefined } {
    const file = parameters.file(name);
    const named = parameters.text(name);
    if (file === undefined && (named === undefined || named.startsWith("attach://"))) {
      throw badRequest(`there is no ${name} in the request`);
    }
    if (file?.bytes.length === 0) throw badRequest("file must be non-empty");
    this.#fileCount += 1;
    return { id: file === undefined ? (named ?? "") : `file${this.#fileCount}`, file };
  }

  #file(
    room: OpenRoom,
    parameters: Parameters,
    content:
      | Pick<Message.TextMessage, "text">
      | Pick<Message.PhotoMessage, "photo">
      | Pick<Message.DocumentMessage, "document">,
  ): StoredMessage {
    const { bot } = this.#rooms;
    const keyboard = keyboardOf(parameters);
    const message = {
      message_id: room.nextMessageId,
      ...(room.chat.type === "channel" ? { sender_chat: room.chat } : { from: bot }),
      chat: room.chat,
      date: Math.floor(Date.now() / 1_000),
      ...topicOf(room, parameters),
      ...replyOf(room, parameters),
      ...(parameters.flag("protect_content") ? { has_protected_content: true as const } : {}),
      ...content,
      ...(keyboard === undefined ? {} : { reply_markup: keyboard }),
    } as StoredMessage;
    room.nextMessageId += 1;
    room.messages.set(message.message_id, message);
    return message;
  }
}

/** A caption as it stands on a message; nothing when it is empty. */
export function captioned({
  text,
  entities,
}: Formatted): Pick<Message.PhotoMessage, "caption" | "caption_entities"> {
  if (text === "") return {};
  return { caption: text, ...(entities.length > 0 ? { caption_entities: [...entities] } : {}) };
}

function topicOf(room: OpenRoom, parameters: Parameters) {
  const topic = parameters.integer("message_thread_id");
  if (topic === undefined) return {};
  if (!room.topics.has(topic)) throw badRequest("message thread not found");
  return { message_thread_id: topic, is_topic_message: true };
}

function replyOf(room: OpenRoom, parameters: Parameters) {
  const reply = parameters.json("reply_parameters") as
    | { readonly message_id?: unknown; readonly allow_sending_without_reply?: unknown }
    | undefined;
  const id = reply === undefined ? parameters.integer("reply_to_message_id") : Number(reply.message_id);
  if (id === undefined) return {};
  const original = room.messages.get(id);
  if (original !== undefined) {
    const { reply_to_message: _, ...rest } = original;
    return { reply_to_message: rest };
  }
  const isOptional =
    reply?.allow_sending_without_reply === true || parameters.flag("allow_sending_without_reply");
  if (!isOptional) throw badRequest("message to be replied not found");
  return {};
}
