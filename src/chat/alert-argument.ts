import { z } from "zod";
import type { ArgumentHelp } from "./command.ts";

/** The four characters that name an open alert. */
export const markSchema = z
  .string({ error: "Which alert? /alerts lists them with their four characters." })
  .regex(/^[0-9a-zA-Z]{4}$/, "An alert is named by four characters: /alerts lists them.");

/** The argument that names an alert. */
export const markArgument: ArgumentHelp = {
  name: "alert",
  description: "Its four characters; /alerts lists them",
  isRequired: true,
  choices: (_, { alerts }) => alerts.open().map(({ mark }) => mark),
  labelOf: (mark, { alerts }) => `${mark} ${alerts.open().find((each) => each.mark === mark)?.title ?? ""}`,
};
