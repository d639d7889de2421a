import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { instrumentOf, partText, price } from "../src/chat/format.ts";
import { gridsOf, type ShownGrid } from "../src/chat/grid-argument.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

/** How each grid's entries fare: how many filled, which one comes next. */
export const entries = defineCommand({
  name: "entries",
  aliases: ["buys"],
  description: "Entries of each grid: how many filled, how many wait and hold",
  examples: ["entries"],
  topic: "results",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const desk = door.snapshot();
    const grids = gridsOf(desk);
    return {
      title: grids.length === 0 ? "No grid runs here" : "Entries",
      tone: "plain",
      ...(grids.length === 0
        ? { lines: ["A grid enters by its rungs; there is none in the settings."] }
        : {
            table: {
              columns: ["Grid", "side", "filled", "wait", "hold", "nearest"],
              rows: grids.map((each) => rowOf(desk, each)),
            },
          }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "entries" } }]],
      footer:
        "Filled: of the entries that ended, as far back as the account was read. /performance GRID: rungs.",
      isPrivate: true,
    };
  },
});

function rowOf(
  desk: DeskSnapshot,
  { engine, instrument, grid, rungsHeld, rungsOpening }: ShownGrid,
): string[] {
  const { entriesEnded, entriesFilled, direction } = grid;
  const waiting = grid.rungs.filter(({ status }) => status === "opening").map((rung) => rung.price);
  const nearest = direction === "buy" ? Math.max(...waiting) : Math.min(...waiting);
  const next = waiting.find((each) => each === nearest);
  return [
    engine,
    direction,
    entriesEnded === 0 ? "none ended" : `${partText(entriesFilled, entriesEnded)} of ${entriesEnded}`,
    `${rungsOpening}`,
    `${rungsHeld} of ${grid.ordersMax}`,
    next === undefined ? "none waits" : price(next, instrumentOf(desk.instruments, instrument)),
  ];
}
