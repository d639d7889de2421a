import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { differences } from "../src/chat/differences.ts";
import { instrumentOf, quantity } from "../src/chat/format.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

/** Reads the account now and says what the desk learned from it, and what still does not add up. */
export const reconcile = defineCommand({
  name: "reconcile",
  aliases: ["reload_trade"],
  description: "Read the account now, and show what does not add up",
  examples: ["reconcile", "reconcile BTCUSDT"],
  topic: "safety",
  role: "risk",
  risk: "R1",
  approval: "none",
  isPrivate: true,
  schema: z.object({ symbol: z.string().optional() }),
  args: [symbolArgument("Show only this one")],
  async run({ args, actor, door }) {
    const before = door.snapshot();
    const symbols = symbolsOf(before, args.symbol);
    if (symbols === undefined) return unknownSymbol(before, args.symbol);
    const outcome = await door.reconcile(actor);
    if (!outcome.isOk) return { title: "Not read", tone: "warning", lines: [outcome.text], isPrivate: true };
    const after = door.snapshot();
    const shown = differences(after, symbols);
    return { ...shown, lines: [outcome.text, ...changes(before, after, symbols), ...(shown.lines ?? [])] };
  },
});

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

/** What became different while the account was read; the market may have done it, or the reading brought it to light. */
function changes(before: Snapshot, after: Snapshot, symbols: ReadonlySet<string>): readonly string[] {
  const books = after.books.flatMap((book) => {
    const was = before.books.find(
      (each) => each.instrument === book.instrument && each.positionSide === book.positionSide,
    );
    const from = was?.lots ?? 0;
    if (!symbols.has(book.instrument) || from === book.lots) return [];
    const instrument = instrumentOf(after.instruments, book.instrument);
    return [
      `${book.instrument} went from ${signed(from, instrument)} to ${signed(book.lots, instrument)} meanwhile.`,
    ];
  });
  const ids = (desk: Snapshot) =>
    new Set(desk.orders.filter((each) => symbols.has(each.instrument)).map(({ clientId }) => clientId));
  const [old, now] = [ids(before), ids(after)];
  const came = [...now].filter((id) => !old.has(id)).length;
  const went = [...old].filter((id) => !now.has(id)).length;
  const orders = came + went === 0 ? [] : [`Of the orders ${came} came and ${went} went meanwhile.`];
  return books.length + orders.length === 0 ? ["Nothing changed by it."] : [...books, ...orders];
}

const signed = (size: number, instrument: Parameters<typeof quantity>[1]): string =>
  `${size < 0 ? "-" : ""}${quantity(size, instrument)}`;
