import { lockCommand } from "../src/chat/lock-command.ts";

/** No new entries in one symbol, for a time or until somebody unlocks it. */
export const lock = lockCommand("lock");
