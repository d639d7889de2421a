import type { CallbackQuery, Message, Update, User } from "telegraf/types";
import type { CallbackAnswer, Callbacks } from "./callbacks.ts";
import { commandsIn } from "./content.ts";
import { ANONYMOUS_ADMIN, type OpenRoom, type Rooms, type TelegramPerson } from "./rooms.ts";
import type { Updates } from "./updates.ts";

/** A chat by its id; a person stands for their private chat. */
export type ChatRef = number | { readonly id: number };

/** A message by chat and number; it need not exist. */
export interface MessageRef {
  readonly chat: { readonly id: number };
  readonly message_id: number;
}

/** What is unusual about a message that a person sends. */
export interface SayOptions {
  /** When it was sent, in Unix seconds; an old one is what piled up while the bot was away. */
  readonly date?: number;
  /** The person changes a message of theirs (its number, or `true` for their last one in the chat) instead of sending a new one. */
  readonly edited?: true | number;
  /** It was forwarded: from the person named, or from somebody hidden. */
  readonly forwarded?: true | TelegramPerson;
  /** Sent by an administrator who hides their name: `from` is then Telegram's own bot. */
  readonly anonymousAdmin?: boolean;
  /** Topic of a forum. */
  readonly topic?: number;
  /** Number of the message that it replies to. */
  readonly replyTo?: number;
}

/** The people's side: what they write and tap becomes updates for the bot. */
export class Speech {
  readonly #rooms: Rooms;
  readonly #updates: Updates;
  readonly #callbacks: Callbacks;

  constructor(rooms: Rooms, updates: Updates, callbacks: Callbacks) {
    this.#rooms = rooms;
    this.#updates = updates;
    this.#callbacks = callbacks;
  }

  /** A person writes in a chat. In groups a bot that is no administrator hears only commands, mentions and replies to it. */
  say(person: TelegramPerson, chat: ChatRef, text: string, options: SayOptions = {}): Message.TextMessage {
    const from = this.#rooms.person(person.id, person.name);
    const room = this.#room(chat);
    const earlier = this.#earlier(room, from, options.edited);
    const message = written(room, options.anonymousAdmin === true ? ANONYMOUS_ADMIN : from, text, options);
    if (earlier === undefined) room.nextMessageId += 1;
    else Object.assign(message, { message_id: earlier, edit_date: Math.floor(Date.now() / 1_000) });
    room.messages.set(message.message_id, message);
    if (!this.#hears(room, message)) return message;
    if (earlier === undefined) this.#updates.push({ message } as Omit<Update.MessageUpdate, "update_id">);
    else this.#updates.push({ edited_message: message } as Omit<Update.EditedMessageUpdate, "update_id">);
    return message;
  }

  /** A post in a channel; it has no author. */
  post(chat: ChatRef, text: string): Message.TextMessage {
    const room = this.#room(chat);
    const { from: _, ...message } = written(room, ANONYMOUS_ADMIN, text, {});
    const post: Message.TextMessage = { ...message, sender_chat: room.chat };
    room.nextMessageId += 1;
    room.messages.set(post.message_id, post);
    this.#updates.push({ channel_post: post } as Omit<Update.ChannelPostUpdate, "update_id">);
    return post;
  }

  /** A person taps a button; the data may be forged and the message foreign or gone. Gives the id of the tap. */
  press(person: TelegramPerson, message: MessageRef, data: string): string {
    const room = this.#rooms.find(message.chat.id);
    const chat = room?.chat ?? { id: message.chat.id, type: "private", first_name: "nobody" };
    const stored = room?.messages.get(message.message_id) ?? {
      chat,
      message_id: message.message_id,
      date: 0,
    };
    const callback_query = this.#callbacks.tap({
      from: this.#rooms.person(person.id, person.name),
      message: stored,
      chat_instance: String(message.chat.id),
      data,
    } as Omit<CallbackQuery, "id">);
    this.#updates.push({ callback_query });
    return callback_query.id;
  }

  /** Delivers a tap once more under a new update id, as Telegram does when the answer did not reach the person's phone. */
  redeliver(tap: string): void {
    this.#updates.push({ callback_query: this.#callbacks.again(tap) });
  }

  /** What a tap was answered, if it was. */
  answerTo(tap: string): CallbackAnswer | undefined {
    return this.#callbacks.answerTo(tap);
  }

  #room(chat: ChatRef): OpenRoom {
    const id = typeof chat === "number" ? chat : chat.id;
    if (id > 0) this.#rooms.person(id);
    const room = this.#rooms.find(id);
    if (room === undefined) throw new Error(`the emulated Telegram has no chat ${id}`);
    return room;
  }

  #earlier(room: OpenRoom, from: User, edited: true | number | undefined): number | undefined {
    if (edited === undefined) return undefined;
    if (typeof edited === "number") return edited;
    const own = [...room.messages.values()].filter((message) => message.from?.id === from.id).at(-1);
    if (own === undefined) throw new Error("there is no message of this person to edit");
    return own.message_id;
  }

  #hears(room: OpenRoom, message: Message.TextMessage): boolean {
    const { bot } = this.#rooms;
    if (room.chat.type === "private") return true;
    if (room.shut !== undefined) return false;
    if (bot.can_read_all_group_messages || room.admins.has(bot.id)) return true;
    if (message.reply_to_message?.from?.id === bot.id) return true;
    const addressee = /^\/\w+@(\w+)/.exec(message.text)?.[1];
    if (message.text.startsWith("/")) return addressee === undefined || addressee === bot.username;
    return message.text.includes(`@${bot.username}`);
  }
}

function written(room: OpenRoom, from: User, text: string, options: SayOptions): Message.TextMessage {
  const date = options.date ?? Math.floor(Date.now() / 1_000);
  const entities = commandsIn(text);
  const original = options.replyTo === undefined ? undefined : room.messages.get(options.replyTo);
  return {
    message_id: room.nextMessageId,
    from,
    ...(from === ANONYMOUS_ADMIN ? { sender_chat: room.chat } : {}),
    chat: room.chat,
    date,
    ...(options.topic === undefined ? {} : { message_thread_id: options.topic, is_topic_message: true }),
    ...(original === undefined ? {} : { reply_to_message: original }),
    ...forwardOf(options.forwarded, date),
    text,
    ...(entities.length > 0 ? { entities } : {}),
  } as Message.TextMessage;
}

function forwardOf(forwarded: true | TelegramPerson | undefined, date: number): Partial<Message.TextMessage> {
  if (forwarded === undefined) return {};
  const hidden = { type: "hidden_user" as const, sender_user_name: "somebody", date };
  if (forwarded === true) return { forward_origin: hidden };
  const sender_user = { id: forwarded.id, is_bot: forwarded.isBot === true, first_name: forwarded.name };
  const known = { type: "user" as const, sender_user, date };
  return { forward_origin: known };
}
