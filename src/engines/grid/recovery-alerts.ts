import type { EngineView } from "../../core/engine.ts";
import { sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent, AlertLevel } from "../../core/intent.ts";
import { openLots } from "../../core/order.ts";
import { DEADLINE } from "../../core/recovery.ts";
import { percentText, textOf } from "../../core/text.ts";
import { type Lots, mulDiv, ONE, signOf, type Ticks } from "../../core/units.ts";
import { entryPrice } from "./exits.ts";
import type { GridParameters } from "./parameters.ts";
import { liveOf, type Rung } from "./rung.ts";

/** The one story of a rung's recovery: told anew when it goes on. */
export const recoveryStory = (
  rung: Rung,
  parameters: GridParameters,
  loudness: AlertLevel,
  title: string,
  lines: readonly string[],
): AlertIntent => ({
  type: "alert",
  key: `recover:${parameters.engine}:${rung.index}`,
  level: loudness,
  title: `${parameters.instrument}: ${title}`,
  lines,
  instrument: parameters.instrument,
});

/** What is stuck, in one line: size, entry, price, and how much of it is lost. */
export function stuckLine(rung: Rung, held: Lots, parameters: GridParameters, view: EngineView): string {
  const instrument = view.instrument(parameters.instrument);
  const mark = view.mark(parameters.instrument);
  const entry = entryPrice(rung);
  const size = `${textOf(held, instrument.lot)} ${sizeUnit(instrument)}`;
  const what = `Rung ${rung.index} of ${parameters.engine} holds ${size} from ${textOf(entry, instrument.tick)}`;
  if (mark === undefined) return `${what}.`;
  const lost = mulDiv((entry - mark) * signOf(parameters.direction), ONE, entry, "nearest");
  const verb = lost >= 0 ? "a loss" : "a gain";
  return `${what}; the mark price is ${textOf(mark, instrument.tick)}, ${verb} of ${percentText(Math.abs(lost))}.`;
}

/** Found stuck where recovery is switched off: only told. */
export const leftStuck = (rung: Rung, line: string, parameters: GridParameters): AlertIntent =>
  recoveryStory(rung, parameters, "info", "a position is stuck", [
    line,
    "Recovery is switched off (recovery_mode: none): its take profit and its stop stay as they are.",
  ]);

/** Closed at the market, slice by slice. */
export const closesStuck = (
  rung: Rung,
  line: string,
  isBeyond: boolean,
  parameters: GridParameters,
): AlertIntent =>
  recoveryStory(rung, parameters, isBeyond ? "high" : "notice", "a stuck position is closed at the market", [
    line,
    isBeyond
      ? "Its loss is beyond its stop: it is closed now, no more at once than the best price shows."
      : "It is closed now, no more at once than the best price shows.",
  ]);

/** The whole quantity rests in a ladder. */
export function ladderRests(rung: Rung, parameters: GridParameters, view: EngineView): AlertIntent {
  const { tick, lot } = view.instrument(parameters.instrument);
  const slices = liveOf(rung, "ladder").map(
    (order) => `${textOf(openLots(order), lot)} at ${textOf(order.facts.price ?? (0 as Ticks), tick)}`,
  );
  return recoveryStory(rung, parameters, "notice", "a stuck position has a ladder", [
    `Rung ${rung.index} of ${parameters.engine} gets out in ${slices.length} slices: ${slices.join(", ")}.`,
    "They take the place of its take profit; its stop stays.",
    ...chosenLines(rung.recovery.by),
  ]);
}

/** A ladder could not be laid whole. */
export const ladderFailed = (
  rung: Rung,
  reason: string,
  isLast: boolean,
  parameters: GridParameters,
): AlertIntent =>
  recoveryStory(rung, parameters, "high", "a ladder could not be laid", [
    `Rung ${rung.index} of ${parameters.engine}: ${reason}. Its take profit is placed again; its stop stays.`,
    isLast
      ? "It failed three times and is not tried again. You can close the position with /close."
      : "It is tried again with the next check, in five minutes.",
  ]);

/** It holds nothing any more. */
export const isOut = (rung: Rung, by: string | undefined, parameters: GridParameters): AlertIntent =>
  recoveryStory(rung, parameters, "resolved", "a stuck position got out", [
    `Rung ${rung.index} of ${parameters.engine} holds nothing any more.`,
    ...chosenLines(by),
  ]);

/** The price came back: it is held as any other. */
export const isFree = (rung: Rung, parameters: GridParameters): AlertIntent =>
  recoveryStory(rung, parameters, "resolved", "a position is not stuck any more", [
    `Rung ${rung.index} of ${parameters.engine}: the price is back in the reach of its take profit.`,
  ]);

/** Whose choice it was, where a person was asked. */
function chosenLines(by: string | undefined): readonly string[] {
  if (by === undefined) return [];
  return [by === DEADLINE ? "Nobody decided in time: it is what the card said." : `${by} chose this way.`];
}
