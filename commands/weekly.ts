import { periodCommand } from "../src/chat/period-command.ts";

/** What each of the last weeks came to. */
export const weekly = periodCommand("week", { name: "weekly", usual: 8 });
