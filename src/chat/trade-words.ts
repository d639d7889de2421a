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
