import type { MessageEntity } from "telegraf/types";
import { badRequest } from "./refusal.ts";

/** Text as people see it, with its entities at UTF-16 offsets. */
export interface Formatted {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

/** One kind of entity with what belongs to it, not yet placed. */
export type Style = { readonly type: MessageEntity["type"] } & Readonly<Record<string, string>>;

const STYLES: Readonly<Record<string, MessageEntity["type"]>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  "tg-spoiler": "spoiler",
  span: "spoiler",
  a: "text_link",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  "tg-emoji": "custom_emoji",
};
const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

interface Open {
  readonly tag: string;
  readonly style: Style;
  readonly offset: number;
}

/**
 * Telegram's HTML: only its tags, each closed, and every other <, > and & escaped. Telegram's server forgives a lone & or >;
 * its documentation does not, and neither does this parser, so that unescaped text is found in a test. Byte offsets are in the error.
 */
export function parseHtml(source: string): Formatted {
  let text = "";
  const entities: MessageEntity[] = [];
  const open: Open[] = [];
  let at = 0;
  while (at < source.length) {
    const char = source[at];
    if (char === "&") {
      const [decoded, length] = decode(source, at);
      text += decoded;
      at += length;
    } else if (char === ">") {
      throw unparsable(`Unescaped ">" at byte offset ${bytes(source, at)}`);
    } else if (char !== "<") {
      text += char;
      at += 1;
    } else {
      const end = source.indexOf(">", at);
      const isEnd = source[at + 1] === "/";
      const where = bytes(source, at);
      if (end < 0) throw unparsable(`Unclosed ${isEnd ? "end" : "start"} tag at byte offset ${where}`);
      const inside = source.slice(at + (isEnd ? 2 : 1), end);
      at = end + 1;
      if (isEnd) close(inside.trim().toLowerCase(), where, open, text.length, entities);
      else open.push({ ...start(inside, where), offset: text.length });
    }
  }
  const left = open.pop();
  if (left !== undefined) throw unparsable(`Can't find end tag corresponding to start tag "${left.tag}"`);
  return { text, entities: joinCode(entities) };
}

function unparsable(description: string) {
  return badRequest(`can't parse entities: ${description}`);
}

function bytes(source: string, at: number): number {
  return Buffer.byteLength(source.slice(0, at));
}

function decode(source: string, at: number): [decoded: string, length: number] {
  const match = /^&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/i.exec(source.slice(at, at + 12));
  const [whole = "", decimal, hex, name] = match ?? [];
  if (decimal !== undefined || hex !== undefined) {
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? "", 16);
    if (code > 0 && code <= 0x10ffff) return [String.fromCodePoint(code), whole.length];
  }
  const known = name === undefined ? undefined : NAMED[name];
  if (known === undefined) throw unparsable(`Unescaped "&" at byte offset ${bytes(source, at)}`);
  return [known, whole.length];
}

function start(inside: string, where: number): { readonly tag: string; readonly style: Style } {
  const tag = (/^[^\s/]*/.exec(inside)?.[0] ?? "").toLowerCase();
  const type = STYLES[tag];
  if (type === undefined) throw unparsable(`Unsupported start tag "${tag}" at byte offset ${where}`);
  const attributes = attributesOf(inside.slice(tag.length), tag, where);
  if (tag === "span" && attributes.get("class") !== "tg-spoiler") {
    throw unparsable(`Tag "span" must have class "tg-spoiler" at byte offset ${where}`);
  }
  if (tag === "a") return { tag, style: { type, url: attributes.get("href") ?? "" } };
  if (tag === "tg-emoji") return { tag, style: { type, custom_emoji_id: attributes.get("emoji-id") ?? "" } };
  const language = /^language-(.+)$/.exec(attributes.get("class") ?? "")?.[1];
  if (tag === "code" && language !== undefined) return { tag, style: { type, language } };
  return { tag, style: { type } };
}

function attributesOf(source: string, tag: string, where: number): Map<string, string> {
  const attributes = new Map<string, string>();
  let rest = source.trim();
  while (rest !== "") {
    const match = /^([^\s=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?\s*/.exec(rest);
    if (match === null || match[1] === undefined) {
      throw unparsable(`Empty attribute name in the tag "${tag}" at byte offset ${where}`);
    }
    const value = match[2] ?? match[3] ?? match[4] ?? "";
    attributes.set(match[1].toLowerCase(), decoded(value, where));
    rest = rest.slice(match[0].length);
  }
  return attributes;
}

/** The value of an attribute with its entities resolved. */
function decoded(value: string, where: number): string {
  return value.replace(/&[^;&]*;?/g, (entity) => {
    const [character, length] = decode(entity, 0);
    if (length !== entity.length) throw unparsable(`Unescaped "&" in the tag at byte offset ${where}`);
    return character;
  });
}

function close(tag: string, where: number, open: Open[], end: number, entities: MessageEntity[]): void {
  const last = open.pop();
  if (last === undefined) throw unparsable(`Unexpected end tag at byte offset ${where}`);
  if (tag !== "" && tag !== last.tag) {
    throw unparsable(
      `Unmatched end tag at byte offset ${where}, expected "</${last.tag}>", found "</${tag}>"`,
    );
  }
  if (end > last.offset) entities.push(placed(last.style, last.offset, end - last.offset));
}

/** A style at its place in the text; a link without an address is plain text in Telegram and keeps no entity. */
export function placed(style: Style, offset: number, length: number): MessageEntity {
  return { ...style, offset, length } as MessageEntity;
}

/** `<pre><code class="language-x">` is one pre block with a language; other entities are in order of their place. */
function joinCode(entities: readonly MessageEntity[]): MessageEntity[] {
  const joined: MessageEntity[] = [];
  for (const entity of entities) {
    if (entity.type === "text_link" && entity.url === "") continue;
    const last = joined.at(-1);
    const isSame = last?.offset === entity.offset && last.length === entity.length;
    if (entity.type === "pre" && isSame && last?.type === "code")
      joined[joined.length - 1] = { ...last, ...entity };
    else joined.push(entity);
  }
  return joined.sort((a, b) => a.offset - b.offset || b.length - a.length);
}
