import { moneyIn, type NumberedTrade, wordIn } from "../core/trade-log.ts";
import { type Value, value } from "../core/units.ts";

/** How people say what closed something: the trade log's own actions. */
const ACTIONS: Readonly<Record<string, string>> = {
  TAKE_PROFIT: "take profit",
  STOP_LOSS: "stop",
  LADDER: "ladder",
  CLOSE: "close",
  LIQUIDATION: "liquidation",
  ADL: "deleveraged",
  TAKEN: "by a person",
  OVER_CLOSE: "over-close",
};

/** What closed something, for people; an action of another version in its own word. */
export const actionText = (action: string): string => ACTIONS[action] ?? action.toLowerCase();

/** What a part came to after fees; undefined where its line does not say. */
export function netOf({ fields }: NumberedTrade): Value | undefined {
  const [pnl, fees] = [moneyIn(fields, "PnL"), moneyIn(fields, "Fees")];
  return pnl === undefined || fees === undefined ? undefined : value(pnl - fees);
}

/** What closed a part, for people. */
export const howOf = ({ fields }: NumberedTrade): string => actionText(wordIn(fields, "Action"));
