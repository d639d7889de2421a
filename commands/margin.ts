import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { direction, money, partText, percent, ratio, UNKNOWN } from "../src/chat/format.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

/** How much margin each grid may use and uses, and how each position is margined. */
export const margin = defineCommand({
  name: "margin",
  aliases: [],
  description: "Margin: each grid's cap and use, leverage of each position",
  examples: ["margin"],
  topic: "look",
  role: "trader",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const desk = door.snapshot();
    const { metrics, asset } = desk;
    const [used, cap] = [
      desk.engines.reduce((sum, { purseUsed }) => sum + purseUsed, 0),
      desk.engines.reduce((sum, { purseCap }) => sum + purseCap, 0),
    ];
    return {
      title: cap === 0 ? "Margin: no grid has a purse" : `Margin: ${partText(used, cap)} of all purses used`,
      tone: "plain",
      fields: [
        { label: "Equity", text: money(desk.equity, asset) },
        {
          label: "Exposure",
          text: `${money(metrics.currentExposure, asset)}, ${ratio(metrics.equity.leverage)} times the equity`,
        },
        { label: "Most ever used", text: percent(metrics.equity.utilizationMax, 0) },
        ...desk.engines
          .filter(({ purseAdded }) => purseAdded > 0)
          .map(({ engine, purseAdded }) => ({
            label: `Added to ${engine}`,
            text: `${money(purseAdded, asset)}, until it is flat`,
          })),
        ...desk.books.filter(({ lots }) => lots !== 0).map((book) => positionField(book, asset)),
      ],
      ...(desk.engines.length === 0
        ? {}
        : {
            table: {
              columns: ["Purse", "used", "cap", "part"],
              rows: desk.engines.map(({ engine, purseUsed, purseCap }) => [
                engine,
                money(purseUsed, asset),
                money(purseCap, asset),
                partText(purseUsed, purseCap),
              ]),
            },
          }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "margin" } }]],
      footer: "Exposure, and the most ever used of all purses, are as of the last minute.",
      isPrivate: true,
    };
  },
});

function positionField(
  { instrument, lots, marginMode, leverage, marginRatio, margin: behind }: DeskSnapshot["books"][number],
  asset: string,
) {
  const mode = `${marginMode ?? UNKNOWN}${leverage === undefined ? "" : ` ${leverage}x`}`;
  return {
    label: `${instrument} ${direction(lots)}`,
    text: `${mode}${behind === undefined ? "" : `, ${money(behind, asset)} behind it`}, margin ratio ${percent(marginRatio, 1)}`,
  };
}
