import { enginesCommand } from "../src/chat/engines-command.ts";

/** Stops engines; what they hold keeps its stops. */
export const stop = enginesCommand("stop");
