import { cut, oneLine, tableLines } from "../layout.ts";
import type { Button, Reply } from "../reply.ts";
import { tapText } from "../tap.ts";

/** The most characters a Telegram message shows, after its formatting is taken out. */
const TEXT_MAX = 4096;
/** The same under a picture. */
const CAPTION_MAX = 1024;
const FIELDS_MAX = 40; // Telegram ignores formatting beyond 100 places
const BUTTONS_IN_ROW_MAX = 8;
const ROWS_MAX = 10;

const ICONS: Readonly<Record<Reply["tone"], string>> = {
  plain: "",
  good: "\u2705 ",
  warning: "\u26a0\ufe0f ",
  danger: "\u{1f6a8} ",
};

/** Text that Telegram's HTML mode shows as it is. */
export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A reply as Telegram HTML, and how many characters of it are seen. */
export function renderHtml(reply: Reply): { readonly html: string; readonly length: number } {
  const blocks: Block[] = [
    { tag: "b", text: `${ICONS[reply.tone]}${cut(oneLine(reply.title), 200)}` },
    ...(reply.lines ?? []).map((line): Block => ({ text: cut(oneLine(line), 1_000) })),
    ...(reply.fields ?? []).map(
      ({ label, text }): Block => ({ label: cut(oneLine(label), 60), text: cut(oneLine(text), 300) }),
    ),
    ...(reply.table === undefined ? [] : [{ tag: "pre", text: tableLines(reply.table).join("\n") } as const]),
    ...(reply.footer === undefined ? [] : [{ tag: "i", text: cut(oneLine(reply.footer), 400) } as const]),
  ];
  const html = blocks.map(drawn).join("\n");
  const length = blocks.reduce((sum, { label = "", text }) => sum + label.length + text.length + 3, 0);
  return { html, length };
}

interface Block {
  readonly tag?: "b" | "i" | "pre";
  readonly label?: string;
  readonly text: string;
}

function drawn({ tag, label, text }: Block): string {
  const safe = escapeHtml(text);
  if (label !== undefined) return `${escapeHtml(label)}: <b>${safe === "" ? "-" : safe}</b>`;
  return tag === undefined || safe === "" ? safe : `<${tag}>${safe}</${tag}>`;
}

/** True when a reply is one Telegram message. */
export const fitsTelegram = (reply: Reply): boolean =>
  (reply.fields?.length ?? 0) <= FIELDS_MAX && renderHtml(reply).length <= TEXT_MAX;

/** True when a reply fits under a picture. */
export const fitsCaption = (reply: Reply): boolean =>
  (reply.fields?.length ?? 0) <= FIELDS_MAX && renderHtml(reply).length <= CAPTION_MAX;

/** A button as Telegram takes it. */
export interface InlineButton {
  readonly text: string;
  readonly callback_data: string;
}

/** The buttons of a reply; one whose text is too long to be carried is left out. */
export function keyboardOf(reply: Reply): InlineButton[][] {
  return (reply.buttons ?? [])
    .map((row) => row.flatMap(buttonOf).slice(0, BUTTONS_IN_ROW_MAX))
    .filter((row) => row.length > 0)
    .slice(0, ROWS_MAX);
}

function buttonOf({ label, action }: Button): InlineButton[] {
  const data = tapText(action);
  const text = cut(oneLine(label).trim(), 40);
  return data === undefined || text === "" ? [] : [{ text, callback_data: data }];
}
