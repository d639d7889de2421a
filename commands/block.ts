import { lockCommand } from "../src/chat/lock-command.ts";

/** No new entries in one symbol until somebody allows it. */
export const block = lockCommand("block");
