import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, duration, gain, money } from "../src/chat/format.ts";
import { lockLine } from "../src/chat/lock-command.ts";
import type { Reply } from "../src/chat/reply.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

const STATES = {
  monitoring: { name: "Monitoring", does: "trading normally", tone: "good" },
  warning: { name: "Warning", does: "trading, with a close eye", tone: "warning" },
  emergency: { name: "Emergency", does: "no new risk, positions are reduced", tone: "danger" },
  shutdown: { name: "Shutdown", does: "only closing; a person must end it", tone: "danger" },
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
  async run({ door, alerts, nowWall }): Promise<Reply> {
    const desk = door.snapshot();
    const { tone } = STATES[desk.riskState];
    const open = alerts.open();
    const isSeen = open.every(({ seenBy }) => seenBy !== undefined);
    const isHalted = desk.isPaused || desk.blocks.length > 0 || held(desk).length > 0;
    return {
      title: titleOf(desk),
      tone: tone === "good" && (isHalted || !isSeen || !desk.health.isHealthy) ? "warning" : tone,
      lines: [
        ...pauseLines(desk),
        ...desk.locks.map((lock) => `No entries in ${lockLine(lock)}`),
        ...desk.blocks.map((each) => `Blocked: ${each}`),
        ...engineLines(desk),
      ],
      fields: [
        ...(open.length === 0
          ? []
          : [{ label: "Alerts", text: `${open.length} open${isSeen ? "" : ", not all seen"}; /alerts` }]),
        { label: "Equity", text: money(desk.equity, desk.asset) },
        { label: "Open profit", text: gain(desk.unrealized, desk.asset) },
        { label: "Realized", text: `${gain(desk.totals.realized, desk.asset)} by average entry` },
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

/** What is read first, and on a lock screen alone: whether the desk trades, and which grids let no entry out. */
function titleOf(desk: Snapshot): string {
  if (desk.isPaused) return "Paused: no new entries";
  const { name, does } = STATES[desk.riskState];
  const waiting = held(desk);
  if (waiting.length === 0 || entersNone(desk)) return `${name}: ${does}`;
  if (waiting.length === desk.engines.length) return `${name}: no new entries`;
  const whose =
    waiting.length === 1 ? waiting[0]?.engine : `${waiting.length} of ${desk.engines.length} grids`;
  return `${name}: no new entries by ${whose}`;
}

const entersNone = ({ riskState }: Snapshot): boolean =>
  riskState === "emergency" || riskState === "shutdown";

/** Grids that let no entry out just now. */
const held = ({ engines }: Snapshot): Snapshot["engines"] =>
  engines.filter(({ isRunning, entriesWait }) => !isRunning || entriesWait !== undefined);

function pauseLines(desk: Snapshot): string[] {
  if (!desk.isPaused) return [];
  const { name, does } = STATES[desk.riskState];
  return [
    `Paused by ${desk.pausedBy ?? "the desk"}; stops and take profits stay. /resume ends it.`,
    entersNone(desk) ? `${name}: ${does}` : `Risk state ${name}`,
  ];
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
