import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { differences } from "../src/chat/differences.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";

/** What the exchange holds, what the desk can explain of it engine by engine, and which orders are nobody's. */
export const mismatch = defineCommand({
  name: "mismatch",
  aliases: ["explain"],
  description: "What the exchange holds and what the desk can explain",
  examples: ["mismatch", "mismatch BTCUSDT"],
  topic: "safety",
  role: "trader",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({ symbol: z.string().optional() }),
  args: [symbolArgument("Only this one")],
  async run({ args, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    if (symbols === undefined) return unknownSymbol(desk, args.symbol);
    return {
      ...differences(desk, symbols),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "mismatch" } }]],
      isPrivate: true,
    };
  },
});
