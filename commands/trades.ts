import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { bareGain, UNKNOWN } from "../src/chat/format.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import type { Reply } from "../src/chat/reply.ts";
import { howOf, netOf } from "../src/chat/trade-words.ts";
import { millisIn, type NumberedTrade, wordIn } from "../src/core/trade-log.ts";
import type { DeskDoor } from "../src/desk/ports.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

const COUNT = { usual: 10, most: 500 };

/** The last parts that were closed, the newest first, of all or of one grid or symbol. */
export const trades = defineCommand({
  name: "trades",
  aliases: [],
  description: "The last trades: what was closed, how, and for how much",
  examples: ["trades", "trades 30", "trades grid-btc", "trades BTCUSDT 20"],
  topic: "results",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({
    of: z.string().optional(),
    count: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, `How many trades is a number from 1 to ${COUNT.most}.`)
      .optional(),
  }),
  args: [
    {
      name: "of",
      description: "Only of this grid or symbol",
      isRequired: false,
      choices: (door) => [...namesIn(door.snapshot())],
    },
    {
      name: "count",
      description: `How many; left out: ${COUNT.usual}`,
      isRequired: false,
      choices: () => ["10", "20", "50", "100"],
    },
  ],
  sortWords: (words) =>
    Object.fromEntries(words.map((word) => [/^[-+]?\d+$/.test(word) ? "count" : "of", word])),
  async run({ args, door }): Promise<Reply> {
    const desk = door.snapshot();
    const name = args.of === undefined ? undefined : nameOf(desk, args.of);
    if (args.of !== undefined && name === undefined) return unknownName(desk, args.of);
    const most = Math.min(COUNT.most, Number(args.count ?? COUNT.usual));
    const own = desk.metrics.lastTrades.filter(
      ({ fields }) => name === undefined || fields["Engine"] === name || fields["Symbol"] === name,
    );
    const shown = own.slice(0, most);
    const line = ["trades", ...(name === undefined ? [] : [name]), ...(args.count ? [args.count] : [])];
    return {
      title: shown.length === 0 ? "No trade yet" : `The last ${shown.length} of ${own.length} trades`,
      tone: "plain",
      ...(shown.length === 0
        ? { lines: ["Nothing is in the trade log yet."] }
        : {
            table: {
              columns: ["No.", "UTC", "how", desk.asset],
              rows: shown.map((each) => [
                `${each.number}`,
                timeOf(each),
                howOf(each),
                bareGain(netOf(each), desk.asset),
              ]),
            },
          }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: line.join(" ") } }]],
      footer: "After fees. /trade NUMBER tells all about one.",
      isPrivate: true,
    };
  },
});

/** Grids and symbols: those of the desk, and those of the trades. */
function namesIn(desk: ReturnType<DeskDoor["snapshot"]>): ReadonlySet<string> {
  return new Set([
    ...desk.engines.map(({ engine }) => engine),
    ...desk.instruments.map(({ id }) => id),
    ...desk.metrics.lastTrades.flatMap(({ fields }) => [wordIn(fields, "Engine"), wordIn(fields, "Symbol")]),
  ]);
}

const nameOf = (desk: DeskSnapshot, typed: string): string | undefined =>
  [...namesIn(desk)].find((name) => name.toLowerCase() === typed.toLowerCase());

function unknownName(desk: DeskSnapshot, typed: string): Reply {
  const names = [...namesIn(desk)].slice(0, 10).join(", ");
  return {
    title: "Not done",
    tone: "warning",
    lines: [`"${cut(oneLine(typed), 40)}" is no grid and no symbol here; say one of ${names}.`],
    isPrivate: true,
  };
}

/** "11-30 12:00", the market's time. */
function timeOf({ fields }: NumberedTrade): string {
  const at = millisIn(fields, "At");
  return at === undefined ? UNKNOWN : new Date(at).toISOString().slice(5, 16).replace("T", " ");
}
