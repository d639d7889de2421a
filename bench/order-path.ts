/**
 * Wire to wire: from a quote's frame leaving the venue to the order for it arriving there, at 500 quotes a second on
 * loopback. The desk (translation, kernel, guard, router) over our own client, beside a bare socket client in a process
 * of its own that only parses, signs and writes; both answer every 20th quote of the same run, ten quotes apart.
 * `npm run bench -- order-path [ORDERS] [direct|ccxt]`.
 */

import { simKeys } from "../src/cli/sim-keys.ts";
import { systemClock } from "../src/cli/system-clock.ts";
import type { Desk } from "../src/desk/desk.ts";
import { openBinanceDirect } from "../src/gateways/binance-direct.ts";
import { openBinanceUsdm } from "../src/gateways/binance-usdm.ts";
import { writeBenchmark } from "./report.ts";
import { child, line } from "./support/child.ts";
import { Pulse } from "./support/pulse.ts";
import { pulseDesk } from "./support/pulse-desk.ts";

const ORDERS = Number(process.argv[2] ?? 700);
const isDirect = process.argv[3] !== "ccxt";
const EVERY = 20;
const { keys } = simKeys({});

const venue = child("pulse-venue", "500");
const { port } = (await line(venue)) as { port: number };
const options = {
  account: "main",
  keys,
  target: { host: "127.0.0.1", port },
  clock: systemClock,
  log: { warn: () => undefined },
};
const gateway = isDirect ? openBinanceDirect(options) : await openBinanceUsdm(options);
const instruments = await gateway.market.instruments(["BTCUSDT"]);
const engine = new Pulse({ instrument: "BTCUSDT", every: EVERY, most: ORDERS });
const placement: number[] = [];
const own: number[] = [];
let desk: Desk | undefined;
let takenAt = 0;
const { trading } = gateway;
const place = trading.place.bind(trading);
trading.place = (facts) => {
  own.push(performance.now() - takenAt);
  return place(facts);
};
const firstAt = new Promise<number>((resolve) => {
  gateway.market
    .start(["BTCUSDT"], (event) => {
      resolve(event.at);
      takenAt = performance.now();
      desk?.emit(event);
    })
    .catch((error: unknown) => console.error(error));
});
desk = pulseDesk(gateway, instruments, engine, await firstAt, (ms) => void placement.push(ms));
await gateway.account.start((event) => desk?.emit(event));
desk.start();
const bare = child("bare-client", String(port), String(EVERY), String(ORDERS));
while (engine.placed < ORDERS || desk.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 50));
venue.kill("SIGTERM");
const latencies = (await line(venue)) as Readonly<Record<string, readonly number[]>>;
bare.kill("SIGTERM");
desk.stop();
process.stdout.write(`${JSON.stringify(desk.kernel.state.counts)}\n`);
await writeBenchmark(
  "order-path",
  `Wire to wire: quote to order (loopback, ${isDirect ? "own client" : "ccxt"})`,
  {
    desk: latencies["main"] ?? [],
    "bare socket client": latencies["bare"] ?? [],
    "of which the kernel (event to router)": own,
    "desk: decision to acknowledgement": placement,
  },
  [["desk", "bare socket client"]],
);
process.exit(0);
