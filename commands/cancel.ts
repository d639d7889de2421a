import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted } from "../src/chat/format.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import { orderArgument, orderLine, orderMark, ordersByHand } from "../src/chat/order-argument.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import type { Reply } from "../src/chat/reply.ts";
import type { DeskSnapshot } from "../src/desk/snapshot.ts";

/** Takes back an order that is no engine's. An engine's own would come again: then it says what to do instead. */
export const cancel = defineCommand({
  name: "cancel",
  aliases: ["cancel_open_order", "coo"],
  description: "Take back an order that is not an engine's; a stop only by a card",
  examples: ["cancel", "cancel k3x9"],
  topic: "closing",
  role: "trader",
  risk: "R1",
  approval: "none",
  isPrivate: true,
  schema: z.object({ order: z.string().optional() }),
  args: [orderArgument],
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    if (args.order === undefined) return list(desk);
    const mark = args.order.toLowerCase();
    const order = desk.orders.find((each) => orderMark(each) === mark);
    const outcome =
      order === undefined
        ? {
            isOk: false,
            text: `order "${cut(oneLine(args.order), 40)}" does not rest; /cancel lists those that do.`,
          }
        : await door.cancel(actor, order.clientId);
    return outcomeReply(outcome, "Asked", "Not taken back");
  },
});

/** What can be taken back; and of engines' orders what to do instead. */
function list(desk: DeskSnapshot): Reply {
  const lines = ordersByHand(desk).map((order) => orderLine(desk, order));
  const others = desk.orders.length - lines.length;
  const kept =
    others === 0
      ? []
      : [
          `${counted(others, "order")} of engines: they would be sent again. /grid_stop takes an engine's entries back, /close what it holds; /orders lists them.`,
        ];
  const title =
    lines.length === 0 ? "No order to take back" : "Which one? Say cancel and its four characters";
  return { title, tone: "plain", lines: [...lines, ...kept], isPrivate: true };
}
