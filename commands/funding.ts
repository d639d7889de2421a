import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { direction, duration, gain, instrumentOf, money, percent, UNKNOWN } from "../src/chat/format.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import { notional } from "../src/core/instrument.ts";
import { lots, portion, type Value, value } from "../src/core/units.ts";
import type { DeskSnapshot, FundingView } from "../src/desk/snapshot.ts";

/** What holding costs or earns: the coming rate, when it is due, what it will be on what is held, and what was paid. */
export const funding = defineCommand({
  name: "funding",
  aliases: [],
  description: "Funding: the coming rate, when, what it costs, what was paid",
  examples: ["funding", "funding BTCUSDT"],
  topic: "look",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({ symbol: z.string().optional() }),
  args: [symbolArgument("Only this one")],
  async run({ args, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    if (symbols === undefined) return unknownSymbol(desk, args.symbol);
    const shown = desk.funding.filter(({ instrument }) => symbols.has(instrument));
    const held = new Map<string, Book[]>();
    for (const book of desk.books)
      if (book.lots !== 0) held.set(book.instrument, [...(held.get(book.instrument) ?? []), book]);
    const line = args.symbol === undefined ? "funding" : `funding ${[...symbols][0] ?? ""}`;
    return {
      title: "Funding",
      tone: "plain",
      fields: [
        { label: "Since the log began", text: gain(desk.metrics.equity.funding, desk.asset) },
        { label: "Since the start", text: gain(desk.totals.funding, desk.asset) },
      ],
      ...(shown.length === 0
        ? {}
        : {
            table: {
              columns: ["Symbol", "rate", "due in", "held", "coming", "paid"],
              rows: shown.map((each) => rowOf(desk, each, held.get(each.instrument) ?? [])),
            },
          }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line } }]],
      footer: "Above 0 longs pay shorts. Coming: at the mark price, if nothing changes until then.",
      isPrivate: true,
    };
  },
});

type Book = DeskSnapshot["books"][number];

function rowOf(
  desk: DeskSnapshot,
  { instrument: id, rate, nextAt, paid }: FundingView,
  held: readonly Book[],
): string[] {
  const instrument = instrumentOf(desk.instruments, id);
  const asset = instrument?.settle ?? desk.asset;
  const coming = comingOf(desk, held, rate);
  return [
    id,
    percent(rate, 4),
    nextAt === undefined ? UNKNOWN : duration(nextAt - desk.at),
    held.map((book) => `${direction(book.lots)} ${money(worthOf(desk, book), asset)}`).join(", "),
    held.length === 0 ? "" : gain(coming, asset),
    gain(paid, asset),
  ];
}

/** A position's worth at the mark price, without its direction. */
function worthOf(desk: DeskSnapshot, { instrument: id, lots: size, mark }: Book) {
  const instrument = instrumentOf(desk.instruments, id);
  if (instrument === undefined || mark === undefined) return undefined;
  return notional(instrument, mark, lots(Math.abs(size)), "nearest");
}

/** What the coming payment will bring on what is held now; undefined while a price or the rate is unknown. */
function comingOf(desk: DeskSnapshot, held: readonly Book[], rate: FundingView["rate"]): Value | undefined {
  let sum = 0;
  for (const book of held) {
    const worth = worthOf(desk, book);
    if (worth === undefined || rate === undefined) return undefined;
    sum -= Math.sign(book.lots) * portion(worth, rate, "nearest");
  }
  return value(sum);
}
