import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, gain, money, partText } from "../src/chat/format.ts";
import { gridArgument, gridOf, isGrid } from "../src/chat/grid-argument.ts";
import type { Reply } from "../src/chat/reply.ts";

/** Which grids made how much, the best first; of one grid, which of its rungs. */
export const performance = defineCommand({
  name: "performance",
  aliases: [],
  description: "Which grids made how much, best first; or the rungs of one",
  examples: ["performance", "performance grid-btc"],
  topic: "results",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({ grid: z.string().optional() }),
  args: [gridArgument("The rungs of this grid")],
  async run({ args, door }): Promise<Reply> {
    const desk = door.snapshot();
    const named = args.grid === undefined ? undefined : gridOf(desk, args.grid);
    if (named !== undefined && !isGrid(named)) return named;
    const { engines, rungs } = desk.metrics;
    const prefix = `${named?.engine}:`;
    const groups =
      named === undefined
        ? engines
        : rungs
            .filter(({ name }) => name.startsWith(prefix))
            .map((each) => ({ ...each, name: each.name.slice(prefix.length) }));
    const best = [...groups].sort((a, b) => b.net - a.net);
    const line = named === undefined ? "performance" : `performance ${named.engine}`;
    const noun = named === undefined ? "grid" : "rung";
    return {
      title: `${named === undefined ? "" : `${named.engine}: `}${counted(best.length, noun)} that closed something`,
      tone: "plain",
      ...(best.length === 0
        ? { lines: ["Nothing is in the trade log yet."] }
        : {
            fields: [
              { label: "Fees in all", text: money(desk.metrics.trades.fees, desk.asset) },
              { label: "Average", text: gain(desk.metrics.averageProfitPerTrade, desk.asset) },
            ],
            table: {
              columns: [named === undefined ? "Grid" : "Rung", "trades", "won", "net"],
              rows: best.map(({ name, trades, wins, net }) => [
                name,
                `${trades}`,
                partText(wins, trades),
                gain(net, desk.asset),
              ]),
            },
          }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line } }]],
      footer: "Since the trade log began, after fees.",
      isPrivate: true,
    };
  },
});
