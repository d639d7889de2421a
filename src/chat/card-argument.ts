import { z } from "zod";
import { unreachable } from "../core/invariant.ts";
import type { Proposal, ProposalAction } from "../core/proposal.ts";
import type { DeskDoor } from "../desk/ports.ts";
import type { ArgumentHelp } from "./command.ts";
import { cut, oneLine } from "./layout.ts";

/** The name of a card, as an argument of the command `name`. */
export const cardSchema = (name: string) =>
  z
    .string({ error: `Say which card, e.g. ${name} k1-e1. /proposals lists them.` })
    .max(40, "No card has so long a name.");

/** Cards that wait for somebody's decision, the most urgent first. */
export const waitingCards = (door: DeskDoor): readonly Proposal[] =>
  door
    .snapshot()
    .proposals.filter(({ state }) => state === "pending")
    .sort((a, b) => a.expiresWallAt - b.expiresWallAt);

/** The argument that names a card that waits. */
export const cardArgument: ArgumentHelp = {
  name: "card",
  description: "Its name, at the card's foot; /proposals lists them",
  isRequired: true,
  choices: (door) => waitingCards(door).map(({ id }) => id),
  // A card's own buttons decide it, under what it says.
  asks: false,
};

/** What a card asks, in a few words. */
export function actionText(action: ProposalAction): string {
  switch (action.type) {
    case "resetRisk":
      return "leave the risk state";
    case "disarm":
      return "disarm the exchange's countdown";
    case "grant":
      return `make ${action.person} ${action.role}`;
    case "hedge":
      return `hedge ${action.rungs.length === 1 ? "a rung" : `${action.rungs.length} rungs`} of ${action.engine}`;
    case "limit":
      return `loosen ${action.limit} to ${action.texts.to}`;
    case "addMargin":
      return `add margin to ${action.instrument}`;
    case "close":
      return `close ${action.instrument}`;
    case "recover":
      return `${action.instrument}: rung ${action.rung} of ${action.engine} is stuck`;
    case "panic":
      return "panic, which can still be taken back";
    case "cancel":
      return `take ${action.orders.length === 1 ? "an order" : `${action.orders.length} orders`} back`;
    case "basket":
      if (action.what !== "flatten") return `close ${action.what}, ${action.parts.length} in all`;
      return action.tap === "first" ? "flatten, first tap" : "flatten, second tap";
    default:
      return unreachable(action);
  }
}

/** What follows a card's name can't be read. */
export const unreadableWay = (name: string, id: string, way = ""): string =>
  `"${name} ${id} ${cut(oneLine(way), 40)}" can't be read; say approve ${id} with close, ladder, hedge or wait, or reject ${id}.`;
