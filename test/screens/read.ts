import type { APIMessage } from "discord.js";
import type { MessageEntity } from "telegraf/types";
import type { FormFile } from "../emulators/telegram/multipart.ts";
import type { StoredMessage } from "../emulators/telegram/rooms.ts";
import type { Block, PhoneButton, PhoneMessage, Run } from "./phone.ts";

type Files = ReadonlyMap<string, FormFile>;

/** A message of the emulated Telegram as a phone shows it. `files` are those of the call that wrote it. */
export function onTelegram(message: StoredMessage, time: string, files: Files = new Map()): PhoneMessage {
  const isPhoto = "photo" in message;
  const text = "text" in message ? message.text : ("caption" in message && message.caption) || "";
  const entities =
    ("entities" in message
      ? message.entities
      : "caption_entities" in message
        ? message.caption_entities
        : []) ?? [];
  const [file] = [...files.values()];
  const keyboard = "reply_markup" in message ? (message.reply_markup?.inline_keyboard ?? []) : [];
  return {
    from: "bot",
    time,
    blocks: [
      ...(isPhoto && file !== undefined ? [{ type: "picture" as const, png: file.bytes }] : []),
      ...blocksOf(text, entities),
    ],
    buttons: keyboard.map((row) => row.map(({ text: label }) => ({ label }))),
  };
}

/** Text and its entities as blocks: what is preformatted stands for itself. */
function blocksOf(text: string, entities: readonly MessageEntity[]): readonly Block[] {
  const blocks: Block[] = [];
  let runs: Run[] = [];
  const flush = (): void => {
    if (runs.length > 0) blocks.push({ type: "text", runs: trimmed(runs) });
    runs = [];
  };
  let at = 0;
  for (const { type, offset, length } of [...entities].sort((a, b) => a.offset - b.offset)) {
    if (offset > at) runs.push({ text: text.slice(at, offset) });
    const part = text.slice(offset, offset + length);
    at = offset + length;
    if (type === "pre") {
      flush();
      blocks.push({ type: "code", lines: part.split("\n") });
    } else runs.push({ text: part, look: type === "bold" ? "bold" : "muted" });
  }
  if (at < text.length) runs.push({ text: text.slice(at) });
  flush();
  return blocks;
}

/** The line break beside a block of its own is no empty line. */
function trimmed(runs: readonly Run[]): readonly Run[] {
  const last = runs.length - 1;
  return runs.map((run, index) => ({
    ...run,
    text: run.text.replace(index === 0 ? /^\n/ : /^$/, "").replace(index === last ? /\n$/ : /^$/, ""),
  }));
}

const EPHEMERAL = 64;
const STYLES: Readonly<Record<number, string>> = { 1: "#5865f2", 2: "#4e5058", 3: "#248046", 4: "#da373c" };

/** A message of the emulated Discord as a phone shows it. `command` is what somebody asked; `files` are those of the call. */
export function onDiscord(
  message: APIMessage,
  time: string,
  { command, files = new Map() }: { readonly command?: string; readonly files?: Files } = {},
): PhoneMessage {
  const [embed] = message.embeds;
  const [file] = [...files.values()];
  const blocks: Block[] = [
    { type: "text", runs: [{ text: plain(embed?.title ?? ""), look: "bold" }] },
    ...marked(embed?.description ?? ""),
    ...(embed?.fields ?? []).flatMap(({ name, value }): Block[] => [
      { type: "text", runs: [{ text: plain(name), look: "bold" }, { text: `\n${plain(value)}` }] },
    ]),
    ...(embed?.footer === undefined
      ? []
      : [{ type: "text" as const, runs: [{ text: embed.footer.text, look: "muted" as const }] }]),
    ...(file === undefined ? [] : [{ type: "picture" as const, png: file.bytes }]),
  ];
  return {
    from: "bot",
    time,
    blocks,
    buttons: buttonsOf(message),
    ...(command === undefined ? {} : { above: `Ann used ${command}` }),
    ...(((message.flags ?? 0) & EPHEMERAL) === 0 ? {} : { below: "Only you can see this" }),
    bar: `#${(embed?.color ?? 0).toString(16).padStart(6, "0")}`,
  };
}

function buttonsOf(message: APIMessage): readonly (readonly PhoneButton[])[] {
  const rows = (message.components ?? []) as unknown as readonly {
    readonly components: readonly { readonly label?: string; readonly style: number }[];
  }[];
  return rows.map(({ components }) =>
    components.map(({ label = "", style }) => ({ label, color: STYLES[style] ?? "#4e5058" })),
  );
}

/** Code blocks apart from the lines around them. */
const marked = (text: string): readonly Block[] =>
  text.split(/```\n?/).flatMap((part, index): Block[] => {
    const inner = part.replace(/\n$/, "");
    if (inner === "") return [];
    return index % 2 === 1
      ? [{ type: "code", lines: inner.split("\n") }]
      : [{ type: "text", runs: [{ text: plain(inner) }] }];
  });

/** Markdown that is escaped shows as it is. */
const plain = (text: string): string => text.replaceAll(/\\([\\*_~`|<[\]>#:-])/g, "$1");

/** What a person wrote. */
export const said = (text: string, time: string): PhoneMessage => ({
  from: "person",
  time,
  blocks: [{ type: "text", runs: [{ text }] }],
});
