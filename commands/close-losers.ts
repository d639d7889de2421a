import { listCommand } from "../src/chat/list-command.ts";

/** Proposes to close what loses. The list is frozen on the card. */
export const closeLosers = listCommand("losers");
