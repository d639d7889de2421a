import { z } from "zod";
import { actionText, waitingCards } from "../src/chat/card-argument.ts";
import { defineCommand } from "../src/chat/command.ts";
import { counted, duration } from "../src/chat/format.ts";
import { typedDecisions } from "../src/chat/ways.ts";
import type { Proposal } from "../src/core/proposal.ts";

/** Cards that wait for somebody's decision, the most urgent first. */
export const proposals = defineCommand({
  name: "proposals",
  aliases: ["cards"],
  description: "Cards that wait for a decision, and how to decide them",
  examples: ["proposals"],
  topic: "decisions",
  role: "viewer",
  risk: "R0",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, nowWall }) {
    const open = waitingCards(door);
    const buttons = [
      [{ label: "Refresh", style: "plain", action: { type: "run", line: "proposals" } }],
    ] as const;
    const [first] = open;
    if (first === undefined)
      return { title: "No card waits", tone: "good", lines: ["Nothing waits for a decision."], buttons };
    return {
      title: `${counted(open.length, "card")} ${open.length === 1 ? "waits" : "wait"} for a decision`,
      tone: "warning",
      lines: open.map((each) => lineOf(each, nowWall)),
      buttons,
      footer: `The buttons are on the cards; where they fail: ${typedLines(first)}.`,
    };
  },
});

const typedLines = (card: Proposal): string =>
  typedDecisions(card)
    .map((typed) => `/${typed}`)
    .join(" or ");

function lineOf(card: Proposal, now: number): string {
  const { id, action, askedBy, expiresWallAt } = card;
  const left = duration(Math.max(0, expiresWallAt - now));
  const isPlain = typedDecisions(card).every((typed) => !typed.endsWith(")"));
  const typed = isPlain ? "" : `; ${typedLines(card)}`;
  return `${id}: ${actionText(action)}; asked by ${askedBy.person}, ${left} left${typed}`;
}
