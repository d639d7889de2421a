import { actionText, moneyIn, type NumberedTrade, wordIn } from "../core/trade-log.ts";
import { type Value, value } from "../core/units.ts";

/** What a part came to after fees; undefined where its line does not say. */
export function netOf({ fields }: NumberedTrade): Value | undefined {
  const [pnl, fees] = [moneyIn(fields, "PnL"), moneyIn(fields, "Fees")];
  return pnl === undefined || fees === undefined ? undefined : value(pnl - fees);
}

/** What closed a part, for people. */
export const howOf = ({ fields }: NumberedTrade): string => actionText(wordIn(fields, "Action"));
