import type { EngineView } from "../../core/engine.ts";
import { sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import { textOf } from "../../core/text.ts";
import type { Lots, Ticks } from "../../core/units.ts";
import { entryPrice, triggerOf } from "./exits.ts";
import { legOf } from "./hedge.ts";
import type { GridParameters } from "./parameters.ts";
import { recoveryStory } from "./recovery-alerts.ts";
import { type Rung, sums } from "./rung.ts";

/** Both legs are open, each with its stop; the rung's own exits are gone. */
export function hedgeStands(
  rung: Rung,
  leg: Rung,
  ownStop: Ticks,
  parameters: GridParameters,
  view: EngineView,
): AlertIntent {
  const instrument = view.instrument(parameters.instrument);
  const price = (at: Ticks): string => textOf(at, instrument.tick);
  const size = `${textOf(sums(leg).held, instrument.lot)} ${sizeUnit(instrument)}`;
  const hedge = legOf(parameters);
  const legStop = triggerOf(entryPrice(leg), hedge, view);
  return recoveryStory(rung, parameters, "notice", "a stuck position is hedged", [
    `Rung ${rung.index} of ${parameters.engine}: ${size} ${hedge.positionSide} stand against it; its loss stands still.`,
    `Its take profit and its stop are gone: the legs have stops at ${price(ownStop)} and ${price(legStop)}, and if one leg closes the other does.`,
    `Both close when the mark price is back at ${price(entryPrice(rung))}; you are asked again after two hours.`,
  ]);
}

/** A hedge could not be opened, or not whole: the ladder takes its place. */
export const hedgeFailed = (rung: Rung, reason: string, parameters: GridParameters): AlertIntent =>
  recoveryStory(rung, parameters, "high", "a hedge could not be opened", [
    `Rung ${rung.index} of ${parameters.engine}: ${reason}.`,
    "What was opened of it is closed again, and a ladder takes its place; the rung keeps its stop.",
  ]);

/** A part of one leg was closed: so much is left of each. */
export function hedgeShrinks(
  rung: Rung,
  isOfHedge: boolean,
  left: Lots,
  parameters: GridParameters,
  view: EngineView,
): AlertIntent {
  const instrument = view.instrument(parameters.instrument);
  const what = isOfHedge ? "a part of its hedge was closed" : "a part of it was closed itself";
  const size = `${textOf(left, instrument.lot)} ${sizeUnit(instrument)}`;
  return recoveryStory(rung, parameters, "notice", "a hedged pair is made smaller", [
    `Rung ${rung.index} of ${parameters.engine}: ${what}. Both legs are made smaller, to ${size} each.`,
  ]);
}

/** A pair ends: both legs are closed at the market. */
export const hedgeEnds = (rung: Rung, reason: string, parameters: GridParameters): AlertIntent =>
  recoveryStory(rung, parameters, "notice", "a hedged pair is closed", [
    `Rung ${rung.index} of ${parameters.engine}: ${reason}. Both legs are closed at the market.`,
  ]);

/** What the ways out of a pair do, for a card. */
export const LADDER_OF_PAIR = "A force close closes both legs; a ladder takes the hedge back first.";

/** Why a card about a pair offers no ladder. */
export function noLadder(rung: Rung, parameters: GridParameters, view: EngineView): string {
  const stop = triggerOf(entryPrice(rung), parameters, view);
  const at = textOf(stop, view.instrument(parameters.instrument).tick);
  return `A force close closes both legs. A ladder is not offered: the price is beyond the rung's own stop at ${at}, where it is closed without its hedge.`;
}

/** Why there is no hedge, and that a ladder is used instead. */
export const noHedge = (rung: Rung, reason: string, parameters: GridParameters): AlertIntent =>
  recoveryStory(rung, parameters, "notice", "a stuck position is not hedged", [
    `Rung ${rung.index} of ${parameters.engine} gets a ladder instead: ${reason}.`,
  ]);

/** A hedge is the opposite book of the same instrument, which only an account in hedge mode has. */
export const NEEDS_HEDGE_MODE = "a hedge needs the account in hedge mode";
