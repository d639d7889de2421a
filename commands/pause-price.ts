import { priceCommand } from "../src/chat/price-command.ts";

/** The price beyond which no entry of a grid leaves. */
export const pausePrice = priceCommand("pause", {
  description: "Show, set or clear the price beyond which a grid enters nothing",
  effect: "no entry of the grid leaves, and none rests",
});
