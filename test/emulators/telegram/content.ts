import type { InlineKeyboardMarkup, MessageEntity } from "telegraf/types";
import { type Formatted, parseHtml } from "./html.ts";
import { parseMarkdown } from "./markdown.ts";
import type { Parameters } from "./parameters.ts";
import { badRequest } from "./refusal.ts";

/** The most a message's text and a photo's or document's caption may hold, in characters after entities are parsed. */
const TEXT_LENGTH_MAX = 4096;
const CAPTION_LENGTH_MAX = 1024;
const BUTTON_DATA_BYTES_MAX = 64;
const BUTTONS_MAX = 100;

/** The text of a message: parsed, not empty and not too long. */
export function textOf(parameters: Parameters): Formatted {
  const formatted = parsed(parameters, "text", "entities");
  if (formatted.text.trim() === "") throw badRequest("message text is empty");
  if ([...formatted.text].length > TEXT_LENGTH_MAX) throw badRequest("message is too long");
  return formatted;
}

/** The caption under a photo or document, which may be empty. */
export function captionOf(parameters: Parameters): Formatted {
  const formatted = parsed(parameters, "caption", "caption_entities");
  if ([...formatted.text].length > CAPTION_LENGTH_MAX) throw badRequest("message caption is too long");
  return formatted;
}

function parsed(parameters: Parameters, name: string, entitiesName: string): Formatted {
  const source = parameters.text(name) ?? "";
  const mode = parameters.text("parse_mode")?.toLowerCase();
  if (mode === "html") return parseHtml(source);
  if (mode === "markdownv2") return parseMarkdown(source);
  if (mode !== undefined) throw badRequest("unsupported parse_mode");
  const entities = parameters.json(entitiesName);
  return {
    text: source,
    entities: Array.isArray(entities) ? (entities as MessageEntity[]) : commandsIn(source),
  };
}

/** The `/commands` in a plain text, which Telegram marks by itself. */
export function commandsIn(text: string): MessageEntity[] {
  return [...text.matchAll(/(?<=^|\s)\/\w{1,32}(@\w+)?/g)].map((match) => ({
    type: "bot_command",
    offset: match.index,
    length: match[0].length,
  }));
}

/** The inline keyboard of a message, checked; other keyboards are accepted and leave no trace on the message. */
export function keyboardOf(parameters: Parameters): InlineKeyboardMarkup | undefined {
  const markup = parameters.json("reply_markup");
  if (markup === undefined) return undefined;
  if (typeof markup !== "object" || markup === null) throw badRequest("object expected as reply markup");
  if (!("inline_keyboard" in markup)) return undefined;
  const rows: unknown = markup.inline_keyboard;
  if (!Array.isArray(rows)) {
    throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays');
  }
  let count = 0;
  for (const row of rows as unknown[]) {
    if (!Array.isArray(row)) throw badRequest("inline keyboard row must be an Array of InlineKeyboardButton");
    for (const button of row as unknown[]) checkButton(button);
    count += row.length;
  }
  if (count > BUTTONS_MAX) throw badRequest("REPLY_MARKUP_TOO_LONG");
  return rows.some((row) => row.length > 0) ? (markup as InlineKeyboardMarkup) : undefined;
}

function checkButton(button: unknown): void {
  if (typeof button !== "object" || button === null) {
    throw badRequest("can't parse inline keyboard button: InlineKeyboardButton must be an Object");
  }
  const { text, callback_data: data, url } = button as Readonly<Record<string, unknown>>;
  if (typeof text !== "string" || text.trim() === "") {
    throw badRequest("can't parse inline keyboard button: Can't find field \"text\"");
  }
  const actions = [
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "pay",
    "callback_game",
  ];
  if (!actions.some((action) => action in button)) {
    throw badRequest("Text buttons are unallowed in the inline keyboard");
  }
  if (data !== undefined) {
    const length = typeof data === "string" ? Buffer.byteLength(data) : 0;
    if (length < 1 || length > BUTTON_DATA_BYTES_MAX) throw badRequest("BUTTON_DATA_INVALID");
  }
  if (url !== undefined && !/^(https?:\/\/)?[\w-]+(\.[\w-]+)+([/?#].*)?$|^tg:\/\//i.test(String(url))) {
    throw badRequest("BUTTON_URL_INVALID");
  }
}
