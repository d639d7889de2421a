import type ccxt from "ccxt";
import type { Client, Served } from "./served-venue.ts";

export const BTC = "BTC/USDT:USDT";

/** What a client does, the number that comes back, and the class that ccxt makes of it at production addresses. */
export interface Case {
  readonly does: string;
  readonly code: number;
  readonly kind: keyof typeof ccxt;
  run(client: Client, venue: Served): Promise<unknown>;
}

/** A plain order with exactly these fields. */
export const raw = (client: Client, fields: Record<string, unknown>): Promise<unknown> =>
  client.fapiPrivatePostOrder({ symbol: "BTCUSDT", side: "BUY", type: "LIMIT", ...fields });
/** A conditional order with exactly these fields. */
export const algo = (client: Client, fields: Record<string, unknown>): Promise<unknown> =>
  client.fapiPrivatePostAlgoOrder({ symbol: "BTCUSDT", side: "SELL", algoType: "CONDITIONAL", ...fields });
/** The fields of a limit order. */
export const limit = (price: string, quantity = "0.01", more = {}): Record<string, unknown> => ({
  price,
  quantity,
  timeInForce: "GTC",
  ...more,
});
