import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import {
  clockTime,
  counted,
  gain,
  instrumentOf,
  money,
  percent,
  price,
  quantity,
} from "../src/chat/format.ts";
import { gridArgument, gridOf, gridsOf, isGrid, type ShownGrid } from "../src/chat/grid-argument.ts";
import { hedgeText, markOf, nextAction, openingOf, STAGES } from "../src/chat/grid-text.ts";
import { gridPicture } from "../src/chat/pictures/grid-picture.ts";
import type { Theme } from "../src/chat/pictures/theme.ts";
import type { Field, Reply } from "../src/chat/reply.ts";
import { mulDiv, ONE, rate } from "../src/core/units.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

/** All grids, or one of them with its rungs. */
export const grid = defineCommand({
  name: "grid",
  aliases: ["grids"],
  description: "All grids, or one: its rungs, prices, and what it does next",
  examples: ["grid", "grid grid-btc"],
  topic: "engines",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({ grid: z.string().optional() }),
  args: [gridArgument("Which grid; left out: all of them")],
  sortWords: ([first, ...rest]) => ({
    ...(first === undefined ? {} : { grid: first }),
    // "/grid start NAME" is what people try: the command of that name says what it does.
    ...(rest.length === 0 ? {} : { grid: [first, ...rest].join(" ") }),
  }),
  async run({ args, door, theme }) {
    const desk = door.snapshot();
    const verb = /^(start|stop)\b ?(.*)$/i.exec(args.grid ?? "");
    if (verb !== null) return hint(verb[1]?.toLowerCase() ?? "", verb[2] ?? "");
    const grids = gridsOf(desk);
    if (args.grid === undefined) return list(desk, grids);
    const found = gridOf(desk, args.grid);
    return isGrid(found) ? show(desk, found, theme) : found;
  },
});

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

const hint = (verb: string, name: string): Reply => ({
  title: "Not done",
  tone: "warning",
  lines: [
    `Say /grid_${verb} ${name || "NAME"}: that ${verb === "start" ? "lets one grid enter" : "stops the entries of one grid"}.`,
  ],
  isPrivate: true,
});

function list(desk: Snapshot, grids: readonly ShownGrid[]): Reply {
  if (grids.length === 0)
    return { title: "No grid", tone: "plain", lines: ["This desk runs no grid."], isPrivate: true };
  return {
    title: grids.length === 1 ? "1 grid" : `${grids.length} grids`,
    tone: grids.some((each) => doesText(desk, each) !== "runs") ? "warning" : "plain",
    table: {
      columns: ["Grid", "does", "held", "opening", "cycles", "realized", "stuck"],
      rows: grids.map((each) => [
        `${each.engine} ${each.grid.direction} ${each.instrument}`,
        doesText(desk, each),
        `${each.rungsHeld} of ${each.grid.ordersMax}`,
        String(each.rungsOpening),
        String(each.cycles),
        gain(each.realized, desk.asset),
        stuckText(each),
      ]),
    },
    buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "grid" } }]],
    footer: `/grid ${grids[0]?.engine ?? ""} shows its rungs.`,
    isPrivate: true,
  };
}

function doesText(desk: Snapshot, { isRunning, entriesWait }: ShownGrid): "runs" | "waits" | "paused" {
  if (!isRunning || desk.isPaused) return "paused";
  return entriesWait === undefined ? "runs" : "waits";
}

function stuckText({ grid: { rungs } }: ShownGrid): string {
  const stuck = rungs.filter(({ stuckSince }) => stuckSince !== undefined).length;
  return stuck === 0 ? "" : `${stuck}; /stuck shows them`;
}

function show(desk: Snapshot, engine: ShownGrid, theme: Theme): Reply {
  const { grid: view } = engine;
  const line = `grid ${engine.engine}`;
  return {
    title: `${engine.engine}: ${view.direction} ${engine.instrument}`,
    tone: doesText(desk, engine) === "runs" ? "plain" : "warning",
    lines: [nextAction(desk, engine)],
    fields: fieldsOf(desk, engine),
    ...(view.rungs.length === 0
      ? {}
      : {
          table: {
            columns: ["Rung", "price", "does", "held", "entry", "stop", "closes", "recovery"],
            rows: [...view.rungs].reverse().map((rung) => rungRow(desk, engine, rung)),
          },
        }),
    ...pictureOf(desk, engine, theme),
    buttons: [
      [
        { label: "Refresh", style: "plain", action: { type: "run", line } },
        { label: "Stuck", style: "plain", action: { type: "run", line: "stuck" } },
      ],
    ],
    isPrivate: true,
  };
}

