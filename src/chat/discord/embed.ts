import { cut, oneLine, tableLines } from "../layout.ts";
import type { Button, Reply } from "../reply.ts";
import { tapText } from "../tap.ts";
import { DISCORD_LIMITS, problemOf } from "./limits.ts";

/** A Discord embed, as the API takes it. */
interface Embed {
  readonly title: string;
  readonly description?: string;
  readonly color: number;
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline: boolean }[];
  readonly footer?: { readonly text: string };
}

/** A row of buttons, as the API takes it. */
interface ButtonRow {
  readonly type: 1;
  readonly components: readonly {
    readonly type: 2;
    readonly style: 1 | 2 | 4;
    readonly label: string;
    readonly custom_id: string;
  }[];
}

/** What a message shows. Empty lists take away what an edited message had. */
export interface Shown {
  readonly embeds: readonly Embed[];
  readonly components: readonly ButtonRow[];
}

const COLORS: Readonly<Record<Reply["tone"], number>> = {
  plain: 0x5865f2,
  good: 0x2e8b57,
  warning: 0xe0a030,
  danger: 0xc0392b,
};

const STYLES = { primary: 1, plain: 2, danger: 4 } as const;

/** One line that Discord shows as it is: nothing in it is formatting, a heading, a list, a link or a mention. */
const escapeMarkdown = (line: string): string =>
  line
    .replaceAll(/[\\*_~`|<[\]]/g, "\\$&")
    .replaceAll("://", "\\://")
    .replace(/^(\s*)(?=(?:>{1,3}|#{1,3}|-#?)\s)/, "$1\\");

/** A line escaped and cut. */
const safe = (text: string, max: number): string => {
  const escaped = escapeMarkdown(oneLine(text));
  if (escaped.length <= max) return escaped;
  // A cut must not leave a lone backslash, which would escape what follows.
  return `${cut(escaped, max - 1).replace(/\\+…$/, "")}…`.slice(0, max);
};

/** A reply as one Discord message. */
export function renderDiscord(reply: Reply): Shown {
  const table = reply.table === undefined ? "" : codeBlock(tableLines(reply.table));
  const lines = (reply.lines ?? []).map((line) => safe(line, 1_000));
  const description = [lines.join("\n"), table].filter((part) => part !== "").join("\n");
  const fields = (reply.fields ?? []).map(({ label, text }) => ({
    name: safe(label, 100) || "-",
    value: safe(text, 600) || "-",
    inline: false,
  }));
  const embed: Embed = {
    title: safe(reply.title, DISCORD_LIMITS.title) || "-",
    color: COLORS[reply.tone],
    ...(description === "" ? {} : { description }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(reply.footer === undefined || reply.footer === ""
      ? {}
      : { footer: { text: cut(oneLine(reply.footer), 400) } }),
  };
  return { embeds: [embed], components: rowsOf(reply) };
}

/** True when a reply is one Discord message. */
export const fitsDiscord = (reply: Reply): boolean => problemOf(renderDiscord(reply)) === undefined;

function codeBlock(lines: readonly string[]): string {
  return `\`\`\`\n${lines.map((line) => line.replaceAll("`", "'")).join("\n")}\n\`\`\``;
}

function rowsOf(reply: Reply): ButtonRow[] {
  const seen = new Set<string>();
  return (reply.buttons ?? [])
    .map((row) => row.flatMap((button) => buttonOf(button, seen)).slice(0, DISCORD_LIMITS.buttonsInRow))
    .filter((row) => row.length > 0)
    .slice(0, DISCORD_LIMITS.rows)
    .map((components) => ({ type: 1, components }));
}

function buttonOf({ label, style, action }: Button, seen: Set<string>): ButtonRow["components"][number][] {
  const id = tapText(action);
  const text = cut(oneLine(label).trim(), DISCORD_LIMITS.label);
  if (id === undefined || text === "" || seen.has(id)) return [];
  seen.add(id);
  return [{ type: 2, style: STYLES[style], label: text, custom_id: id }];
}
