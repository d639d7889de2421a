import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";

/** Proposes to take back all orders that are no engine's. The card says what stays, and why. */
export const cancelAll = defineCommand({
  name: "cancel_all",
  aliases: [],
  description: "Propose to take back all orders that are not an engine's",
  examples: ["cancel_all", "cancel_all BTCUSDT"],
  topic: "closing",
  role: "trader",
  risk: "R2",
  approval: "C",
  schema: z.object({ symbol: z.string().optional() }),
  args: [symbolArgument("Only of this one")],
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    if (symbols === undefined) return unknownSymbol(desk, args.symbol);
    const only = args.symbol === undefined ? undefined : [...symbols][0];
    return outcomeReply(await door.proposeCancelAll(actor, only), "Proposed", "Not proposed");
  },
});
