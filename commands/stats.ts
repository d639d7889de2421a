import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, gain, money, percent, ratio } from "../src/chat/format.ts";
import type { Field, Reply } from "../src/chat/reply.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

/** How good the trading is: win rate, factors, drawdown, stuck positions and how they got out. */
export const stats = defineCommand({
  name: "stats",
  aliases: [],
  description: "How good the trading is: factors, drawdown, recoveries",
  examples: ["stats"],
  topic: "results",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }): Promise<Reply> {
    const { metrics, asset } = door.snapshot();
    return {
      title: `${counted(metrics.totalTrades, "trade")}, ${percent(metrics.winRate, 1)} won`,
      tone: "plain",
      fields: [...fieldsOf(metrics, asset)],
      ...recoveries(metrics, asset),
      buttons: [
        [
          { label: "Refresh", style: "plain", action: { type: "run", line: "stats" } },
          { label: "Exits", style: "plain", action: { type: "run", line: "exits" } },
        ],
      ],
      footer: "Since the trade log began; perpdesk analyze tells the same.",
      isPrivate: true,
    };
  },
});

type Figures = DeskSnapshot["metrics"];

const fieldsOf = (
  { trades, equity, recovery, maxDrawdown, profitableEngines, profitableRungs, net }: Figures,
  asset: string,
): readonly Field[] => [
  { label: "Net", text: `${gain(net, asset)} with funding` },
  { label: "Average", text: gain(trades.averageNet, asset) },
  { label: "Profit factor", text: ratio(trades.profitFactor) },
  { label: "Reward/risk", text: ratio(trades.rewardToRisk) },
  { label: "Max drawdown", text: `${percent(maxDrawdown)} (${money(equity.drawdownMaxAmount, asset)})` },
  { label: "Grids in profit", text: percent(profitableEngines, 0) },
  { label: "Rungs in profit", text: percent(profitableRungs, 0) },
  { label: "Leverage", text: `${ratio(equity.leverage)} times the equity` },
  { label: "Stuck", text: `${recovery.open} now, ${recovery.stuck} in all` },
];

/** How stuck rungs got out. */
function recoveries({ recovery }: Figures, asset: string): Pick<Reply, "table"> {
  if (recovery.byHow.length === 0) return {};
  return {
    table: {
      columns: ["Way out", "tried", "got out", "net"],
      rows: recovery.byHow.map(({ how, count, recovered, net }) => [
        how,
        `${count}`,
        `${recovered}`,
        gain(net, asset),
      ]),
    },
  };
}
