import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted } from "../src/chat/format.ts";
import { gridsOf } from "../src/chat/grid-argument.ts";

/** How much is open, and of how many at most. */
export const count = defineCommand({
  name: "count",
  aliases: [],
  description: "How many positions, orders and rungs are open, of how many",
  examples: ["count"],
  topic: "look",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const desk = door.snapshot();
    const grids = gridsOf(desk);
    const open = desk.books.filter(({ lots }) => lots !== 0).length;
    const resting = new Map<string, number>();
    for (const { instrument } of desk.orders) resting.set(instrument, (resting.get(instrument) ?? 0) + 1);
    return {
      title: `${counted(open, "position")}, ${counted(desk.orders.length, "order")} open`,
      tone: "plain",
      fields: desk.instruments.map(({ id, ordersMax }) => ({
        label: `Orders ${id}`,
        text: `${resting.get(id) ?? 0} of the exchange's ${ordersMax}`,
      })),
      ...(grids.length === 0
        ? {}
        : {
            table: {
              columns: ["Grid", "held", "waiting", "of"],
              rows: grids.map(({ engine, rungsHeld, rungsOpening, grid }) => [
                engine,
                `${rungsHeld}`,
                `${rungsOpening}`,
                `${grid.ordersMax}`,
              ]),
            },
          }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "count" } }]],
      isPrivate: true,
    };
  },
});
