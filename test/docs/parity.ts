import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commands } from "../../commands/index.ts";
import type { AnyCommand } from "../../src/chat/command.ts";
import { type ForeignCommand, FREQTRADE } from "./freqtrade.ts";
import { LEFT_OUT } from "./left-out.ts";
import { ROOT } from "./pages.ts";

/** Where the page stands. */
export const PARITY_PAGE = "docs/parity.md";
/** What writes it. */
export const WRITE = "npx tsx test/docs/parity.ts";

/** The page as the definitions and the list of freqtrade's commands have it now. */
export function parityPage(): string {
  const answered = FREQTRADE.filter(({ here }) => here.length > 0).length;
  return `# Commands, beside freqtrade's

Written by \`${WRITE}\` from the commands' own definitions and the list of freqtrade's commands in \`test/docs/freqtrade.ts\`; a test fails when it is not what they say.

## freqtrade's commands

${FREQTRADE.length} commands; ${answered} have their counterpart here, ${FREQTRADE.length - answered} have a reason why not.

${tableOf(["There", "What it does", "Here", "What is different, or why not"], FREQTRADE.map(foreignRow))}

## Our commands

${commands.length} commands, the same on Telegram, on Discord and in the terminal. Risk: R0 reads, R1 reduces activity, R2 reduces risk and trades, R3 allows more risk, R4 affects the whole account. Agreement: C a card asks and whoever asked may approve it, P another person approves it where there is one, 2P two people.

${tableOf(["Command", "Role", "Risk", "Agreement", "freqtrade", "Example"], commands.map(ownRow))}

## Left out

${tableOf(
  ["Name", "What it would do", "Why it does not"],
  LEFT_OUT.map(({ names, does, why }) => [names.join(", "), does, why]),
)}
`;
}

const foreignRow = ({ name, aliases, does, here, why }: ForeignCommand): readonly string[] => [
  [name, ...aliases].join(", "),
  does,
  here.length === 0 ? "none" : here.map((each) => `\`/${each}\``).join(", "),
  why,
];

function ownRow({ name, role, risk, approval, examples, args }: AnyCommand): readonly string[] {
  const counterparts = FREQTRADE.filter(({ here }) => here.includes(name)).map((each) => each.name);
  const usage = args.map((each) => (each.isRequired ? each.name : `[${each.name}]`)).join(" ");
  return [
    `\`/${`${name} ${usage}`.trim()}\``,
    role,
    risk,
    approval === "none" ? "" : approval,
    counterparts.join(", "),
    `\`/${examples.at(-1) ?? name}\``,
  ];
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  writeFileSync(join(ROOT, PARITY_PAGE), parityPage());
