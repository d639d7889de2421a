import { periodCommand } from "../src/chat/period-command.ts";

/** What each of the last days came to. */
export const daily = periodCommand("day", { name: "daily", usual: 7 });
