/** The three sockets of OKX. */
export interface OkxStreams {
  readonly public: string;
  readonly private: string;
  readonly business: string;
}

/** Where OKX's streams live: a closed list (DESIGN.md section 7). Demo trading has sockets of its own. */
export const OKX_STREAMS = {
  live: {
    public: "wss://ws.okx.com:8443/ws/v5/public",
    private: "wss://ws.okx.com:8443/ws/v5/private",
    business: "wss://ws.okx.com:8443/ws/v5/business",
  },
  demo: {
    public: "wss://wspap.okx.com:8443/ws/v5/public?brokerId=9999",
    private: "wss://wspap.okx.com:8443/ws/v5/private?brokerId=9999",
    business: "wss://wspap.okx.com:8443/ws/v5/business?brokerId=9999",
  },
} as const satisfies Record<string, OkxStreams>;
