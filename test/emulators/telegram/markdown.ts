import type { MessageEntity } from "telegraf/types";
import { type Formatted, placed, type Style } from "./html.ts";
import { badRequest } from "./refusal.ts";

interface Open {
  readonly name: string;
  readonly closing: string;
  readonly style: Style;
  readonly offset: number;
  readonly start: number;
}

const RESERVED = "_*[]()~`>#+-=|{}.!";

/** The marks that open an entity, longest first, with Telegram's name of the entity as it stands in errors. */
const MARKS: readonly (readonly [
  mark: string,
  closing: string,
  name: string,
  type: MessageEntity["type"],
])[] = [
  ["```", "```", "Pre", "pre"],
  ["__", "__", "Underline", "underline"],
  ["||", "||", "Spoiler", "spoiler"],
  ["![", "]", "CustomEmoji", "custom_emoji"],
  ["_", "_", "Italic", "italic"],
  ["*", "*", "Bold", "bold"],
  ["~", "~", "Strikethrough", "strikethrough"],
  ["`", "`", "Code", "code"],
  ["[", "]", "TextUrl", "text_link"],
];

/** Telegram's MarkdownV2: every reserved character outside an entity is escaped, every entity is closed; byte offsets are in the error. */
export function parseMarkdown(source: string): Formatted {
  let text = "";
  const entities: MessageEntity[] = [];
  const open: Open[] = [];
  let at = 0;
  while (at < source.length) {
    const char = source[at] ?? "";
    const next = source.charCodeAt(at + 1);
    if (char === "\\" && next > 0 && next <= 126) {
      text += source[at + 1];
      at += 2;
      continue;
    }
    const last = open.at(-1);
    const isVerbatim = last?.name === "Pre" || last?.name === "Code";
    if (last !== undefined && closes(source, at, last)) {
      open.pop();
      at += last.closing.length;
      const target = last.closing === "]" ? address(source, at) : undefined;
      at = target?.end ?? at;
      const style = styleWith(last, target?.url, text.slice(last.offset));
      if (style !== undefined && text.length > last.offset) {
        entities.push(placed(style, last.offset, text.length - last.offset));
      }
    } else if (isVerbatim ? char !== "`" : !RESERVED.includes(char)) {
      text += char;
      at += 1;
    } else if (char === ">" && (at === 0 || source[at - 1] === "\n")) {
      at += 1; // a quoted line; the text is what counts here
    } else {
      const mark = MARKS.find(([start]) => source.startsWith(start, at));
      if (mark === undefined) {
        throw unparsable(`Character '${char}' is reserved and must be escaped with the preceding '\\'`);
      }
      const [start, closing, name, type] = mark;
      open.push({ name, closing, style: { type }, offset: text.length, start: at });
      at += start.length;
      if (name === "Pre") at += /^\w*\n|^/.exec(source.slice(at))?.[0].length ?? 0;
    }
  }
  const left = open.pop();
  if (left !== undefined) {
    const where = Buffer.byteLength(source.slice(0, left.start));
    throw unparsable(`Can't find end of ${left.name} entity at byte offset ${where}`);
  }
  return { text, entities: entities.sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

function unparsable(description: string) {
  return badRequest(`can't parse entities: ${description}`);
}

function closes(source: string, at: number, open: Open): boolean {
  if (!source.startsWith(open.closing, at)) return false;
  return open.name !== "Italic" || source[at + 1] !== "_";
}

/** The `(address)` behind a `]`; without one the link text itself is the address. */
function address(source: string, at: number): { readonly url: string; readonly end: number } | undefined {
  if (source[at] !== "(") return undefined;
  let url = "";
  for (let index = at + 1; index < source.length; index += 1) {
    const char = source[index] ?? "";
    if (char === ")") return { url, end: index + 1 };
    if (char === "\\") index += 1;
    url += source[index] ?? "";
  }
  throw unparsable(`Can't find end of a URL at byte offset ${Buffer.byteLength(source.slice(0, at))}`);
}

function styleWith(open: Open, url: string | undefined, inner: string): Style | undefined {
  if (open.name === "CustomEmoji") {
    const id = /^tg:\/\/emoji\?id=(\d+)$/.exec(url ?? "")?.[1];
    if (id === undefined) throw unparsable("Custom emoji entity must contain a tg://emoji URL");
    return { ...open.style, custom_emoji_id: id };
  }
  if (open.name !== "TextUrl") return open.style;
  const target = url ?? inner;
  return /^(https?|tg|mailto|ton):|^[\w-]+\.\w/i.test(target) ? { ...open.style, url: target } : undefined;
}
