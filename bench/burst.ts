/**
 * A grid laid anew: twenty-five orders at once, from the first call to the last acknowledgement, on loopback. Through
 * the gateway over our own client (the order socket), beside an undici pool that signs and posts the same orders;
 * both in turns in one run. `npm run bench -- burst [ROUNDS]`.
 */

import { Pool } from "undici";
import { simKeys } from "../src/cli/sim-keys.ts";
import { systemClock } from "../src/cli/system-clock.ts";
import type { DeskEvent } from "../src/core/event.ts";
import type { OrderFacts } from "../src/core/order.ts";
import { lots, ticks } from "../src/core/units.ts";
import { openBinanceDirect } from "../src/gateways/binance-direct.ts";
import { queryOf, signatureOf } from "../src/gateways/direct/signing.ts";
import { writeBenchmark } from "./report.ts";
import { child, line } from "./support/child.ts";

const ROUNDS = Number(process.argv[2] ?? 60);
const COUNT = 25;
const { keys } = simKeys({});

const venue = child("pulse-venue", "20");
const { port } = (await line(venue)) as { port: number };
const gateway = openBinanceDirect({
  account: "main",
  keys,
  target: { host: "127.0.0.1", port },
  clock: systemClock,
  log: { warn: () => undefined },
});
await gateway.market.instruments(["BTCUSDT"]);
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: COUNT, pipelining: 1 });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function facts(round: number, rung: number): OrderFacts {
  return {
    clientId: `pgtw${round}x${rung}`,
    account: "main",
    instrument: "BTCUSDT",
    positionSide: "both",
    engine: "bench",
    role: "takeProfit",
    rung,
    slice: 0,
    side: "buy",
    kind: "limit",
    price: ticks(585_000 + rung),
    lots: lots(4),
    isReduceOnly: false,
    isPostOnly: true,
  };
}

async function post(name: string, params: object): Promise<void> {
  const [method, path] = name.split(" ");
  const query = queryOf({ ...params, recvWindow: 3_000, timestamp: Date.now() });
  const { statusCode, body } = await pool.request({
    method: method as "POST" | "DELETE",
    path: `${path}?${query}&signature=${signatureOf(query, keys)}`,
    headers: { "X-MBX-APIKEY": keys.apiKey },
  });
  const text = await body.text();
  if (statusCode >= 400) throw new Error(text);
}

const plain = (round: number, rung: number) => ({
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTX",
  quantity: "0.004",
  price: (58_500 + rung / 10).toFixed(1),
  newClientOrderId: `plain${round}x${rung}`,
});

const rungs = Array.from({ length: COUNT }, (_, rung) => rung);
const clear = (): Promise<void> => post("DELETE /fapi/v1/allOpenOrders", { symbol: "BTCUSDT" });
const ours: number[] = [];
const pooled: number[] = [];
await pause(300);
for (let round = 0; round < ROUNDS; round += 1) {
  const from = performance.now();
  // As the desk's router hands over what one turn wants.
  const placing: Promise<readonly DeskEvent[]>[] = [];
  gateway.trading.together?.(() => {
    for (const rung of rungs) placing.push(gateway.trading.place(facts(round, rung)));
  });
  const answers = await Promise.all(placing);
  ours.push(performance.now() - from);
  if (answers.some(([event]) => event?.type !== "orderReport")) throw new Error(JSON.stringify(answers[0]));
  await clear();
  const again = performance.now();
  await Promise.all(rungs.map((rung) => post("POST /fapi/v1/order", plain(round, rung))));
  pooled.push(performance.now() - again);
  await clear();
  // The gateway's own budget is a minute's: the bench takes its time.
  await pause(50);
}
venue.kill("SIGTERM");
await writeBenchmark(
  "burst",
  "Twenty-five orders at once (loopback)",
  { "gateway over the order socket": ours, "undici pool": pooled },
  [["gateway over the order socket", "undici pool"]],
);
process.exit(0);
