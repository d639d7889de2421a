import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, dayTime } from "../src/chat/format.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import type { Reply } from "../src/chat/reply.ts";
import type { LedgerEntry } from "../src/desk/ports.ts";

const COUNT = { usual: 10, most: 50 };
/** Characters of an entry's content that are shown. */
const CONTENT_MOST = 90;
/** Digits of the head's hash that are shown: as many as `perpdesk audit verify --head` needs at least. */
const HEAD_DIGITS = 16;
/** What an entry's own columns say already, or what tells a person nothing. */
const LEFT_OUT: ReadonlySet<string> = new Set(["scope", "at", "wallAt", "actor"]);

/** The last lines of the audit ledger: who asked for what, who was refused and why. */
export const audit = defineCommand({
  name: "audit",
  aliases: [],
  description: "Who asked for what, and what was refused",
  examples: ["audit", "audit 30", "audit alice", "audit refusal"],
  topic: "people",
  role: "risk",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({
    count: z
      .string()
      .regex(/^\d{1,3}$/, `How many lines is a number from 1 to ${COUNT.most}.`)
      .optional(),
    of: z.string().max(64, "A name is 64 characters at most.").optional(),
  }),
  args: [
    {
      name: "count",
      description: `How many lines, ${COUNT.most} at most`,
      isRequired: false,
      choices: () => ["10", "20", "50"],
    },
    { name: "of", description: "Only of this person, or only of this kind", isRequired: false },
  ],
  sortWords: (words) => {
    const count = words.find((word) => /^\d+$/.test(word));
    const of = words.find((word) => word !== count);
    return { ...(count === undefined ? {} : { count }), ...(of === undefined ? {} : { of }) };
  },
  async run({ args: { count = String(COUNT.usual), of }, door }) {
    const asked = Number(count);
    const most = Math.min(COUNT.most, Math.max(1, asked));
    const all = await door.audit(most, {});
    if (of === undefined) return listed(all.entries, all.head, { asked });
    const own = await door.audit(most, { actor: of });
    const found = own.entries.length > 0 ? own : await door.audit(most, { kind: of });
    return listed(found.entries, found.head, { asked, of });
  },
});

function listed(
  entries: readonly LedgerEntry[],
  head: { readonly sequence: number; readonly hash: string },
  { asked, of }: { readonly asked: number; readonly of?: string },
): Reply {
  const whose = of === undefined ? "" : ` of ${cut(oneLine(of), 40)}`;
  const run = of === undefined ? "audit" : `audit ${of}`;
  return {
    title:
      entries.length === 0
        ? `Audit: nothing${whose}`
        : `Audit: the last ${counted(entries.length, "line")}${whose}`,
    tone: "plain",
    lines: [
      ...(asked > COUNT.most ? [`${COUNT.most} lines are the most that is shown here, not ${asked}.`] : []),
      ...entries.map(
        (entry) => `${entry.sequence}. ${dayTime(entry.wallAt)} ${entry.actor}: ${contentOf(entry)}`,
      ),
    ],
    buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: run } }]],
    footer: `The ledger ends with line ${head.sequence}, hash ${head.hash.slice(0, HEAD_DIGITS)}.`,
    isPrivate: true,
  };
}

/** The kind and, as far as there is room, what it was about. */
function contentOf({ kind, body }: LedgerEntry): string {
  const parts = Object.entries(JSON.parse(body) as Readonly<Record<string, unknown>>)
    .filter(([name]) => !LEFT_OUT.has(name))
    .map(([name, content]) => `${name} ${typeof content === "string" ? content : JSON.stringify(content)}`);
  return cut(oneLine([kind, ...parts].join(", ").replace(", ", ": ")), CONTENT_MOST);
}
