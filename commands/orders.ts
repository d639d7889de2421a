import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, instrumentOf, price, UNKNOWN } from "../src/chat/format.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import { textOf } from "../src/core/text.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

const ROLES = {
  entry: "entry",
  takeProfit: "profit",
  stop: "stop",
  ladder: "ladder",
  hedge: "hedge",
  close: "close",
  lastStop: "last stop",
  foreign: "foreign",
} as const;

/** Every resting order, highest price first. */
export const orders = defineCommand({
  name: "orders",
  aliases: ["order"],
  description: "Resting orders, highest price first",
  examples: ["orders", "orders BTCUSDT"],
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
    const live = desk.orders.filter((order) => symbols.has(order.instrument));
    const traded = [...new Set(live.map((order) => order.instrument))].sort();
    const refresh = args.symbol === undefined ? "orders" : `orders ${[...symbols][0] ?? ""}`;
    const buttons = [[{ label: "Refresh", style: "plain", action: { type: "run", line: refresh } }]] as const;
    if (live.length === 0) {
      return {
        title: "No resting order",
        tone: "plain",
        lines: ["Nothing waits on the exchange."],
        buttons,
        isPrivate: true,
      };
    }
    const unknown = live.filter((order) => order.state === "unknown").length;
    const sorted = traded.flatMap((id) =>
      live.filter((order) => order.instrument === id).sort((a, b) => (b.price ?? 0) - (a.price ?? 0)),
    );
    return {
      title: `${counted(live.length, "order")} on ${traded.join(", ")}`,
      tone: unknown > 0 ? "warning" : "plain",
      ...(unknown > 0
        ? { lines: [`Of ${counted(unknown, "order")} the exchange's answer was lost; the desk is asking.`] }
        : {}),
      table: {
        columns: [traded.length > 1 ? "Order" : "side", "price", "size", "for"],
        rows: sorted.map((order) => rowOf(desk, order, traded.length > 1)),
      },
      buttons,
      isPrivate: true,
    };
  },
});

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

function rowOf(desk: Snapshot, order: Snapshot["orders"][number], namesSymbol: boolean): string[] {
  const instrument = instrumentOf(desk.instruments, order.instrument);
  const left = order.lots - order.filled;
  const role = `${ROLES[order.role]}${order.role === "foreign" ? "" : ` ${order.rung}`}`;
  return [
    namesSymbol ? `${order.instrument} ${order.side}` : order.side,
    order.price === undefined ? "market" : price(order.price, instrument),
    instrument === undefined ? UNKNOWN : textOf(left, instrument.lot),
    order.state === "resting" ? role : `${role} ${order.state}`,
  ];
}
