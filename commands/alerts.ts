import { z } from "zod";
import type { OpenAlert } from "../src/chat/alert-desk.ts";
import { defineCommand } from "../src/chat/command.ts";
import { clockTime, counted, duration } from "../src/chat/format.ts";

/** Every alert that sounded and is not resolved, the loudest first. */
export const alerts = defineCommand({
  name: "alerts",
  aliases: [],
  description: "Alerts that are open, and who has seen them",
  examples: ["alerts"],
  topic: "notices",
  role: "viewer",
  risk: "R0",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ alerts: desk, nowWall }) {
    const open = desk.open();
    const buttons = [
      [{ label: "Refresh", style: "plain", action: { type: "run", line: "alerts" } }],
    ] as const;
    if (open.length === 0)
      return { title: "No open alert", tone: "good", lines: ["Nothing that sounded stands."], buttons };
    const isSeen = open.every(({ seenBy }) => seenBy !== undefined);
    return {
      title: counted(open.length, "open alert"),
      tone: isSeen ? "plain" : "warning",
      lines: open.map((each) => lineOf(each, nowWall)),
      buttons,
      footer: `/ack ${open[0]?.mark ?? "MARK"} says that it was seen${putOff(open)}.`,
    };
  },
});

/** How to put off the first one that may be. */
function putOff(open: readonly OpenAlert[]): string {
  const first = open.find(({ level }) => level !== "critical");
  if (first === undefined) return "; CRITICAL can't be put off";
  return `; /snooze ${first.mark} ${first.level === "extreme" ? "15m" : "1h"} puts ${first === open[0] ? "it" : first.mark} off`;
}

function lineOf(
  { mark, level, title, sinceWallAt, count, seenBy, untilWallAt }: OpenAlert,
  now: number,
): string {
  const times = count > 1 ? `, ${count} times` : "";
  const quiet = untilWallAt === undefined ? "" : `, quiet until ${clockTime(untilWallAt)}`;
  const seen = seenBy === undefined ? "seen by nobody" : `seen by ${seenBy}${quiet}`;
  return `${mark} ${level.toUpperCase()}: ${title}; for ${duration(now - sinceWallAt)}${times}; ${seen}`;
}
