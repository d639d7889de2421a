import type { CloseCause } from "../core/order.ts";
import type { TakenBy } from "../core/taken.ts";
import { actionText, moneyIn, type NumberedTrade, wordIn } from "../core/trade-log.ts";
import { type Value, value } from "../core/units.ts";

/** Why something was closed: the trade log's own causes. */
type Cause =
  | CloseCause
  | Exclude<TakenBy, "exit">
  | "takeProfit"
  | "ladder"
  | "stop"
  | "overClose"
  | "lateNews";

const CAUSES: Readonly<Record<Cause, string>> = {
  takeProfit: "its take profit",
  ladder: "a slice of its ladder",
  stop: "its stop",
  asked: "a close was asked for",
  chosen: "stuck, a person chose it",
  recovery: "it was stuck",
  loss: "stuck and beyond its stop",
  hedge: "its hedged pair ended",
  stopRefused: "its stop was refused",
  stopLate: "its stop came too late",
  beyondStop: "it was beyond its stop",
  halted: "the grid closed all",
  liquidation: "liquidation",
  adl: "deleveraging (ADL)",
  person: "somebody closed it",
  lastStop: "the stop of the position",
  overClose: "another exit took it too",
  lateNews: "late news",
};

/** What a part came to after fees; undefined where its line does not say. */
export function netOf({ fields }: NumberedTrade): Value | undefined {
  const [pnl, fees] = [moneyIn(fields, "PnL"), moneyIn(fields, "Fees")];
  return pnl === undefined || fees === undefined ? undefined : value(pnl - fees);
}

/** Why a part was closed, for people; a cause of another version in its own word. */
export const causeText = (cause: string): string => CAUSES[cause as Cause] ?? cause;

/** What closed a part, for people. */
export const howOf = ({ fields }: NumberedTrade): string => actionText(wordIn(fields, "Action"));
