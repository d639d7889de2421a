import { priceCommand } from "../src/chat/price-command.ts";

/** The price beyond which a grid closes all that it holds and waits for a person. */
export const stopPrice = priceCommand("stop", {
  aliases: ["set_sl"],
  description: "Show, set or clear the price at which a grid closes all",
  effect: "the grid closes all that it holds and waits for /resume",
});
