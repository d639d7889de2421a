import { listCommand } from "../src/chat/list-command.ts";

/** Proposes to close what gains. The list is frozen on the card. */
export const closeWinners = listCommand("winners");
