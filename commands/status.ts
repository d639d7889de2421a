import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, duration, gain, money } from "../src/chat/format.ts";
import { lockLine } from "../src/chat/lock-command.ts";
import type { Reply } from "../src/chat/reply.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

const STATES = {
  monitoring: { text: "Monitoring: trading normally", tone: "good" },
  warning: { text: "Warning: trading, with a close eye", tone: "warning" },
  emergency: { text: "Emergency: no new risk, positions are reduced", tone: "danger" },
  shutdown: { text: "Shutdown: only closing; a person must end it", tone: "danger" },
} as const;

/** The desk in one look: does it trade, what is it worth, what is open, what stands in its way. */
export const status = defineCommand({
  name: "status",
  aliases: [],
  description: "The desk in one look: state, money, what is open",
  examples: ["status"],
  topic: "look",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door, nowWall }): Promise<Reply> {
    const desk = door.snapshot();
    const state = STATES[desk.riskState];
    const isHalted = desk.isPaused || desk.blocks.length > 0;
    return {
      title: desk.isPaused ? "Paused: no new entries" : state.text,
      tone: state.tone === "good" && (isHalted || !desk.health.isHealthy) ? "warning" : state.tone,
      lines: [
        ...pauseLines(desk),
        ...desk.locks.map((lock) => `No entries in ${lockLine(lock)}`),
        ...desk.blocks.map((each) => `Blocked: ${each}`),
        ...engineLines(desk),
      ],
      fields: [
        { label: "Equity", text: money(desk.equity, desk.asset) },
        { label: "Open profit", text: gain(desk.unrealized, desk.asset) },
        { label: "Realized", text: gain(desk.totals.realized, desk.asset) },
        {
          label: "Fees, funding",
          text: `${money(desk.totals.fees, desk.asset)}, ${gain(desk.totals.funding, desk.asset)}`,
        },
        { label: "Open", text: openText(desk) },
        {
          label: "Since start",
          text: `${counted(desk.totals.fills, "fill")}, ${counted(desk.totals.cycles, "cycle")}`,
        },
        {
          label: "Health",
          text: desk.health.isHealthy ? "good" : (desk.health.problems[0] ?? "not good; see /health"),
        },
        {
          label: "Mode",
          text: `${desk.mode} on ${desk.venue}${desk.speed === 1 ? "" : `, speed ${desk.speed}`}`,
        },
      ],
      buttons: [
        [
          { label: "Refresh", style: "plain", action: { type: "run", line: "status" } },
          { label: "Positions", style: "plain", action: { type: "run", line: "positions" } },
          { label: "Orders", style: "plain", action: { type: "run", line: "orders" } },
        ],
      ],
      footer: `Last news ${duration(nowWall - desk.wallAt)} ago, up ${duration(nowWall - desk.startedWallAt)}`,
      isPrivate: true,
    };
  },
});

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

function pauseLines(desk: Snapshot): string[] {
  if (!desk.isPaused) return [];
  const state = STATES[desk.riskState].text;
  return [`Paused by ${desk.pausedBy ?? "the desk"}; stops and take profits stay. /resume ends it.`, state];
}

function engineLines(desk: Snapshot): string[] {
  return desk.engines.map(({ engine, instrument, isRunning, summary }) => {
    // A summary that names its instrument needs it only once.
    const of = summary.includes(instrument) ? engine : `${engine} ${instrument}`;
    return `${of}: ${isRunning ? summary : `stopped. ${summary}`}`;
  });
}

function openText(desk: Snapshot): string {
  const open = desk.books.filter((each) => each.lots !== 0).length;
  const waiting = desk.proposals.filter((each) => each.state === "pending").length;
  const parts = [counted(open, "position"), counted(desk.orders.length, "order")];
  return [...parts, ...(waiting > 0 ? [`${counted(waiting, "card")} waiting`] : [])].join(", ");
}
