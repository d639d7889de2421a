import { unlockCommand } from "../src/chat/lock-command.ts";

/** Ends a block. */
export const allow = unlockCommand("block");
