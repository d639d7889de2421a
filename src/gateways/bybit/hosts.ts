/** Where Bybit's streams live, by kind of account: a closed list (DESIGN.md section 7). Demo trading sees the real market. */
export const BYBIT_STREAMS = {
  live: { public: "wss://stream.bybit.com/v5/public", private: "wss://stream.bybit.com/v5/private" },
  demo: { public: "wss://stream.bybit.com/v5/public", private: "wss://stream-demo.bybit.com/v5/private" },
  testnet: {
    public: "wss://stream-testnet.bybit.com/v5/public",
    private: "wss://stream-testnet.bybit.com/v5/private",
  },
} as const;

/** Which of Bybit's worlds an account lives in. */
export type BybitWorld = keyof typeof BYBIT_STREAMS;
