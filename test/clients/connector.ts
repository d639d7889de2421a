import type { DerivativesTradingUsdsFutures } from "@binance/derivatives-trading-usds-futures";
import { KEY } from "../venue/binance/served-venue.ts";
import { LoopbackAgent } from "./loopback-agent.ts";

/** Binance's own connector. */
export type Connector = DerivativesTradingUsdsFutures;

/** Binance's own connector with its production addresses, led to a local port. */
export async function openConnector(port: number): Promise<Connector> {
  // It reads how much it may say when it is loaded.
  process.env["LOG_LEVEL"] = "error";
  const library = await import("@binance/derivatives-trading-usds-futures");
  const agent = new LoopbackAgent(port);
  const keys = { apiKey: KEY.apiKey, apiSecret: KEY.secret };
  return new library.DerivativesTradingUsdsFutures({
    configurationRestAPI: {
      ...keys,
      basePath: library.DERIVATIVES_TRADING_USDS_FUTURES_REST_API_PROD_URL,
      httpsAgent: agent,
      retries: 0,
      timeout: 5_000,
    },
    configurationWebsocketAPI: {
      ...keys,
      wsURL: library.DERIVATIVES_TRADING_USDS_FUTURES_WS_API_PROD_URL,
      agent,
    },
    configurationWebsocketStreams: {
      wsURL: library.DERIVATIVES_TRADING_USDS_FUTURES_WS_STREAMS_PROD_URL,
      agent,
    },
  });
}
