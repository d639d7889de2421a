// A flood: 200 symbols at 5,000 market messages a second through our own client, translation and kernel, while orders
// come and go. npm run long -- soak [MINUTES] [PER_SECOND]. Writes docs/evidence/soak.json: memory and its slope, the
// event loop's delay, and whether any order event was lost.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { child, line } from "../../bench/support/child.ts";
import { Pulse } from "../../bench/support/pulse.ts";
import { pulseDesk } from "../../bench/support/pulse-desk.ts";
import { simKeys } from "../../src/cli/sim-keys.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import type { Desk } from "../../src/desk/desk.ts";
import type { InstrumentInfo } from "../../src/desk/ports.ts";
import { openBinanceDirect } from "../../src/gateways/binance-direct.ts";
import { NoBudgetError } from "../../src/gateways/exchange-client.ts";
import { writeEvidence } from "./evidence.ts";

const [minutes = "30", perSecond = "5000"] = process.argv.slice(2);
const startedAt = Date.now();
const symbols = ["BTCUSDT", ...Array.from({ length: 199 }, (_, at) => `S${String(at).padStart(3, "0")}USDT`)];
const venue = child("soak-venue", perSecond);
const { port } = (await line(venue)) as { port: number };
const gateway = openBinanceDirect({
  account: "main",
  keys: simKeys({}).keys,
  target: { host: "127.0.0.1", port },
  clock: systemClock,
  log: { warn: (message, fields) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`) },
});
const infos: InstrumentInfo[] = [];
for (let at = 0; at < symbols.length; ) {
  try {
    infos.push(...(await gateway.market.instruments(symbols.slice(at, at + 20))));
    at += 20;
  } catch (error) {
    // Fees cost 20 of request weight a symbol: two hundred of them take some minutes.
    if (!(error instanceof NoBudgetError)) throw error;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
}
const engine = new Pulse({ instrument: "BTCUSDT", every: 2, most: Number.POSITIVE_INFINITY });
let messages = 0;
let privateReports = 0;
let desk: Desk | undefined;
const firstAt = new Promise<number>((resolve) => {
  gateway.market
    .start(symbols, (event) => {
      messages += 1;
      resolve(event.at);
      desk?.emit(event);
    })
    .catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
});
// The desk trades one symbol: an account history of two hundred would not fit into a minute of request weight.
desk = pulseDesk(gateway, infos.slice(0, 1), engine, await firstAt);
await gateway.account.start((event) => {
  if (event.type === "orderReport") privateReports += 1;
  desk?.emit(event);
});
desk.start();
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const samples: { readonly minute: number; readonly heapMb: number; readonly rssMb: number }[] = [];
const floodAt = Date.now();
const until = floodAt + Number(minutes) * 60_000;
while (Date.now() < until) {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.stderr.write(`${engine.placed} orders; ${desk.kernel.state.blocks().join("; ")}\n`);
  samples.push({ minute: (Date.now() - floodAt) / 60_000, heapMb: heapUsed / 1e6, rssMb: rss / 1e6 });
}
delay.disable();
engine.stop();
await new Promise((resolve) => setTimeout(resolve, 3_000));
venue.kill("SIGTERM");
const told = (await line(venue)) as { pushed: number; orderEvents: number };
desk.stop();

/** Least-squares slope of the second half: the first one fills caches. */
function slope(of: "heapMb" | "rssMb"): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
  const x = mean(half.map(({ minute }) => minute));
  const y = mean(half.map((sample) => sample[of]));
  const over = half.reduce((sum, sample) => sum + (sample.minute - x) * (sample[of] - y), 0);
  return over / half.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
}
const seconds = (Date.now() - floodAt) / 1_000;
const found = {
  minutes: Number(minutes),
  symbols: symbols.length,
  messagesPushed: told.pushed,
  messagesHandled: messages,
  messagesPerSecond: Math.round(messages / seconds),
  ordersPlaced: engine.placed,
  orderEventsAtVenue: told.orderEvents,
  orderEventsHeard: privateReports,
  lostOrderEvents: told.orderEvents - privateReports,
  loopDelayMs: {
    p50: delay.percentile(50) / 1e6,
    p99: delay.percentile(99) / 1e6,
    p999: delay.percentile(99.9) / 1e6,
    max: delay.max / 1e6,
  },
  heapSlopeMbPerMinute: slope("heapMb"),
  rssSlopeMbPerMinute: slope("rssMb"),
  samples: samples.filter((_, at) => at % 6 === 0),
};
process.stdout.write(`${JSON.stringify({ ...found, samples: undefined }, undefined, 2)}\n`);
process.stdout.write(`${writeEvidence("soak", startedAt, found)}\n`);
process.exit(found.lostOrderEvents === 0 ? 0 : 1);
