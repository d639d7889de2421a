import { z } from "zod";
import type { DeskDoor } from "../desk/ports.ts";
import type { ArgumentHelp } from "./command.ts";
import { symbolArgument } from "./symbol.ts";

/** Which side of a position, where both are held. */
export const sideSchema = z.string().transform((text, context): "long" | "short" => {
  const side = text.trim().toLowerCase();
  if (side === "long" || side === "short") return side;
  context.addIssue({
    code: "custom",
    message: `side "${text.slice(0, 40)}" is neither long nor short; say one of them.`,
  });
  return z.NEVER;
});

/** The instruments in which something is held. */
export const heldIn = (door: DeskDoor): readonly string[] => [
  ...new Set(
    door
      .snapshot()
      .books.filter(({ lots }) => lots !== 0)
      .map(({ instrument }) => instrument),
  ),
];

/** The arguments that name a position: its symbol, and its side where both are held. */
export const positionArguments: readonly ArgumentHelp[] = [
  {
    ...symbolArgument("Which position; left out: the only open one"),
    choices: (door) => heldIn(door),
    asks: (door) => heldIn(door).length > 1,
  },
  {
    name: "side",
    description: "long or short, where both are held",
    isRequired: false,
    choices: () => ["long", "short"],
  },
];
