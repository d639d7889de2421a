import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { gain, money } from "../src/chat/format.ts";
import { value } from "../src/core/units.ts";

/** The account's money, and what each engine may use and uses of it. */
export const balance = defineCommand({
  name: "balance",
  aliases: [],
  description: "Wallet, equity, and each engine's purse",
  examples: ["balance"],
  topic: "look",
  role: "trader",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const desk = door.snapshot();
    return {
      title: `Balance of ${desk.account} on ${desk.venue}`,
      tone: "plain",
      fields: [
        { label: "Wallet", text: money(desk.wallet, desk.asset) },
        { label: "Open profit", text: gain(desk.unrealized, desk.asset) },
        { label: "Equity", text: money(desk.equity, desk.asset) },
        { label: "Realized", text: `${gain(desk.totals.realized, desk.asset)} since start` },
        { label: "Fees", text: `${money(desk.totals.fees, desk.asset)} since start` },
        ...desk.totals.otherFees.map(({ asset, fee }) => ({
          label: `Fees in ${asset}`,
          text: `${money(fee, asset)} since start, not in any profit above`,
        })),
        { label: "Funding", text: `${gain(desk.totals.funding, desk.asset)} since start` },
      ],
      ...(desk.engines.length === 0
        ? {}
        : {
            table: {
              columns: ["Purse", "used", "of", "free"],
              rows: desk.engines.map((each) => [
                `${each.engine} ${each.instrument}`,
                money(each.purseUsed, desk.asset),
                money(each.purseCap, desk.asset),
                money(value(Math.max(0, each.purseCap - each.purseUsed)), desk.asset),
              ]),
            },
          }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "balance" } }]],
      footer: "Realized: by the average entry, before fees. /profit counts rung by rung, after them.",
      isPrivate: true,
    };
  },
});
