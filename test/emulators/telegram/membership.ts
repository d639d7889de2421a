import type { BotCommand, Chat, ChatMember } from "telegraf/types";
import type { Parameters } from "./parameters.ts";
import { badRequest, Refusal } from "./refusal.ts";
import type { Rooms } from "./rooms.ts";

const ACTIONS =
  /^(typing|upload_photo|record_video|upload_video|record_voice|upload_voice|upload_document|choose_sticker|find_location|record_video_note|upload_video_note)$/;
const COMMANDS_MAX = 100;

/** What a bot may ask and do about chats and members, and the list of its commands. */
export class Membership {
  readonly #rooms: Rooms;
  readonly #commands = new Map<string, readonly BotCommand[]>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** getChat */
  chat(parameters: Parameters): Chat {
    const room = this.#rooms.writable(parameters);
    const pinned = room.messages.get(room.pinned.at(-1) ?? 0);
    return { ...room.chat, ...(pinned === undefined ? {} : { pinned_message: pinned }) };
  }

  /** getChatMember */
  member(parameters: Parameters): ChatMember {
    const room = this.#rooms.writable(parameters);
    const id = parameters.integer("user_id");
    const user = id === undefined ? undefined : this.#rooms.known(id);
    if (user === undefined) throw badRequest("PARTICIPANT_ID_INVALID");
    if (!this.#rooms.isMember(room, user.id)) return { user, status: "left" };
    if (room.admins.has(user.id)) return { user, status: "creator", is_anonymous: false };
    return { user, status: "member" };
  }

  /** getChatAdministrators */
  administrators(parameters: Parameters): ChatMember[] {
    const room = this.#rooms.writable(parameters);
    if (room.chat.type === "private") throw badRequest("there are no administrators in the private chat");
    return [...room.admins].map((id) => ({
      user: this.#rooms.person(id),
      status: "creator",
      is_anonymous: false,
    }));
  }

  /** leaveChat: afterwards the bot can't write there. */
  leave(parameters: Parameters): true {
    const room = this.#rooms.writable(parameters);
    const { type } = room.chat;
    if (type === "private") throw badRequest("chat member status can't be changed in private chats");
    room.shut = new Refusal(403, `Forbidden: bot is not a member of the ${type} chat`);
    return true;
  }

  /** pinChatMessage and unpinChatMessage: in groups for administrators only. */
  pin(parameters: Parameters, isPinned: boolean): true {
    const room = this.#rooms.writable(parameters);
    if (room.chat.type !== "private" && !room.admins.has(this.#rooms.bot.id)) {
      throw badRequest("not enough rights to manage pinned messages in the chat");
    }
    const id = parameters.integer("message_id") ?? (isPinned ? 0 : (room.pinned.at(-1) ?? 0));
    if (!room.messages.has(id)) throw badRequest(`message to ${isPinned ? "pin" : "unpin"} not found`);
    const at = room.pinned.indexOf(id);
    if (at >= 0) room.pinned.splice(at, 1);
    if (isPinned) room.pinned.push(id);
    return true;
  }

  /** sendChatAction */
  action(parameters: Parameters): true {
    this.#rooms.writable(parameters);
    if (!ACTIONS.test(parameters.text("action") ?? "")) throw badRequest("wrong parameter action in request");
    return true;
  }

  /** setMyCommands: names of a-z, 0-9 and _, at most 32 long; descriptions of 1 to 256 characters; at most 100. */
  setCommands(parameters: Parameters): true {
    const commands = parameters.json("commands");
    if (!Array.isArray(commands)) throw badRequest('parameter "commands" must be an Array of BotCommand');
    if (commands.length > COMMANDS_MAX) throw badRequest("BOT_COMMANDS_TOO_MUCH");
    for (const { command, description } of commands as Partial<BotCommand>[]) {
      if (!/^\/?[a-z0-9_]{1,32}$/.test(command ?? "")) throw badRequest("BOT_COMMAND_INVALID");
      if (description === undefined || description.trim() === "" || [...description].length > 256) {
        throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
      }
    }
    this.#commands.set(scopeOf(parameters), commands as BotCommand[]);
    return true;
  }

  /** getMyCommands */
  commands(parameters: Parameters): readonly BotCommand[] {
    return this.#commands.get(scopeOf(parameters)) ?? [];
  }

  /** deleteMyCommands */
  deleteCommands(parameters: Parameters): true {
    this.#commands.delete(scopeOf(parameters));
    return true;
  }
}

function scopeOf(parameters: Parameters): string {
  const scope = parameters.json("scope") ?? { type: "default" };
  return `${JSON.stringify(scope)} ${parameters.text("language_code") ?? ""}`;
}
