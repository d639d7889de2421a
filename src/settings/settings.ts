import type { PersonRole } from "../core/proposal.ts";
import type { RecoveryMode } from "../core/recovery.ts";
import type { Rate, Value } from "../core/units.ts";

/** Where orders go: the built-in exchange, live data with simulated matching, the exchange's demo, or for real. */
export type Mode = "sim" | "paper" | "demo" | "live";

/** The exchanges that a desk can trade on, as ccxt names them. */
export type ExchangeId = "binanceusdm" | "binancecoinm" | "bybit" | "okx";

/** Keys of one exchange account; OKX wants a passphrase (`password`) as well. */
export interface ExchangeKeys {
  readonly apiKey: string;
  readonly secret: string;
  readonly password?: string;
}

/** A grid as a person configured it. Sizes are still text: lots are known once the instrument is (`layGrid`). */
export interface GridSettings {
  readonly type: "grid";
  readonly name: string;
  readonly symbol: string;
  readonly direction: "buy" | "sell";
  /** Of one rung: base units as plain text (contracts, where they are margined in coins), or money in the quote asset. */
  readonly size:
    | { readonly type: "base"; readonly quantity: string }
    | { readonly type: "usd"; readonly amount: Value };
  readonly takeProfit: Rate;
  readonly gridStep: Rate;
  readonly maxOrders: number;
  /** Least time between two entries, market milliseconds. */
  readonly waitMs: number;
  /** Most base units that may be held, as plain text; undefined: max_orders x quantity. */
  readonly maxPositionSize: string | undefined;
  /** The purse: most margin in steps of the settle asset. */
  readonly maxMargin: Value;
  /** Whether the purse was written as dollars (max_margin_usd), which a contract that is margined in coins does not take. */
  readonly isMarginInUsd: boolean;
  readonly leverage: number;
  /** Distance of each rung's stop from its entry; undefined: switched off (X8). */
  readonly stopLoss: Rate | undefined;
  /** Price as plain text that the lattice is laid from; undefined: equal percentages. */
  readonly anchorPrice: string | undefined;
  /** Entries keep within these prices, plain text; undefined: no bound (X14). */
  readonly lowerPrice: string | undefined;
  readonly upperPrice: string | undefined;
  /** The purse's own loss limit in steps of the settle asset, never above the purse; undefined: none (X8, X39). */
  readonly maxLoss: Value | undefined;
  /** Whether it was written as dollars (max_loss_usd). */
  readonly isLossInUsd: boolean;
  /** Market time after which a rung may be stuck, milliseconds. */
  readonly positionTimeoutMs: number;
  readonly recoveryMode: RecoveryMode;
  /** Prices as plain text, both on the losing side: what closes everything, and beyond which no entry leaves. */
  readonly stopPrice: string | undefined;
  readonly pausePrice: string | undefined;
}

/** How an account counts positions: one a symbol, or long and short as two books. */
export type PositionMode = "oneWay" | "hedge";

/** Everything an engine can be. */
type EngineSettings = GridSettings;

/** One person on all platforms, with one role. */
export interface PersonSettings {
  readonly name: string;
  readonly role: PersonRole;
  /** User ids as text: Discord's are wider than a number. */
  readonly telegramId: string | undefined;
  readonly discordId: string | undefined;
  /** How this person's pictures look. */
  readonly pictures: "dark" | "light";
}

/** The Telegram side; every other chat is left. */
interface TelegramSettings {
  readonly token: string;
  readonly chats: readonly {
    readonly id: string;
    /** Forum topic; undefined: the chat itself. */
    readonly topic: number | undefined;
    readonly alerts: boolean;
    /** May show balances and positions to everybody in it. */
    readonly accountData: boolean;
  }[];
  /** Another Bot API on this machine, in sim mode only. */
  readonly apiRoot: string | undefined;
}

/** The Discord side. */
interface DiscordSettings {
  readonly token: string;
  readonly guild: string;
  readonly channels: readonly { readonly id: string; readonly alerts: boolean }[];
  /** Another REST API on this machine, in sim mode only. */
  readonly apiRoot: string | undefined;
}

