import type { Chat, Message, User, UserFromGetMe } from "telegraf/types";
import type { Parameters } from "./parameters.ts";
import { badRequest, Refusal } from "./refusal.ts";

/** A person on Telegram. Their private chat with the bot has the same id. */
export interface TelegramPerson {
  readonly id: number;
  readonly name: string;
  readonly username?: string;
  readonly isBot?: boolean;
  /** False: has never pressed Start, so the bot may not write first. */
  readonly hasStarted?: boolean;
}

/** A group (negative id), supergroup (from -1000000000000 down) or channel that the bot is a member of. */
export interface TelegramRoom {
  readonly id: number;
  readonly title: string;
  readonly kind?: "group" | "supergroup" | "channel";
  /** Topic ids of a forum. */
  readonly topics?: readonly number[];
  /** User ids of its administrators; the bot is one when its id is among them. */
  readonly admins?: readonly number[];
  /** User ids of its members; everyone when left out. */
  readonly members?: readonly number[];
  /** False: the bot was never added. */
  readonly hasBot?: boolean;
}

/** A message as it stands in a chat. */
export type StoredMessage = Message.TextMessage | Message.PhotoMessage | Message.DocumentMessage;

/** One chat with all that is in it. */
export interface OpenRoom {
  readonly chat: Chat;
  readonly topics: ReadonlySet<number>;
  readonly admins: ReadonlySet<number>;
  readonly members: ReadonlySet<number> | undefined;
  readonly messages: Map<number, StoredMessage>;
  readonly pinned: number[];
  nextMessageId: number;
  /** Why the bot may not write here, if so. */
  shut: Refusal | undefined;
  /** False: members may write here, but send no pictures. */
  takesPhotos: boolean;
}

/** Telegram's own sender of messages by administrators who hide their name. */
export const ANONYMOUS_ADMIN: User = {
  id: 1087968824,
  is_bot: true,
  first_name: "Group",
  username: "GroupAnonymousBot",
};

/** All people and chats of the emulated Telegram. */
export class Rooms {
  readonly bot: UserFromGetMe;
  readonly #people = new Map<number, User>();
  readonly #rooms = new Map<number, OpenRoom>();

  constructor(bot: UserFromGetMe, people: readonly TelegramPerson[], rooms: readonly TelegramRoom[]) {
    this.bot = bot;
    for (const person of people) this.addPerson(person);
    for (const room of rooms) this.addRoom(room);
  }

  /** Adds a person and their private chat with the bot. */
  addPerson(person: TelegramPerson): void {
    const { id, name, username, isBot = false, hasStarted = true } = person;
    const named = username === undefined ? {} : { username };
    this.#people.set(id, { id, is_bot: isBot, first_name: name, language_code: "en", ...named });
    const room = opened({ id, type: "private", first_name: name, ...named });
    if (!hasStarted) room.shut = new Refusal(403, "Forbidden: bot can't initiate conversation with a user");
    this.#rooms.set(id, room);
  }

  /** Adds a group, supergroup or channel. */
  addRoom(room: TelegramRoom): OpenRoom {
    const { id, title, kind = id <= -1_000_000_000_000 ? "supergroup" : "group", topics = [] } = room;
    const forum = topics.length > 0 ? { is_forum: true as const } : {};
    const chat: Chat =
      kind === "supergroup" ? { id, title, type: kind, ...forum } : { id, title, type: kind };
    const open = opened(chat, topics, room.admins, room.members);
    if (room.hasBot === false) open.shut = new Refusal(400, "Bad Request: chat not found");
    this.#rooms.set(id, open);
    return open;
  }

  /** The person behind an id; a stranger is made up, because anyone can find a bot and write to it. */
  person(id: number, name = `stranger ${id}`): User {
    if (!this.#people.has(id)) this.addPerson({ id, name });
    return this.#people.get(id) ?? { id, is_bot: false, first_name: name };
  }

  /** The person behind an id, if there is one. */
  known(id: number): User | undefined {
    return id === this.bot.id ? this.bot : this.#people.get(id);
  }

  /** A chat by id, also one that the bot may not write to. */
  find(id: number): OpenRoom | undefined {
    return this.#rooms.get(id);
  }

  /** The chat that a call names in `chat_id`, writable by the bot; refuses an unknown, shut or moved chat. */
  writable(parameters: Parameters): OpenRoom {
    const name = parameters.text("chat_id");
    if (name === undefined) throw badRequest("chat_id is empty");
    const room = [...this.#rooms.values()].find(
      ({ chat }) => String(chat.id) === name || ("username" in chat && `@${chat.username}` === name),
    );
    if (room === undefined) throw badRequest("chat not found");
    if (room.shut !== undefined) throw room.shut;
    return room;
  }

  /** True when a person is in the room; in a room without a member list everyone is. */
  isMember(room: OpenRoom, id: number): boolean {
    if (room.chat.type === "private") return room.chat.id === id || id === this.bot.id;
    return room.members === undefined || room.members.has(id) || room.admins.has(id) || id === this.bot.id;
  }
}

function opened(
  chat: Chat,
  topics: readonly number[] = [],
  admins: readonly number[] = [],
  members?: readonly number[],
): OpenRoom {
  return {
    chat,
    topics: new Set(topics),
    admins: new Set(admins),
    members: members === undefined ? undefined : new Set(members),
    messages: new Map(),
    pinned: [],
    nextMessageId: 1,
    shut: undefined,
    takesPhotos: true,
  };
}
