import type { CallbackQuery, Message } from "telegraf/types";
import type { TelegramPlace } from "../people.ts";
import type { Places } from "./places.ts";
import { roomName } from "./room.ts";

/** Who came, and where: what Telegram itself vouches for, before anybody is asked who that is. */
export interface Visit {
  /** Telegram user id. */
  readonly caller: number;
  readonly chat: number;
  readonly topic: number | undefined;
  readonly message: number;
  /** The message is a picture with words under it, not words alone. */
  readonly hasPicture: boolean;
  /** The configured place; undefined elsewhere. */
  readonly place: TelegramPlace | undefined;
  /** The caller's private chat with the bot. */
  readonly isOwnChat: boolean;
  /** False for bots, hidden administrators, channels, and forwarded words: they speak for nobody. */
  readonly isPerson: boolean;
}

/** A message as a visit; undefined when nobody wrote it. */
export function visitByMessage(message: Message, places: Places): Visit | undefined {
  const { from } = message;
  if (from === undefined) return undefined;
  const isBorrowed = "sender_chat" in message || "forward_origin" in message || "via_bot" in message;
  return visit(from, message, places, !isBorrowed);
}

/** A tap as a visit; undefined when its message is not in a chat with the bot. */
export function visitByTap({ from, message }: CallbackQuery, places: Places): Visit | undefined {
  if (message === undefined) return undefined;
  return visit(from, message, places, true);
}

/** How a visit's place is named in logs. */
export const whereText = ({ chat, topic }: Visit): string => `telegram chat ${roomName(chat, topic)}`;

function visit(
  from: { readonly id: number; readonly is_bot: boolean },
  message: { readonly chat: { readonly id: number; readonly type: string }; readonly message_id: number },
  places: Places,
  isOwnWords: boolean,
): Visit {
  const { chat, message_id } = message;
  const topic = topicOf(message);
  return {
    caller: from.id,
    chat: chat.id,
    topic,
    message: message_id,
    hasPicture: "photo" in message,
    place: places.find(chat.id, topic),
    isOwnChat: chat.type === "private" && chat.id === from.id,
    isPerson: isOwnWords && !from.is_bot,
  };
}

function topicOf(message: object): number | undefined {
  const { is_topic_message, message_thread_id } = message as {
    readonly is_topic_message?: boolean;
    readonly message_thread_id?: number;
  };
  return is_topic_message === true ? message_thread_id : undefined;
}
