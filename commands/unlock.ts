import { unlockCommand } from "../src/chat/lock-command.ts";

/** Ends a lock. */
export const unlock = unlockCommand("lock");
