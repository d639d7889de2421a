import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { gridArgument, gridOf, gridsOf, isGrid, type ShownGrid } from "../src/chat/grid-argument.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import type { Reply } from "../src/chat/reply.ts";
import { oneWordTooMany, sortedBy } from "../src/chat/word-sort.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

/** Asks at once how a stuck rung is to get out; somebody must choose a way on the card. */
export const recover = defineCommand({
  name: "recover",
  aliases: [],
  description: "Ask how a stuck rung gets out; a card offers the ways",
  examples: ["recover", "recover grid-btc 12"],
  topic: "closing",
  role: "trader",
  risk: "R2",
  approval: "C",
  schema: z.object({
    grid: z.string().optional(),
    rung: z.string().optional(),
    extra: oneWordTooMany("say a grid and one of its rungs, each once."),
  }),
  args: [
    {
      ...gridArgument("Which grid; left out: the one with a stuck rung"),
      asks: (door, { given }) => {
        const fits = stuckIn(door, undefined).filter(
          ({ rung }) => String(rung) === (given["rung"] ?? `${rung}`),
        );
        return new Set(fits.map(({ engine }) => engine)).size > 1;
      },
    },
    {
      name: "rung",
      description: "Which of its rungs; left out: the only stuck one",
      isRequired: false,
      choices: (door, { given }) => stuckIn(door, given["grid"]).map(({ rung }) => String(rung)),
      asks: (door, { given }) => stuckIn(door, given["grid"]).length > 1,
    },
  ],
  sortWords: (words) => sortedBy(words, (word) => (/^-?\d+$/.test(word) ? "rung" : "grid")),
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const named = args.grid === undefined ? undefined : gridOf(desk, args.grid);
    if (named !== undefined && !isGrid(named)) return named;
    const all = stuckOf(named === undefined ? gridsOf(desk) : [named]);
    const rung = args.rung === undefined ? undefined : Number(args.rung);
    if (rung !== undefined && !Number.isSafeInteger(rung))
      return refusal(`rung "${args.rung?.slice(0, 40)}" is no number; /stuck shows them.`);
    const fits = all.filter((each) => rung === undefined || each.rung === rung);
    const [one, second] = fits;
    if (second !== undefined)
      return refusal(`Several rungs are stuck; name one: ${fits.map(nameOf).join(", ")}.`);
    if (one !== undefined) return outcomeReply(await door.proposeRecovery(actor, one), "Asked", "Not asked");
    if (rung === undefined) return refusal("Nothing is stuck. /close closes a position.");
    // The desk knows best why this one is not.
    const [grid] = named === undefined ? gridsOf(desk) : [named];
    if (grid === undefined) return refusal("This desk runs no grid.");
    return outcomeReply(
      await door.proposeRecovery(actor, { engine: grid.engine, rung }),
      "Asked",
      "Not asked",
    );
  },
});

interface Stuck {
  readonly engine: string;
  readonly rung: number;
}

const stuckOf = (grids: readonly ShownGrid[]): readonly Stuck[] =>
  grids.flatMap(({ engine, grid }) =>
    grid.rungs
      .filter(({ stuckSince }) => stuckSince !== undefined)
      .map(({ index }) => ({ engine, rung: index })),
  );

/** The stuck rungs of the desk, or of one of its grids. */
const stuckIn = (door: DeskDoor, grid: string | undefined): readonly Stuck[] =>
  stuckOf(gridsOf(door.snapshot())).filter(
    ({ engine }) => grid === undefined || engine.toLowerCase() === grid.toLowerCase(),
  );

const nameOf = ({ engine, rung }: Stuck): string => `${engine} ${rung}`;

const refusal = (text: string): Reply => ({
  title: "Not asked",
  tone: "warning",
  lines: [text],
  isPrivate: true,
});
