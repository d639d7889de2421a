import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, duration, latency, percent, UNKNOWN } from "../src/chat/format.ts";
import { mulDiv, ONE, rate } from "../src/core/units.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

/** How the desk itself is doing: streams, clocks, queue, chat, and how well orders get through. */
export const health = defineCommand({
  name: "health",
  aliases: [],
  description: "How the desk itself is doing",
  examples: ["health"],
  topic: "desk",
  role: "trader",
  risk: "R0",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, nowWall }) {
    const { health: now, totals } = door.snapshot();
    const checked =
      now.lastCheckWallAt === undefined ? "never yet" : `${duration(nowWall - now.lastCheckWallAt)} ago`;
    return {
      title: now.isHealthy ? "Healthy" : "Not healthy",
      tone: now.isHealthy ? "good" : "warning",
      lines: now.problems,
      fields: [
        { label: "Market news", text: age(now.marketAgeMs) },
        { label: "Account news", text: age(now.accountAgeMs) },
        {
          label: "Clock",
          text:
            now.clockSkewMs === undefined ? UNKNOWN : `${Math.round(now.clockSkewMs)} ms off the exchange's`,
        },
        {
          label: "Queue",
          text: `${now.queue}, ${now.queueLagMs === undefined ? "lag unknown" : `${Math.round(now.queueLagMs)} ms behind`}`,
        },
        {
          label: "Process",
          text: `loop delay ${latency(now.eventLoopDelayMs)}, memory ${now.memoryMb === undefined ? UNKNOWN : `${Math.round(now.memoryMb)} MB`}`,
        },
        { label: "Orders", text: ordersText(totals) },
        {
          label: "Placing",
          text: `half within ${latency(now.placementP50Ms)}, 99.9% within ${latency(now.placementP999Ms)}`,
        },
        ...now.platforms.map((each) => ({
          label: each.platform,
          text: each.isConnected
            ? `connected, ${each.messagesSent} sent`
            : `not connected${each.lastError === undefined ? "" : `: ${each.lastError}`}`,
        })),
      ],
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "health" } }]],
      footer: `Last check ${checked}`,
    };
  },
});

const age = (ms: number | undefined): string => (ms === undefined ? "none yet" : `${duration(ms)} ago`);

function ordersText(totals: ReturnType<DeskDoor["snapshot"]>["totals"]): string {
  if (totals.ordersSent === 0) return "none sent yet";
  const acked = rate(mulDiv(totals.ordersAcked, ONE, totals.ordersSent, "nearest"));
  const unknown = totals.ordersUnknown === 0 ? "" : `, ${totals.ordersUnknown} unanswered`;
  const heldBack =
    totals.ordersHeldBack === 0 ? "" : `; ${counted(totals.ordersHeldBack, "time")} held back by the guard`;
  return `${totals.ordersSent} sent, ${percent(acked, 1)} accepted, ${totals.ordersRefused} refused by the exchange${unknown}${heldBack}`;
}
