import type { Message } from "telegraf/types";
import { cut, oneLine } from "../layout.ts";
import { escapeHtml } from "./html.ts";

/** A question to one person, as Telegram takes it. */
export interface Question {
  readonly html: string;
  /** What stands in the empty field of the answer, 64 characters at most. */
  readonly hint: string;
}

/** Asks a person why they rejected a card. They are named by their account: in a group only their app opens the answer. */
export const questionOf = (user: number, person: string, card: string): Question => ({
  html: `<a href="tg://user?id=${user}">${escapeHtml(cut(oneLine(person), 60))}</a>, why was card ${card} rejected? Answer this message.`,
  hint: `Why ${card} was rejected`,
});

const ASKS = /, why was card ([a-z0-9]{1,24}-[a-z0-9]{1,24}) rejected\? Answer this message\.$/;

/**
 * The card whose question of ours a message answers. Telegram shows the question with the answer, so nothing has to be
 * remembered for it, also over a restart; who may answer it is the desk's to say.
 */
export function cardAsked(message: Message, username: string): string | undefined {
  const asked = "reply_to_message" in message ? message.reply_to_message : undefined;
  if (asked === undefined || !("text" in asked) || asked.from?.is_bot !== true) return undefined;
  const isOurs = asked.from.username?.toLowerCase() === username;
  return isOurs ? ASKS.exec(asked.text)?.[1] : undefined;
}
