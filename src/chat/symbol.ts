import type { InstrumentId } from "../core/instrument.ts";
import type { DeskDoor } from "../desk/ports.ts";
import type { ArgumentHelp } from "./command.ts";
import { cut, oneLine } from "./layout.ts";
import type { Reply } from "./reply.ts";

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

/** The argument that names what is traded, with the desk's instruments to pick from. */
export const symbolArgument = (description: string): ArgumentHelp => ({
  name: "symbol",
  description,
  isRequired: false,
  choices: (door) => door.snapshot().instruments.map((each) => each.id),
});

/**
 * The instruments that a typed symbol means: all when it was left out, one when it is the id or the base asset of
 * exactly one; undefined when the desk trades nothing of that name.
 */
export function symbolsOf(desk: Snapshot, typed: string | undefined): ReadonlySet<InstrumentId> | undefined {
  const known = new Set([
    ...desk.instruments.map((each) => each.id),
    ...desk.books.map((each) => each.instrument),
    ...desk.orders.map((each) => each.instrument),
  ]);
  if (typed === undefined) return known;
  const wanted = typed.toUpperCase().replaceAll(/[/:_-]/g, "");
  const same = [...known].find((id) => id.toUpperCase().replaceAll(/[/:_-]/g, "") === wanted);
  if (same !== undefined) return new Set([same]);
  const byBase = desk.instruments.filter((each) => each.base.toUpperCase() === wanted);
  const [only] = byBase;
  return only !== undefined && byBase.length === 1 ? new Set([only.id]) : undefined;
}

/** Says that a symbol is not traded here and which ones are. */
export function unknownSymbol(desk: Snapshot, typed: string | undefined): Reply {
  const ids = desk.instruments.map((each) => each.id);
  const named = ids.length > 10 ? `${ids.slice(0, 10).join(", ")} ...` : ids.join(", ");
  return {
    title: "Not done",
    tone: "warning",
    lines: [
      `symbol "${cut(oneLine(typed ?? ""), 40)}" is not traded here; say ${named || "nothing, there are none yet"}.`,
    ],
    isPrivate: true,
  };
}
