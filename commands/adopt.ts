import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";

/** Counts a difference that nobody can explain as foreign, so that entries may go on after /resume. */
export const adopt = defineCommand({
  name: "adopt",
  aliases: [],
  description: "Count an unexplained position difference as foreign",
  examples: ["adopt BTCUSDT"],
  topic: "safety",
  role: "risk",
  risk: "R3",
  approval: "none",
  schema: z.object({ symbol: z.string() }),
  args: [{ ...symbolArgument("Which position"), isRequired: true }],
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    const [symbol] = symbols ?? [];
    if (symbol === undefined) return unknownSymbol(desk, args.symbol);
    return outcomeReply(
      await door.adopt(actor, symbol),
      "Adopting",
      "Not adopted",
      "An alert says what was done. /mismatch shows what is left.",
    );
  },
});
