import { type CcxtExchange, type CcxtProfile, type CcxtRoute, RECV_WINDOW_MS } from "../ccxt-client.ts";

/** OKX carries out what comes within half a minute of its timestamp. */
const OKX_LIFE_MS = 30_000;
/** Calls whose requests OKX drops after the header `expTime`. @see OKX v5 "Transaction timeouts" */
const EXPIRING: ReadonlySet<string> = new Set(["trade/order", "trade/batch-orders", "trade/amend-order"]);
/** Place a conditional order, and move margin; know no `expTime`. */
const UNEXPIRING: ReadonlySet<string> = new Set(["trade/order-algo", "account/position/margin-balance"]);

/** OKX as ccxt carries it. Its limits count per call, which `PacedClient` does; here are only bans. */
export const OKX_PROFILE: CcxtProfile = {
  exchange: "okx",
  weights: { perMinute: Number.MAX_SAFE_INTEGER, entryShare: 1, readShare: 1 },
  options: {},
  route: okxRoute,
  prepare: boundLateness,
  isPong: (message) => message === "pong",
  // Both count orders of a few seconds: entries pause, closes and cancels go on.
  standing: (message) => (/"code":\s*"?(50011|50061)\b/.test(message) ? "ordersRefused" : undefined),
};

/** "GET /api/v5/market/books" is `market/books` in ccxt's section `public`; all but /public and /market is private. */
export function okxRoute(_method: string, address: string): CcxtRoute {
  const path = /^\/api\/v5\/(.+)$/.exec(address)?.[1];
  if (path === undefined) throw new TypeError(`OKX has no call ${address}`);
  return { api: /^(public|market)\//.test(path) ? "public" : "private", path };
}

/**
 * A request must not be carried out later than `RECV_WINDOW_MS` (I1). Plain orders say so in `expTime`. Conditional orders
 * and margin can't: they are dated so far back that OKX's own limit of 30 s after the timestamp ends when our window does.
 */
function boundLateness(exchange: CcxtExchange, isDemo: boolean): void {
  if (isDemo) exchange.setSandboxMode(true);
  const nonce = exchange.nonce.bind(exchange);
  const sign = exchange.sign.bind(exchange);
  let backMs = 0;
  exchange.nonce = () => nonce() - backMs;
  exchange.sign = (path, api, method, ...rest) => {
    backMs = method === "POST" && UNEXPIRING.has(path) ? OKX_LIFE_MS - RECV_WINDOW_MS : 0;
    const signed = sign(path, api, method, ...rest);
    backMs = 0;
    if (method === "POST" && EXPIRING.has(path)) {
      signed.headers = { ...signed.headers, expTime: String(nonce() + RECV_WINDOW_MS) };
    }
    return signed;
  };
}
