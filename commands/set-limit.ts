import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { dayTime } from "../src/chat/format.ts";
import {
  limitArgument,
  limitOf,
  limitValueArgument,
  noLimit,
  readLimit,
  shownLimit,
} from "../src/chat/limit-argument.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { type Button, PICK_MS, type Reply } from "../src/chat/reply.ts";
import type { LimitView } from "../src/core/limit.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

/** What a limit's name may be long, to fit into a button. */
const KEY_MOST = 36;
const IN_ROW = 3;

/** Tightens a limit at once, proposes to loosen one up to what the settings say, and lists what is in force. */
export const setLimit = defineCommand({
  name: "set_limit",
  aliases: ["limits"],
  description: "Tighten a limit at once, or propose to loosen it; alone it lists them",
  examples: [
    "set_limit",
    "set_limit exposure 1.5",
    "set_limit drawdown_warning 3%",
    "set_limit exposure settings",
  ],
  topic: "safety",
  role: "admin",
  risk: "R4",
  approval: "2P",
  isPrivate: true,
  isOfCard: true,
  schema: z.object({
    name: z.string().optional(),
    value: z.string().optional(),
    now: z
      .string()
      .regex(/^now$/i, "After the value stands nothing, or now: whatever follows from it at once.")
      .optional(),
  }),
  args: [
    limitArgument,
    limitValueArgument,
    { name: "now", description: "now: also where the risk state changes at once", isRequired: false },
  ],
  async run({ args, actor, door, nowWall }) {
    const desk = door.snapshot();
    if (args.name === undefined) return listOf(desk, nowWall);
    const limit = limitOf(desk, args.name);
    if (limit === undefined) return refusal(noLimit(desk, args.name));
    if (args.value === undefined)
      return { title: "Limit", tone: "plain", lines: [lineOf(desk, limit)], isPrivate: true };
    const value = readLimit(desk, limit, args.value);
    if (typeof value === "string") return refusal(value);
    const outcome = await door.setLimit(actor, { limit: limit.key, value, isSure: args.now !== undefined });
    return outcomeReply(outcome, "Limits", "Not set");
  },
});

function listOf(desk: DeskSnapshot, nowWall: number): Reply {
  const untilWallAt = nowWall + PICK_MS;
  const buttons = desk.limits
    .filter(({ key }) => key.length <= KEY_MOST)
    .map(
      ({ key }): Button => ({
        label: key,
        style: "plain",
        action: { type: "pick", line: `set_limit ${key}`, untilWallAt },
      }),
    )
    .slice(0, 24);
  return {
    title: "Limits in force",
    tone: "plain",
    lines: ["A tap offers tighter values. Looser ones, up to the settings, take two people."],
    table: {
      columns: ["Limit", "in force", "settings", "set"],
      rows: desk.limits.map((limit) => [
        limit.key,
        shownLimit(desk, limit, limit.now),
        shownLimit(desk, limit, limit.settings),
        setBy(limit),
      ]),
    },
    buttons: Array.from({ length: Math.ceil(buttons.length / IN_ROW) }, (_, row) =>
      buttons.slice(row * IN_ROW, (row + 1) * IN_ROW),
    ),
    isPrivate: true,
  };
}

const setBy = ({ set }: LimitView): string =>
  set === undefined ? "" : `by ${set.by}, ${dayTime(set.wallAt)}`;

function lineOf(desk: DeskSnapshot, limit: LimitView): string {
  const now = `${limit.key} is ${shownLimit(desk, limit, limit.now)}`;
  return limit.set === undefined
    ? `${now}, as the settings say, and can't be tightened by a tap; say a value.`
    : `${now}, set ${setBy(limit)}; the settings say ${shownLimit(desk, limit, limit.settings)}.`;
}

const refusal = (text: string): Reply => ({
  title: "Not set",
  tone: "warning",
  lines: [text],
  isPrivate: true,
});
