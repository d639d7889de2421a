import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { duration, gain, instrumentOf, percent, price, quantity, UNKNOWN } from "../src/chat/format.ts";
import { gridsOf, type ShownGrid } from "../src/chat/grid-argument.ts";
import { away, hedgeText, markOf, rungProfit, STAGES } from "../src/chat/grid-text.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

/** Every rung that has no way out just now: since when, how far away, what is done about it. */
export const stuck = defineCommand({
  name: "stuck",
  aliases: [],
  description: "Stuck rungs: since when, how far away, what is done",
  examples: ["stuck"],
  topic: "engines",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const desk = door.snapshot();
    const rows = gridsOf(desk).flatMap((engine) =>
      engine.grid.rungs
        .filter(({ stuckSince }) => stuckSince !== undefined)
        .map((rung) => rowOf(desk, engine, rung)),
    );
    const buttons = [[{ label: "Refresh", style: "plain", action: { type: "run", line: "stuck" } }]] as const;
    if (rows.length === 0)
      return {
        title: "Nothing is stuck",
        tone: "good",
        lines: ["Every rung that holds something has its way out."],
        buttons,
        isPrivate: true,
      };
    return {
      title: rows.length === 1 ? "1 stuck rung" : `${rows.length} stuck rungs`,
      tone: "warning",
      table: {
        columns: ["Rung", "for", "held", "entry", "away", "loss", "does", "tries", "closes", "asks"],
        rows,
      },
      buttons,
      footer: "/recover GRID RUNG asks at once how to get one out.",
      isPrivate: true,
    };
  },
});

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

function rowOf(desk: Snapshot, engine: ShownGrid, rung: ShownGrid["grid"]["rungs"][number]): string[] {
  const instrument = instrumentOf(desk.instruments, engine.instrument);
  const mark = markOf(desk, engine);
  const card = desk.proposals.find(
    ({ state, action }) =>
      state === "pending" &&
      action.type === "recover" &&
      action.engine === engine.engine &&
      action.rung === rung.index,
  );
  const distance = away(rung.entry, mark, engine.grid);
  const rests = rung.closes.map(
    (each) => `${quantity(each.lots, instrument)} at ${price(each.price, instrument)}`,
  );
  const closes = [...rests, hedgeText(rung, instrument) ?? []].flat();
  return [
    `${engine.engine} ${rung.index}`,
    rung.stuckSince === undefined ? UNKNOWN : duration(desk.at - rung.stuckSince),
    quantity(rung.held, instrument),
    price(rung.entry, instrument),
    distance === undefined ? UNKNOWN : percent(distance),
    gain(rungProfit(rung, engine.grid, mark, instrument), instrument?.settle ?? desk.asset),
    STAGES[rung.stage],
    String(rung.attempts),
    closes.length === 0 ? "none rests" : closes.join(", "),
    card === undefined ? "" : `card ${card.id}`,
  ];
}