/** Everything a person can set, checked, in counts, frozen. Paths are absolute. */
export interface Settings {
  readonly mode: Mode;
  readonly exchange: ExchangeId;
  /** What carries calls and frames: ccxt, or our own client with Binance's order socket (binanceusdm in sim and live). */
  readonly carrier: "ccxt" | "direct";
  readonly account: {
    readonly name: string;
    /** One position a symbol, or long and short side by side. */
    readonly positionMode: PositionMode;
    /** What the built-in exchange starts with, in steps of the asset that the traded contracts settle in. */
    readonly deposit: Value;
  };
  /** Where sim mode's prices come from: "synthetic:SEED" or the absolute path of a candle file. */
  readonly market: string;
  /** Market time over wall time; 1 outside sim. */
  readonly speed: number;
  readonly desk: {
    /** Three of a-z, 0-9: the mark of this desk in client order ids. */
    readonly name: string;
    readonly dataDir: string;
    readonly recordings: {
      readonly enabled: boolean;
      readonly maxMb: number;
      readonly keepRuns: number;
    };
  };
  readonly risk: {
    readonly leverageMax: number;
    /** Account gross notional over equity. */
    readonly grossLeverageMax: number;
    /** Least distance to liquidation after an increase. */
    readonly liquidationBuffer: Rate;
    /** A stop that closes the whole book rests beyond those of its engines (I4). */
    readonly lastStop: boolean;
    /** The exchange takes entries and take profits back when it hears nothing for so long; 0: it does not. */
    readonly cancelAfterSeconds: number;
    /** Somebody's word that stops stay then. */
    readonly stopsSurviveCancelAfter: boolean;
  };
  readonly engines: readonly EngineSettings[];
  readonly proposals: {
    readonly expiresMs: number;
    /** The same for cards about stuck rungs. */
    readonly recoveryExpiresMs: number;
    /** A close of more worth, or with a larger loss, takes two people. */
    readonly closeNotionalMax: Value;
    readonly closeLossMax: Value;
    /** For so long a panic can be taken back. */
    readonly panicUndoMs: number;
    /** A card that is further from the market than this is re-quoted. */
    readonly drift: Rate;
    readonly maxDataAgeMs: number;
  };
  readonly chat: {
    readonly people: readonly PersonSettings[];
    /** The most that chat gives to somebody who is not among them. */
    readonly newPeople: PersonRole | "none";
    /** How many commands a minute one person has. */
    readonly commandsPerMinute: number;
    /** Who sits at the terminal. */
    readonly terminal: { readonly person: string };
    /** In which HIGH makes no sound. */
    readonly quietHours:
      | { readonly from: string; readonly to: string; readonly timeZone: string }
      | undefined;
    readonly telegram: TelegramSettings | undefined;
    readonly discord: DiscordSettings | undefined;
  };
  /** Where secrets come from. */
  readonly secretsFrom: "env" | "file" | "aws-secrets-manager";
  /** Only in demo and live mode. */
  readonly keys: ExchangeKeys | undefined;
  /** The environment says that the demo keys are of the exchange's testnet; Bybit has demo trading beside it. */
  readonly isTestnet: boolean;
  readonly live: {
    /** What to do with orders and positions that are there at the first start: refuse, or take them as our own. */
    readonly startWith: "flatOnly" | "adopt";
    /** An admin's written exception for a key that works from any address. */
    readonly keyWithoutIpLimit: string | undefined;
    /** An admin's written exception for grids whose rungs have no stops (X8). */
    readonly gridWithoutStops: string | undefined;
  };
  readonly redisUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly log: {
    readonly file: string;
    readonly level: "debug" | "info" | "warn" | "error";
  };
  readonly health: {
    readonly everyMs: number;
    readonly heartbeatMs: number;
    /** How long the desk may give no sign of life before its watchdog speaks up. */
    readonly watchdogMs: number;
  };
}
