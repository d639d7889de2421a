import { pairOf } from "./words.ts";

/** The two sockets of public data: best prices and depth, and marks. */
export type PublicSocket = "public" | "market";

/** What differs between Binance's two families of futures; everything else is the same for both. */
export interface Dialect {
  /** As ccxt and our instruments name it. */
  readonly venue: "binanceusdm" | "binancecoinm";
  readonly kind: "linear" | "inverse";
  /** The first part of every path: "fapi" or "dapi". */
  readonly family: "fapi" | "dapi";
  /** Margin tiers of one symbol, and which list of them it answers with. */
  readonly brackets: { readonly call: string; readonly floor: string; readonly cap: string };
  /** Whether the account is in hedge mode. */
  readonly modeCall: string;
  readonly balanceCall: string;
  readonly riskCall: string;
  /** Leverage and margin mode by symbol; the same as `riskCall` where positions tell them. */
  readonly configCall: string;
  /** Narrows `configCall` to one symbol. */
  configOf(symbol: string): object;
  /** The address of a socket with public data. `host` is e.g. "wss://fstream.binance.com". */
  publicUrl(host: string, socket: PublicSocket): string;
  /** The address of the private socket that a listen key opens. */
  privateUrl(host: string, listenKey: string): string;
}

/** USDT-M futures: linear contracts, sizes in coins, streams on three paths. */
export const USDM: Dialect = {
  venue: "binanceusdm",
  kind: "linear",
  family: "fapi",
  brackets: { call: "GET /fapi/v1/leverageBracket", floor: "notionalFloor", cap: "notionalCap" },
  // `positionSide/dual` says the same for six times the weight.
  modeCall: "GET /fapi/v1/accountConfig",
  balanceCall: "GET /fapi/v3/balance",
  riskCall: "GET /fapi/v3/positionRisk",
  configCall: "GET /fapi/v1/symbolConfig",
  configOf: (symbol) => ({ symbol }),
  publicUrl: (host, socket) => `${host}/${socket}/ws/perpdesk`,
  privateUrl: (host, listenKey) => `${host}/private/ws?listenKey=${encodeURIComponent(listenKey)}`,
};

/**
 * COIN-M futures: inverse contracts, sizes in contracts, margin in the coin itself, streams on the old paths.
 * Conditional orders live in the algo service there, too, since Binance joined its two families (2026-06-30).
 */
export const COINM: Dialect = {
  venue: "binancecoinm",
  kind: "inverse",
  family: "dapi",
  brackets: { call: "GET /dapi/v2/leverageBracket", floor: "qtyFloor", cap: "qtyCap" },
  modeCall: "GET /dapi/v1/positionSide/dual",
  balanceCall: "GET /dapi/v1/balance",
  riskCall: "GET /dapi/v1/positionRisk",
  configCall: "GET /dapi/v1/positionRisk",
  configOf: (symbol) => ({ pair: pairOf(symbol) }),
  publicUrl: (host, socket) => `${host}/ws/${socket === "public" ? 0 : 1}`,
  privateUrl: (host, listenKey) => `${host}/ws/${encodeURIComponent(listenKey)}`,
};
