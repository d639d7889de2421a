import { z } from "zod";
import { hasRole } from "../core/proposal.ts";
import { countOf, rateOf } from "../core/text.ts";
import { mulDiv, ONE, type Ticks, ticks } from "../core/units.ts";
import type { DeskDoor } from "../desk/ports.ts";
import { type Command, defineCommand } from "./command.ts";
import { instrumentOf, price } from "./format.ts";
import { gridOf, isGrid, oneGridArgument, type ShownGrid } from "./grid-argument.ts";
import { cut, oneLine } from "./layout.ts";
import { outcomeReply } from "./outcome.ts";
import type { Reply } from "./reply.ts";
import { withoutThousands } from "./typed-number.ts";
import { oneWordTooMany, sortedBy } from "./word-sort.ts";

const schema = z.object({
  grid: z.string().optional(),
  price: z.string().optional(),
  extra: oneWordTooMany("say a grid, and a price or none, each once."),
});

/** The command that shows, sets or clears one of a grid's prices. Loosening needs the role risk. */
export function priceCommand(
  which: "stop" | "pause",
  words: { readonly description: string; readonly effect: string; readonly aliases?: readonly string[] },
): Command<typeof schema> {
  const name = `${which}_price`;
  return defineCommand({
    name,
    aliases: words.aliases ?? [],
    description: words.description,
    examples: [name, `${name} grid-btc 58000`, `${name} BTCUSDT 3%`, `${name} grid-btc none`],
    topic: "engines",
    role: "trader",
    risk: "R3",
    approval: "none",
    schema,
    args: [
      oneGridArgument,
      {
        name: "price",
        description: "The price, how far from the mark price like 3%, or none; left out: show it",
        isRequired: false,
      },
    ],
    sortWords: (typed) => sortedBy(typed, (word) => (/^(none|[-+\d.,]+%?)$/i.test(word) ? "price" : "grid")),
    async run({ args, actor, door }) {
      const desk = door.snapshot();
      const found = gridOf(desk, args.grid);
      if (!isGrid(found)) return found;
      const instrument = instrumentOf(desk.instruments, found.instrument);
      const now = which === "stop" ? found.grid.stopPrice : found.grid.pausePrice;
      if (args.price === undefined)
        return {
          title: `${found.engine}: ${which} price ${now === undefined ? "none" : price(now, instrument)}`,
          tone: "plain",
          lines: [
            now === undefined ? `There is none; with one ${words.effect}.` : `Beyond it ${words.effect}.`,
          ],
        };
      const wanted =
        args.price.toLowerCase() === "none"
          ? undefined
          : args.price.endsWith("%")
            ? priceAway(args.price, found, markOf(desk, found))
            : readPrice(args.price, instrument);
      if (typeof wanted === "string") return refusal(wanted);
      if (isLooser(found, now, wanted) && !hasRole(actor.role, "risk"))
        return refusal(
          `That allows more risk than before, which needs the role risk; you are ${actor.role}. Nothing was changed.`,
        );
      const request = { engine: found.engine, which, price: wanted };
      return outcomeReply(await door.setPrice(actor, request), "Set", "Not set");
    },
  });
}

/** A typed price in ticks, or what is wrong with it. */
function readPrice(typed: string, instrument: Parameters<typeof price>[1]): Ticks | string {
  const shown = `price "${cut(oneLine(typed), 40)}"`;
  if (instrument === undefined) return `${shown} can't be read: the instrument is not known.`;
  const plain = withoutThousands(typed);
  if (!/^\d+(\.\d+)?$/.test(plain))
    return `${shown} is no price; say a number like 58000, with a point before its decimals, or none.`;
  const count = countOf(plain, instrument.tick);
  if (count === undefined || count <= 0)
    return `${shown} is no multiple of the price step of ${instrument.id}; round it to that.`;
  return ticks(count);
}

/** The price that is so far from the mark price, on the side on which the grid loses; or what is wrong with it. */
function priceAway(typed: string, { grid }: ShownGrid, mark: Ticks | undefined): Ticks | string {
  const shown = `distance "${cut(oneLine(typed), 40)}"`;
  const [, percent] = /^(\d{1,2}(?:\.\d{1,4})?)%$/.exec(typed) ?? [];
  const part = percent === undefined ? 0 : rateOf(typed, "distance");
  if (part <= 0)
    return `${shown} can't be read; say one like 3%, with a point before its decimals, or a price.`;
  if (mark === undefined)
    return `${shown} needs a mark price, which is shown for what is held: say a price like 58000.`;
  // Rounded towards the market: never further away than was said.
  return grid.direction === "buy"
    ? ticks(mulDiv(mark, ONE - part, ONE, "up"))
    : ticks(mulDiv(mark, ONE + part, ONE, "down"));
}

/** The mark price of what a grid trades, as the desk shows it. */
const markOf = ({ books }: Pick<ReturnType<DeskDoor["snapshot"]>, "books">, { instrument }: ShownGrid) =>
  books.find((book) => book.instrument === instrument && book.mark !== undefined)?.mark;

/** Whether a price lets the grid lose, or enter, further than the one before. */
function isLooser({ grid }: ShownGrid, now: Ticks | undefined, wanted: Ticks | undefined): boolean {
  if (now === undefined) return false;
  if (wanted === undefined) return true;
  return grid.direction === "buy" ? wanted < now : wanted > now;
}

const refusal = (text: string): Reply => ({
  title: "Not set",
  tone: "warning",
  lines: [text],
  isPrivate: true,
});
