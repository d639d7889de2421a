import { periodCommand } from "../src/chat/period-command.ts";

/** What each of the last months came to. */
export const monthly = periodCommand("month", { name: "monthly", usual: 6 });
