import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { clockTime, duration } from "../src/chat/format.ts";
import type { CountdownPart, CountdownView, DeskSnapshot } from "../src/desk/snapshot.ts";

/** The exchange's countdown: whether it takes entries and take profits back when the desk falls silent, and when it was told that the desk lives. */
export const deadman = defineCommand({
  name: "deadman",
  aliases: [],
  description: "Whether the exchange takes entries back when the desk falls silent",
  examples: ["deadman"],
  topic: "safety",
  role: "trader",
  risk: "R0",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, nowWall }) {
    const desk = door.snapshot();
    const { countdown } = desk;
    if (countdown === undefined)
      return {
        title: "No countdown at the exchange",
        tone: "plain",
        lines: [
          `When the desk falls silent, what rests on ${desk.venue} goes on resting, stops too: risk.cancelAfterSeconds is 0.`,
          "perpdesk doctor --probe says whether stops would survive one.",
        ],
      };
    const isFine = countdown.isArmed && countdown.parts.every(({ problem }) => problem === undefined);
    return {
      title: `Countdown at the exchange: ${countdown.isArmed ? `armed, ${countdown.seconds} s` : "not armed"}`,
      tone: isFine ? "good" : "warning",
      lines: linesOf(desk, countdown),
      fields: countdown.parts.map((part) => ({
        label: part.instrument ?? `account ${desk.account}`,
        text: partText(part, nowWall),
      })),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "deadman" } }]],
      footer: countdown.isArmed ? "/deadman_disarm asks two people to end it" : "/deadman_arm arms it again",
    };
  },
});

function linesOf({ venue, account }: DeskSnapshot, { isArmed, seconds, why }: CountdownView): string[] {
  if (!isArmed)
    return [
      ...(why === undefined ? [] : [`Why: ${why}.`]),
      `When the desk falls silent, what rests on ${venue}, account ${account}, goes on resting.`,
    ];
  return [
    `When ${venue}, account ${account}, hears nothing from the desk for ${seconds} s, it takes entries and take profits back, orders by hand too. Stops stay.`,
  ];
}

function partText({ setWallAt, endsWallAt, problem }: CountdownPart, nowWall: number): string {
  const set =
    setWallAt === undefined || endsWallAt === undefined
      ? "none runs"
      : `set ${duration(Math.max(0, nowWall - setWallAt))} ago, ends at ${clockTime(endsWallAt)} unless it is set again`;
  return problem === undefined ? set : `${set}; the last request failed: ${problem}`;
}
