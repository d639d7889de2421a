import { hashText } from "../core/random.ts";
import type { DeskSnapshot, OrderView } from "../desk/snapshot.ts";
import type { ArgumentHelp } from "./command.ts";
import { instrumentOf, price, quantity } from "./format.ts";

const MARKS = 36 ** 4;

/** The four characters by which people name an order that rests. */
export const orderMark = ({ clientId }: Pick<OrderView, "clientId">): string =>
  (hashText(clientId) % MARKS).toString(36).padStart(4, "0");

/** "k3x9: BTCUSDT buy 0.010 BTC at 96,900.0, entry of grid1". */
export function orderLine(desk: DeskSnapshot, order: OrderView): string {
  const instrument = instrumentOf(desk.instruments, order.instrument);
  const whose = order.role === "foreign" ? "not of an engine" : `${order.role} of ${order.engine}`;
  return `${orderMark(order)}: ${order.instrument} ${order.side} ${quantity(order.lots, instrument)} at ${price(order.price, instrument)}, ${whose}`;
}

/** The orders that a person takes back by hand: an engine would send its own again. */
export const ordersByHand = ({ orders }: DeskSnapshot): readonly OrderView[] =>
  orders.filter(({ role }) => role === "foreign");

/** The argument that names an order that a person may take back. */
export const orderArgument: ArgumentHelp = {
  name: "order",
  description: "Its four characters; left out: those that can be taken back, with theirs",
  isRequired: false,
  choices: (door) => {
    const desk = door.snapshot();
    return ordersByHand(desk).map((order) => orderMark(order));
  },
};
