/** One command of freqtrade's Telegram bot, and what answers it here. */
export interface ForeignCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly does: string;
  /** Our commands that do the same, the closest first; empty: none does. */
  readonly here: readonly string[];
  /** Why none does, or what is different here. */
  readonly why: string;
}

const of = (names: string, does: string, here: readonly string[], why = ""): ForeignCommand => {
  const [name = "", ...aliases] = names.split(" ");
  return { name, aliases, does, here, why };
};

/**
 * Every command of freqtrade's Telegram bot: the 37 handlers of freqtrade/rpc/telegram.py as of October 2024, and the three
 * that came later.
 */
export const FREQTRADE: readonly ForeignCommand[] = [
  of(
    "start",
    "Start trading",
    ["resume"],
    "Telegram itself says start when a chat begins: that is help here.",
  ),
  of(
    "stop",
    "Stop trading",
    ["stop", "pause"],
    "Stops and take profits go on: a position is never left alone.",
  ),
  of("stopentry stopbuy", "No new entries", ["pause"], "It outlives a restart; there it is lost."),
  of(
    "reload_config reload_conf",
    "Read the configuration again",
    [],
    "Settings are read once, at the start, and checked whole: what a running desk may do never changes under it.",
  ),
  of("show_config show_conf", "Part of the configuration", ["config_show"], "Secrets are names in it."),
  of("forceexit fx forcesell", "Close at once", ["close"], "A card shows what it comes to and asks first."),
  of(
    "forcelong forcebuy",
    "Open at once",
    [],
    "Positions are opened by engines within their purses and stops; a position by hand would have neither.",
  ),
  of("forceshort", "Open a short at once", [], "As for forcelong."),
  of(
    "cancel_open_order coo",
    "Cancel one order",
    ["cancel", "cancel_all"],
    "An engine would send its own again: then it says what to do instead. A stop asks with a card.",
  ),
  of(
    "delete",
    "Forget a trade",
    ["reconcile", "adopt"],
    "A position is never lost from view: what nobody explains is adopted, and stays counted.",
  ),
  of("reload_trade", "Read a trade again", ["reconcile"], "The whole account is read."),
  of("unlock delete_locks", "End a lock of a pair", ["unlock"]),
  of("locks", "Locked pairs", ["lock"], "Alone it lists them."),
  of(
    "blacklist",
    "Pairs that are not traded",
    ["block"],
    "Of those that its settings name: a desk trades no other.",
  ),
  of("blacklist_delete bl_delete", "Take a pair from it", ["allow"]),
  of(
    "whitelist",
    "Pairs that are traded",
    ["grid"],
    "Without a name it lists every grid with its instrument.",
  ),
  of(
    "marketdir",
    "Set a variable for strategies",
    [],
    "A grid's direction is a setting, checked at the start.",
  ),
  of("status", "Open trades", ["positions", "status"], "One message with pages instead of one a trade."),
  of("order", "Orders of trades", ["orders"]),
  of("trades", "Closed trades", ["trades"]),
  of("list_custom_data", "What a strategy noted of a trade", ["trade"], "All that the trade log has of it."),
  of("count", "How many trades are open", ["count"]),
  of("profit", "Profit in all", ["profit", "stats"]),
  of("balance", "The wallet", ["balance", "margin"]),
  of("daily", "Profit of each day", ["daily"]),
  of("weekly", "Profit of each week", ["weekly"]),
  of("monthly", "Profit of each month", ["monthly"]),
  of("performance", "Profit by pair", ["performance"], "By grid, and of a grid by rung."),
  of("entries buys", "Profit by entry tag", ["entries", "performance"], "A grid's rungs are its entries."),
  of("exits sells", "Profit by exit reason", ["exits"]),
  of(
    "mix_tags",
    "Profit by entry tag and exit reason",
    ["trades"],
    "A grid enters for one reason only, so the pairs are those of exits; each trade names its own.",
  ),
  of("stats", "Wins and losses, durations", ["stats"]),
  of("edge", "Edge positioning", [], "freqtrade has taken it out; a grid has no such model."),
  of("health", "When the bot last worked", ["health", "ping"]),
  of("logs", "The last lines of the log", ["logs"]),
  of("version", "The version", ["version"]),
  of("help", "The commands", ["help"], "Only what the caller may use."),
  of(
    "tg_info",
    "The ids of a chat, for anybody",
    [],
    "Whoever is not configured gets no answer; perpdesk doctor says whether each chat is reached.",
  ),
  of("profit_long", "Profit of longs", ["profit", "performance"], "A grid has one direction: name the grid."),
  of("profit_short", "Profit of shorts", ["profit", "performance"], "As for profit_long."),
];
