import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { clockTime } from "../src/chat/format.ts";
import { cut, oneLine } from "../src/chat/layout.ts";

const COUNT = { usual: 10, most: 100 };
/** Characters of a line that are shown. */
const LINE_MOST = 300;

/** The last lines of the desk's own log. */
export const logs = defineCommand({
  name: "logs",
  aliases: [],
  description: "The last lines of the desk's own log",
  examples: ["logs", "logs 50", "logs 20 warn"],
  topic: "desk",
  role: "risk",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({
    count: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, `How many lines is a number from 1 to ${COUNT.most}.`)
      .optional(),
    level: z.enum(["all", "warn", "error"], { error: "Which lines is all, warn or error." }).default("all"),
  }),
  args: [
    {
      name: "count",
      description: `How many lines; left out: ${COUNT.usual}`,
      isRequired: false,
      choices: () => ["10", "25", "50", "100"],
    },
    {
      name: "level",
      description: "warn: only warnings and errors; error: only errors",
      isRequired: false,
      choices: () => ["all", "warn", "error"],
    },
  ],
  sortWords: (words) =>
    Object.fromEntries(
      words.map((word) => [/^[-+]?\d+$/.test(word) ? "count" : "level", word.toLowerCase()]),
    ),
  async run({ args: { count = String(COUNT.usual), level }, door }) {
    const most = Math.min(COUNT.most, Number(count));
    const shown = door.machine
      .logLines(Number.POSITIVE_INFINITY)
      .filter((line) => level === "all" || line.level === "error" || line.level === level)
      .slice(0, most);
    return {
      title: shown.length === 0 ? "Nothing in the log" : `The log's last ${shown.length} lines, newest first`,
      tone: "plain",
      lines: shown.map((line) =>
        cut(
          oneLine(
            `${clockTime(line.wallAt)} ${line.level === "info" ? "" : `${line.level.toUpperCase()} `}${line.text}`,
          ),
          LINE_MOST,
        ),
      ),
      buttons: [
        [
          { label: "Refresh", style: "plain", action: { type: "run", line: `logs ${most} ${level}` } },
          { label: "Warnings", style: "plain", action: { type: "run", line: `logs ${most} warn` } },
        ],
      ],
      footer: "Since the start, without the trade log; the file has all.",
      isPrivate: true,
    };
  },
});
