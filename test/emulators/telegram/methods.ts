import type { WebhookInfo } from "telegraf/types";
import type { Callbacks } from "./callbacks.ts";
import { Editing } from "./editing.ts";
import type { Flood } from "./flood.ts";
import { Membership } from "./membership.ts";
import type { Parameters } from "./parameters.ts";
import type { Rooms } from "./rooms.ts";
import { Sending } from "./sending.ts";
import type { Updates } from "./updates.ts";

/** One Bot API method: arguments in, result out; what Telegram would not do is thrown as a Refusal. */
export type Method = (parameters: Parameters) => unknown;

interface Parts {
  readonly rooms: Rooms;
  readonly updates: Updates;
  readonly callbacks: Callbacks;
  readonly flood: Flood;
}

/** All methods that the emulator knows besides `getUpdates`, by name in lower case: Telegram doesn't mind the case. */
export function methodsOf({ rooms, updates, callbacks, flood }: Parts): ReadonlyMap<string, Method> {
  const sending = new Sending(rooms);
  const editing = new Editing(rooms, sending);
  const membership = new Membership(rooms);
  const counted =
    (method: Method): Method =>
    (parameters) => {
      flood.count(rooms.writable(parameters).chat.id);
      return method(parameters);
    };
  const webhook = (): WebhookInfo => ({
    url: "",
    has_custom_certificate: false,
    pending_update_count: updates.pending.length,
  });
  const methods: Readonly<Record<string, Method>> = {
    getMe: () => rooms.bot,
    getWebhookInfo: webhook,
    deleteWebhook: (parameters) => {
      if (parameters.flag("drop_pending_updates")) updates.drop();
      return true;
    },
    sendMessage: counted((parameters) => sending.text(parameters)),
    sendPhoto: counted((parameters) => sending.photo(parameters)),
    sendDocument: counted((parameters) => sending.document(parameters)),
    editMessageText: counted((parameters) => editing.text(parameters)),
    editMessageCaption: counted((parameters) => editing.caption(parameters)),
    editMessageMedia: counted((parameters) => editing.media(parameters)),
    editMessageReplyMarkup: counted((parameters) => editing.keyboard(parameters)),
    deleteMessage: (parameters) => editing.delete(parameters),
    answerCallbackQuery: (parameters) => callbacks.answer(parameters),
    getChat: (parameters) => membership.chat(parameters),
    getChatMember: (parameters) => membership.member(parameters),
    getChatAdministrators: (parameters) => membership.administrators(parameters),
    leaveChat: (parameters) => membership.leave(parameters),
    pinChatMessage: (parameters) => membership.pin(parameters, true),
    unpinChatMessage: (parameters) => membership.pin(parameters, false),
    sendChatAction: (parameters) => membership.action(parameters),
    setMyCommands: (parameters) => membership.setCommands(parameters),
    getMyCommands: (parameters) => membership.commands(parameters),
    deleteMyCommands: (parameters) => membership.deleteCommands(parameters),
  };
  return new Map(Object.entries(methods).map(([name, method]) => [name.toLowerCase(), method]));
}
