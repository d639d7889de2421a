import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { duration, gain, money, percent } from "../src/chat/format.ts";
import { actionText } from "../src/core/trade-log.ts";
import { value } from "../src/core/units.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

/** What closed positions, how often, and what that came to. */
export const exits = defineCommand({
  name: "exits",
  aliases: ["sells"],
  description: "What closed positions, how often, and for how much",
  examples: ["exits"],
  topic: "results",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const { metrics, asset } = door.snapshot();
    const buttons = [[{ label: "Refresh", style: "plain", action: { type: "run", line: "exits" } }]] as const;
    if (metrics.closes.length === 0)
      return {
        title: "Nothing was closed yet",
        tone: "plain",
        lines: ["Nothing is in the trade log yet."],
        buttons,
        isPrivate: true,
      };
    const best = [...metrics.closes].sort((a, b) => b.pnl - b.fees - (a.pnl - a.fees));
    return {
      title: "What closed positions",
      tone: "plain",
      ...(metrics.stops.count === 0 ? {} : { fields: stopFields(metrics.stops, asset) }),
      table: {
        columns: ["How", "parts", "net"],
        rows: best.map(({ action, parts, pnl, fees }) => [
          actionText(action),
          `${parts}`,
          gain(value(pnl - fees), asset),
        ]),
      },
      buttons,
      footer: "Since the trade log began, after fees. A part is what one order closed.",
      isPrivate: true,
    };
  },
});

const stopFields = (stops: DeskSnapshot["metrics"]["stops"], asset: string) => [
  {
    label: "Stops",
    text: `${stops.count}, half within ${duration(stops.latencyP50Ms)} of their trigger`,
  },
  {
    label: "Beyond triggers",
    text: `${money(stops.slippage, asset)}, ${percent(stops.slippageMax)} at worst`,
  },
];
