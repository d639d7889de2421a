import type { EngineView } from "../../core/engine.ts";
import { type Instrument, sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import { moneyText, textOf } from "../../core/text.ts";
import { type Lots, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";
import type { Rung } from "./rung.ts";

/** A rung's exits are refused again and again. */
export const trouble = (rung: Rung, parameters: GridParameters): AlertIntent => ({
  type: "alert",
  key: `exit:${parameters.engine}:${rung.index}`,
  level: "critical",
  title: `${parameters.instrument}: an exit is refused again and again`,
  lines: [
    `Rung ${rung.index} of ${parameters.engine} could not place its take profit or stop ${rung.refusals} times.`,
    "The same refusal three times in a row is tried once a minute only. You can close the position with /close.",
  ],
  instrument: parameters.instrument,
});

/** A rung's stop was not acknowledged in time. */
export const unprotected = (rung: Rung, parameters: GridParameters): AlertIntent => ({
  type: "alert",
  key: `stop:${parameters.engine}:${rung.index}`,
  level: "critical",
  title: `${parameters.instrument}: a position has no stop`,
  lines: [
    `The exchange did not acknowledge the stop of rung ${rung.index} of ${parameters.engine} within 5 s.`,
    "The rung is closed at the market; no entry leaves before that is done.",
  ],
  instrument: parameters.instrument,
});

/** A rung holds less than the exchange lets anybody trade. */
export const dust = (
  rung: Rung,
  held: Lots,
  parameters: GridParameters,
  instrument: Instrument,
): AlertIntent => ({
  type: "alert",
  key: `dust:${parameters.engine}:${rung.index}`,
  level: "notice",
  title: `${parameters.instrument}: a rest is too small to be traded`,
  lines: [
    `Rung ${rung.index} of ${parameters.engine} holds ${textOf(held, instrument.lot)} ${sizeUnit(instrument)}, less than the exchange's smallest order.`,
    "It has no exits of its own; the next entry on the rung takes it along.",
  ],
  instrument: parameters.instrument,
});

/** Somebody else cancelled a rung's exit. */
export function takenAway(rung: Rung, role: "stop" | "takeProfit", parameters: GridParameters): AlertIntent {
  const name = role === "stop" ? "stop" : "take profit";
  const isAgain = rung.taken[role] > 1;
  const after =
    role === "stop"
      ? "It is not placed a third time: the rung is closed at the market in 5 s, unless /resume comes before."
      : "It is not placed a third time before /resume; the stop stays.";
  return {
    type: "alert",
    key: `taken:${parameters.engine}:${rung.index}:${role}`,
    level: isAgain ? "critical" : "high",
    title: `${parameters.instrument}: somebody cancelled our ${name}${isAgain ? " again" : ""}`,
    lines: [
      `The ${name} of rung ${rung.index} of ${parameters.engine} was cancelled on the exchange, not by the desk.`,
      isAgain ? after : "It is placed again, once. If you want it gone, close the position with /close.",
    ],
    instrument: parameters.instrument,
  };
}

/** The exchange's size rules have outgrown a grid's rungs. */
export const tooSmall = ({ engine, instrument }: GridParameters): AlertIntent => ({
  type: "alert",
  key: `size:${engine}`,
  level: "high",
  title: `${instrument}: ${engine} is too small for the exchange's new sizes`,
  lines: [
    "One rung is less than the exchange's smallest order: no entry leaves; what is held keeps its exits.",
    "Give the engine a larger quantity and restart the desk.",
  ],
  instrument,
});

/** Why a grid closes all by itself. */
export type HaltCause = "stopPrice" | "lossLimit";

/** The grid closed all by itself and waits; `reason` is kept in the ledger and shown as why it is paused. */
export function halted(
  why: HaltCause,
  parameters: GridParameters,
  view: EngineView,
): { readonly reason: string; readonly intent: AlertIntent } {
  const { engine, instrument, lossMax } = parameters;
  const { tick, settle } = view.instrument(instrument);
  const mark = view.mark(instrument);
  const at = mark === undefined ? "" : ` at ${textOf(mark, tick)}`;
  const reason =
    why === "stopPrice"
      ? `its stop price was crossed${at}`
      : `its loss reached the limit of ${moneyText(lossMax ?? value(0), 2)} ${settle}${at}`;
  return {
    reason,
    intent: {
      type: "alert",
      key: `halt:${engine}`,
      level: "critical",
      title: `${instrument}: ${engine} closes all, ${reason}`,
      lines: [
        "Its entries are taken back and all that it holds is closed at the market. It stays paused, after a restart too.",
        why === "stopPrice"
          ? "Move or remove the stop price first, then /resume: beyond it the grid would close all again."
          : "The limit counts all that was lost since the grid last held nothing. After /resume it counts from zero.",
      ],
      instrument,
    },
  };
}
