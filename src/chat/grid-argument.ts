import type { DeskDoor } from "../desk/ports.ts";
import type { EngineView, GridView } from "../desk/snapshot.ts";
import type { ArgumentHelp } from "./command.ts";
import { cut, oneLine } from "./layout.ts";
import type { Reply } from "./reply.ts";
import { symbolsOf } from "./symbol.ts";

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

/** A grid of the desk, as people see it. */
export type ShownGrid = EngineView & { readonly grid: GridView };

/** The argument that names a grid, with the desk's grids to pick from. */
export const gridArgument = (description: string): ArgumentHelp => ({
  name: "grid",
  description,
  isRequired: false,
  choices: (door) => gridsOf(door.snapshot()).map(({ engine }) => engine),
});

/** The argument of a command that is about one grid: it is asked for where there are several. */
export const oneGridArgument: ArgumentHelp = {
  ...gridArgument("Which grid; left out: the only one"),
  asks: (door) => gridsOf(door.snapshot()).length > 1,
};

/** The desk's grids. */
export const gridsOf = (desk: Snapshot): readonly ShownGrid[] =>
  desk.engines.filter((each): each is ShownGrid => each.grid !== undefined);

/**
 * The grid of this name, in any case of letters, or the only one of a symbol; without a name the only one; else a reply that says
 * which there are.
 */
export function gridOf(desk: Snapshot, typed: string | undefined): ShownGrid | Reply {
  const grids = gridsOf(desk);
  const [only, second] = grids;
  if (typed === undefined && only !== undefined && second === undefined) return only;
  const found = grids.find(({ engine }) => engine.toLowerCase() === typed?.toLowerCase());
  if (found !== undefined) return found;
  const symbols = typed === undefined ? undefined : symbolsOf(desk, typed);
  const traded = grids.filter(({ instrument }) => symbols?.has(instrument) === true);
  const [one, other] = traded;
  if (one !== undefined && other === undefined) return one;
  if (one !== undefined)
    return refusal(`Several grids trade that; name one: ${traded.map(({ engine }) => engine).join(", ")}.`);
  const named = grids.map(({ engine }) => engine).join(", ");
  const names = named === "" ? "there are none" : `say one of ${named}`;
  const what =
    typed === undefined ? "which grid?" : `grid "${cut(oneLine(typed), 40)}" is not one of this desk;`;
  return refusal(`${what} ${names}.`);
}

const refusal = (text: string): Reply => ({
  title: "Not done",
  tone: "warning",
  lines: [text],
  isPrivate: true,
});

/** Whether this is a grid and no refusal. */
export const isGrid = (found: ShownGrid | Reply): found is ShownGrid => "engine" in found;
