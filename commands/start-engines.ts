import { enginesCommand } from "../src/chat/engines-command.ts";

/** Starts engines again. Telegram itself says /start when a chat begins, so this has a longer name. */
export const startEngines = enginesCommand("start_engines");
