import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import {
  counted,
  direction,
  gain,
  instrumentOf,
  percent,
  price,
  quantity,
  UNKNOWN,
} from "../src/chat/format.ts";
import type { Button } from "../src/chat/reply.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

/** Every open position with what it earns and how far its liquidation is. */
export const positions = defineCommand({
  name: "positions",
  aliases: ["position", "pos"],
  description: "Open positions: profit, and how far liquidation is",
  examples: ["positions", "positions BTCUSDT"],
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
    const open = desk.books.filter((book) => book.lots !== 0 && symbols.has(book.instrument));
    const refresh = args.symbol === undefined ? "positions" : `positions ${[...symbols][0] ?? ""}`;
    const again = [{ label: "Refresh", style: "plain", action: { type: "run", line: refresh } }] as const;
    const buttons = [
      again,
      ...open
        .filter(isOwn)
        .slice(0, CLOSABLE_MOST)
        .map((book) => closeButtons(desk, book)),
    ];
    const elsewhere = args.symbol === undefined ? desk.others : [];
    const others = elsewhere.map(({ symbol, size }) => `${symbol} ${size}`).join(", ");
    if (open.length === 0) {
      return {
        title: "No open position",
        tone: "plain",
        lines:
          others === ""
            ? ["Nothing is at risk just now."]
            : [`The account holds what this desk does not trade: ${others}.`],
        buttons,
        isPrivate: true,
      };
    }
    const isNear = open.some(
      (book) => book.level === "HIGH" || book.level === "EXTREME" || book.level === "CRITICAL",
    );
    return {
      title: `${counted(open.length, "open position")}`,
      tone: isNear ? "danger" : "plain",
      fields: [
        { label: "Open profit", text: gain(desk.unrealized, desk.asset) },
        ...(others === "" ? [] : [{ label: "Not traded here", text: others }]),
      ],
      table: {
        columns: [
          "Position",
          "size",
          "entry",
          "mark",
          "profit",
          "realized",
          "liquidation",
          "away",
          "margin",
          "margin ratio",
          "foreign",
          "odd",
        ],
        rows: open.map((book) => rowOf(desk, book)),
      },
      buttons,
      footer: "/close proposes to close one; nothing is sent before somebody approves.",
      isPrivate: true,
    };
  },
});

/** Positions that have buttons: a phone shows few of them at once. */
const CLOSABLE_MOST = 4;

const isOwn = ({ shares }: Snapshot["books"][number]): boolean => shares.some(({ lots }) => lots !== 0);

/** A quarter, a half, all: each only shows a card with what it comes to. A third of a phone's width has room for the base asset. */
function closeButtons(desk: Snapshot, { instrument, lots }: Snapshot["books"][number]): readonly Button[] {
  const name = instrumentOf(desk.instruments, instrument)?.base ?? instrument;
  return ["25%", "50%", "100%"].map((part, at) => ({
    label: at === 0 ? `Close ${name} ${part}` : part,
    style: "plain",
    action: { type: "run", line: `close ${instrument} ${direction(lots)} ${part}` },
  }));
}

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

function rowOf(desk: Snapshot, book: Snapshot["books"][number]): string[] {
  const instrument = instrumentOf(desk.instruments, book.instrument);
  const asset = instrument?.settle ?? desk.asset;
  const mode = book.marginMode ?? UNKNOWN;
  const leverage = book.leverage === undefined ? "" : ` ${book.leverage}x`;
  return [
    `${book.instrument} ${direction(book.lots)}`,
    quantity(book.lots, instrument),
    price(book.entry, instrument),
    price(book.mark, instrument),
    gain(book.unrealized, asset),
    gain(book.realized, asset),
    price(book.liquidation, instrument),
    `${book.distance === undefined ? UNKNOWN : percent(book.distance, 1)} (${book.level.toLowerCase()})`,
    `${mode}${leverage}`,
    percent(book.marginRatio, 1),
    book.foreignLots === 0 ? "" : `${quantity(book.foreignLots, instrument)}, not the desk's`,
    book.mismatchLots === 0 ? "" : `${quantity(book.mismatchLots, instrument)} unexplained`,
  ];
}
