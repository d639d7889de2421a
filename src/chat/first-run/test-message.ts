import type { Reply } from "../reply.ts";

/** What stands in the chosen place when it can be written to, in the form in which alerts will come. */
export const TEST_MESSAGE: Reply = {
  title: "This is a test message of your desk",
  tone: "good",
  lines: ["Alerts and cards will come here. Only the people in the desk's settings are answered."],
};

/** A sentence of the first run, as it stands in a chat. */
export const spoken = (text: string): Reply => ({ title: "perpdesk", tone: "plain", lines: [text] });
