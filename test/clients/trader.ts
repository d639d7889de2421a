/** A unified word for where an order or a conditional order stands. */
export type Standing = "open" | "closed" | "canceled" | "expired" | "rejected" | "none";

/** What a client says of one order. Numbers are decimals. */
export interface OrderSeen {
  readonly status: Standing;
  readonly price: number;
  readonly quantity: number;
  readonly filled: number;
}

/** What a client says of one position. */
export interface PositionSeen {
  readonly side: "long" | "short";
  readonly quantity: number;
  readonly entry: number;
  /** 0 for none. */
  readonly liquidation: number;
}

/** Everything that a client says of the account after a step. */
export interface View {
  /** The order of the step, or of the step before. */
  readonly order: OrderSeen | undefined;
  readonly stop: Standing | undefined;
  /** Client ids of what is open, sorted. */
  readonly openOrders: readonly string[];
  readonly openStops: readonly string[];
  /** Long before short. */
  readonly positions: readonly PositionSeen[];
  readonly wallet: number;
  readonly available: number;
  readonly leverage: number;
  readonly isIsolated: boolean;
  readonly isHedge: boolean;
}

/** What the private stream told so far: the last word about everything. */
export interface Heard {
  /** By client id: status and filled quantity. */
  readonly orders: Readonly<Record<string, readonly [Standing, number]>>;
  /** By client id. */
  readonly stops: Readonly<Record<string, Standing>>;
  /** Signed quantity by BOTH, LONG, SHORT. */
  readonly positions: Readonly<Record<string, number>>;
  readonly wallet: number | undefined;
}

/** An order as the scenario words it; the client's own words are made of it. */
export interface Order {
  readonly id: string;
  readonly side: "buy" | "sell";
  readonly quantity: number;
  /** A limit's price; at the market without one. */
  readonly price?: number;
  readonly reduceOnly?: boolean;
  /** In hedge mode. */
  readonly book?: "LONG" | "SHORT";
}

/** An order that waits for the mark price. */
export interface Stop extends Order {
  readonly kind: "STOP_MARKET" | "TAKE_PROFIT_MARKET";
  readonly trigger: number;
}

/** A client that somebody else wrote, as far as the scenario needs it. Refusals are thrown in the client's own way. */
export interface Trader {
  readonly name: string;
  setLeverage(leverage: number): Promise<unknown>;
  setIsolated(): Promise<unknown>;
  setHedge(isOn: boolean): Promise<unknown>;
  place(order: Order): Promise<unknown>;
  amend(order: Order & { readonly price: number }): Promise<unknown>;
  cancel(id: string): Promise<unknown>;
  placeStop(stop: Stop): Promise<unknown>;
  cancelStop(id: string): Promise<unknown>;
  /** Asks for everything again. */
  look(orderId: string | undefined, stopId: string | undefined): Promise<View>;
  heard(): Heard;
  /** The exchange's number in what the client throws. */
  codeOf(error: unknown): number;
  close(): Promise<void>;
}

/** The symbol of the scenario in Binance's words. */
export const SYMBOL = "BTCUSDT";

const STANDINGS: Readonly<Record<string, Standing>> = {
  NEW: "open",
  PARTIALLY_FILLED: "open",
  FILLED: "closed",
  CANCELED: "canceled",
  EXPIRED: "expired",
  EXPIRED_IN_MATCH: "expired",
  REJECTED: "rejected",
  TRIGGERING: "open",
  TRIGGERED: "closed",
  FINISHED: "closed",
};

/** Binance's word for a status, in ours. */
export const standingOf = (word: string): Standing => STANDINGS[word] ?? "none";

/** The exchange's own orders have a running number in their ids. */
export const nameOf = (clientId: string): string => clientId.replace(/^(autoclose|adl_autoclose)-?.*/, "$1");

/** Rounded far below a tick and a satoshi's worth, so that texts and sums compare. */
export const rounded = (amount: number): number => Number(amount.toFixed(6));

/** Long before short. */
export const sorted = (positions: readonly PositionSeen[]): readonly PositionSeen[] =>
  positions.filter(({ quantity }) => quantity !== 0).sort((a, b) => a.side.localeCompare(b.side));
