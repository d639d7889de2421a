import { z } from "zod";
import { type Command, defineCommand } from "./command.ts";
import { gridArgument, gridOf, gridsOf, isGrid } from "./grid-argument.ts";
import { outcomeReply } from "./outcome.ts";

const schema = z.object({ grid: z.string({ error: "Say which grid, or all." }) });

/** A command that stops, or starts, the entries of one engine or of each. */
export const enginesCommand = (what: "stop" | "start_engines"): Command<typeof schema> =>
  defineCommand({
    name: what,
    aliases: [],
    description:
      what === "stop"
        ? "Stop one grid or all: no new entries; stops on the exchange go on protecting"
        : "Start one grid or all: they may enter again",
    examples: [`${what} all`, `${what} grid-btc`],
    topic: "stopping",
    role: "risk",
    risk: what === "stop" ? "R1" : "R3",
    approval: "none",
    schema,
    args: [
      {
        ...gridArgument("Which grid, or all"),
        isRequired: true,
        choices: (door) => ["all", ...gridsOf(door.snapshot()).map(({ engine }) => engine)],
      },
    ],
    async run({ args, actor, door }) {
      const desk = door.snapshot();
      const found = args.grid.toLowerCase() === "all" ? undefined : gridOf(desk, args.grid);
      if (found !== undefined && !isGrid(found)) return found;
      const grids = found === undefined ? gridsOf(desk) : [found];
      const texts: string[] = [];
      let isOk = grids.length > 0;
      for (const { engine } of grids) {
        const outcome = what === "stop" ? await door.pause(actor, engine) : await door.resume(actor, engine);
        isOk &&= outcome.isOk;
        texts.push(outcome.text);
      }
      const text = texts.length === 0 ? "There is no grid." : texts.join(" ");
      return outcomeReply(
        { isOk, text },
        what === "stop" ? "Stopped" : "Started",
        "Not all was done",
        what === "stop" ? "/start_engines lets them enter again." : undefined,
      );
    },
  });