function pictureOf(desk: Snapshot, engine: ShownGrid, theme: Theme): Pick<Reply, "picture"> {
  const caption = `${engine.engine}: ${engine.grid.direction} ${engine.instrument} at ${clockTime(desk.wallAt)}`;
  const instrument = instrumentOf(desk.instruments, engine.instrument);
  const mark = markOf(desk, engine);
  const svg = gridPicture({ title: caption, grid: engine.grid, mark, instrument, theme });
  return svg === undefined ? {} : { picture: { svg, caption } };
}

function fieldsOf(desk: Snapshot, engine: ShownGrid): readonly Field[] {
  const { grid: view } = engine;
  const instrument = instrumentOf(desk.instruments, engine.instrument);
  const book = desk.books.find(
    (each) => each.instrument === engine.instrument && each.positionSide === view.positionSide,
  );
  const odd = book?.mismatchLots ?? 0;
  const opening = openingOf(view);
  const exits = `take profit ${percent(view.takeProfit)}, stop ${view.stopLoss === undefined ? "off" : percent(view.stopLoss)}`;
  return [
    { label: "Mark", text: price(markOf(desk, engine), instrument) },
    { label: "Rungs", text: `${engine.rungsHeld} held, ${engine.rungsOpening} opening of ${view.ordersMax}` },
    {
      label: "Spacing",
      text: `${percent(view.step)}, ${quantity(view.quantity, instrument)} each; ${exits}`,
    },
    { label: "Range", text: rangeText(engine, instrument) },
    { label: "Stop price", text: view.stopPrice === undefined ? "none" : price(view.stopPrice, instrument) },
    {
      label: "Pause price",
      text: view.pausePrice === undefined ? "none" : price(view.pausePrice, instrument),
    },
    { label: "Fill rate", text: fillText(engine) },
    { label: "Mismatch", text: odd === 0 ? "none" : `${quantity(odd, instrument)} unexplained; /mismatch` },
    {
      label: "Next entry",
      text:
        opening === undefined ? "none rests" : `rung ${opening.index} at ${price(opening.price, instrument)}`,
    },
    { label: "Recovery", text: view.recovery },
    {
      label: "Purse",
      text: `${money(engine.purseUsed, desk.asset)} of ${money(engine.purseCap, desk.asset)}`,
    },
    {
      label: "Realized",
      text: `${gain(engine.realized, desk.asset)} in ${counted(engine.cycles, "cycle")} since start, by rung`,
    },
  ];
}

function rangeText(
  { grid: { priceMin, priceMax } }: ShownGrid,
  instrument: Parameters<typeof price>[1],
): string {
  if (priceMin === undefined && priceMax === undefined) return "no bound";
  const from = priceMin === undefined ? "no lower bound" : `from ${price(priceMin, instrument)}`;
  return `${from} ${priceMax === undefined ? "without an upper bound" : `to ${price(priceMax, instrument)}`}`;
}

function fillText({ grid: { entriesEnded, entriesFilled } }: ShownGrid): string {
  if (entriesEnded === 0) return "no entry has ended yet";
  const part = rate(mulDiv(entriesFilled, ONE, entriesEnded, "nearest"));
  return `${percent(part, 0)}: ${entriesFilled} of ${entriesEnded} entries`;
}

function rungRow(desk: Snapshot, engine: ShownGrid, rung: ShownGrid["grid"]["rungs"][number]): string[] {
  const instrument = instrumentOf(desk.instruments, engine.instrument);
  const closes = rung.closes.map(
    (each) => `${quantity(each.lots, instrument)} at ${price(each.price, instrument)}`,
  );
  return [
    String(rung.index),
    price(rung.price, instrument),
    rung.status,
    rung.held === 0 ? "" : quantity(rung.held, instrument),
    rung.entry === undefined ? "" : price(rung.entry, instrument),
    rung.stop === undefined ? "" : price(rung.stop, instrument),
    [...closes, hedgeText(rung, instrument) ?? []].flat().join(", "),
    STAGES[rung.stage],
  ];
}
