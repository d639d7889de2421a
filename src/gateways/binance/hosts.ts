/** Where Binance's streams live, by family and by whether money is real: a closed list (DESIGN.md section 7). */
export const BINANCE_STREAMS = {
  live: "wss://fstream.binance.com",
  demo: "wss://fstream.binancefuture.com",
} as const;

/** The same for COIN-M futures. */
export const COINM_STREAMS = {
  live: "wss://dstream.binance.com",
  demo: "wss://dstream.binancefuture.com",
} as const;

/** Where USDT-M futures with real money take requests, and orders over their socket; `account` tells a key's rights. */
export const BINANCE_REQUESTS = {
  rest: "https://fapi.binance.com",
  account: "https://api.binance.com",
  orders: "wss://ws-fapi.binance.com/ws-fapi/v1",
} as const;
