/** Where Binance's USDT-M streams live: a closed list (DESIGN.md section 7). */
export const BINANCE_STREAMS = {
  live: "wss://fstream.binance.com",
  demo: "wss://fstream.binancefuture.com",
} as const;
