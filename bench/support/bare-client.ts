/**
 * The least that anybody could do on a quote: parse the frame, sign an order, write it to the order socket, and take it
 * back when it rests. No books, no guard, no records. Runs as a child process: argv = port, every nth quote, most orders.
 */

import { createHmac } from "node:crypto";
import { WebSocket } from "ws";
import { BELOW, BARE_KEYS as keys } from "./pulse-ticks.ts";

const [port = "0", every = "20", most = "1000"] = process.argv.slice(2);
const orders = new WebSocket(`ws://127.0.0.1:${port}/ws-fapi/v1`, { perMessageDeflate: false });
const market = new WebSocket(`ws://127.0.0.1:${port}/public/ws/bare`, { perMessageDeflate: false });
let seen = 0;
let placed = 0;

function call(id: string, method: string, params: Record<string, string | number>): void {
  const signed: Record<string, string | number> = {
    ...params,
    apiKey: keys.apiKey,
    recvWindow: 3_000,
    timestamp: Date.now(),
  };
  const text = Object.keys(signed)
    .sort()
    .map((name) => `${name}=${signed[name]}`)
    .join("&");
  const signature = createHmac("sha256", keys.secret).update(text).digest("hex");
  orders.send(JSON.stringify({ id, method, params: { ...signed, signature } }));
}

market.on("open", () =>
  market.send(JSON.stringify({ method: "SUBSCRIBE", params: ["btcusdt@bookTicker"], id: 1 })),
);
market.on("message", (raw) => {
  const frame = JSON.parse(String(raw)) as { e?: string; b?: string };
  if (frame.e !== "bookTicker") return;
  seen += 1;
  // Between the desk's turns, so that neither answers the other's quote.
  if (seen % Number(every) !== Number(every) / 2 || placed >= Number(most)) return;
  if (orders.readyState !== WebSocket.OPEN) return;
  placed += 1;
  const price = (Math.round(Number(frame.b) * 10) - BELOW) / 10;
  call(`p${placed}`, "order.place", {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTX",
    quantity: "0.004",
    price: price.toFixed(1),
    newClientOrderId: `bare${placed}`,
  });
});
orders.on("message", (raw) => {
  const { id } = JSON.parse(String(raw)) as { id: string };
  if (id.startsWith("p"))
    call(`c${id}`, "order.cancel", { symbol: "BTCUSDT", origClientOrderId: `bare${id.slice(1)}` });
});
