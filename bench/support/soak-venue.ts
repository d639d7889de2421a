/**
 * A venue under a flood: BTCUSDT trades, and around it 199 further symbols whose quotes, marks and depth are pushed at a
 * given rate of messages a second. Runs as a child process: argv = messages a second; prints `{"port": N}`, then on
 * SIGTERM how many messages it pushed and how many order events the account had.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { simKeys } from "../../src/cli/sim-keys.ts";
import type { Instrument } from "../../src/core/instrument.ts";
import { value } from "../../src/core/units.ts";
import { binanceSkin } from "../../src/venue/binance/skin.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import { CALM } from "../../src/venue/faults/weather.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";
import { mergedMarket } from "../../src/venue/market-source.ts";
import { syntheticMarket } from "../../src/venue/synthetic-market.ts";
import { Frames } from "../../src/venue/web/frames.ts";
import { Pump } from "../../src/venue/web/pump.ts";
import { readRequest, send } from "../../src/venue/web/request.ts";

const PER_SECOND = Number(process.argv[2] ?? 5_000);
const TICK_MS = 20;
const btc = INSTRUMENTS.find(({ id }) => id === "BTCUSDT") as Instrument;
const brackets = BRACKETS["BTCUSDT"] ?? [];
const names = Array.from({ length: 199 }, (_, at) => `S${String(at).padStart(3, "0")}USDT`);
const others: readonly Instrument[] = names.map((id) => ({ ...btc, id, base: id.slice(0, 4) }));
/** The others stand still in the exchange itself: one point a year. */
const still = mergedMarket([
  syntheticMarket({ seed: 1, instruments: [btc] }),
  {
    instruments: names,
    candleMs: 60_000,
    ...(() => {
      let turn = 0;
      const at = 1_735_689_600_000;
      const timeOf = () => (turn < names.length ? at : at + 365 * 86_400_000) as never;
      return {
        nextAt: timeOf,
        next: () => {
          const instrument = names[turn % names.length] ?? "";
          const point = {
            instrument,
            at: timeOf(),
            price: 600_000,
            lots: 1,
            candleLots: 1_000,
            candleOpenAt: at,
            candleCloseAt: at + 59_999,
            isLast: false,
          };
          turn += 1;
          return point as never;
        },
      };
    })(),
  },
]);
const exchange = createExchange({
  instruments: [btc, ...others],
  brackets: Object.fromEntries([btc, ...others].map(({ id }) => [id, brackets])),
  market: still,
  accounts: [{ id: "main", deposit: value(100_000_000_000_000) }],
  seed: 1,
});
let orderEvents = 0;
exchange.listen((event) => {
  if (event.type === "order") orderEvents += 1;
});
const wall = { now: Date.now, setTimeout, clearTimeout };
const skin = binanceSkin(
  { exchange, keys: [{ ...simKeys({}).keys, account: "main" }], limits: { weightPerMinute: 1e9 } },
  {
    wall,
    weather: CALM,
    frames: new Frames(wall, CALM),
    onBug: (error, call) => process.stderr.write(`${call}: ${String(error)}\n`),
  },
);
const server = createServer(async (message, response) => {
  const request = await readRequest(message);
  if (request !== undefined) send(response, skin.answer(request));
});
server.on("upgrade", (message, raw, head) => skin.upgrade(message, raw, head));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
new Pump(exchange, wall, 10).resume();

let pushed = 0;
let update = 1;
const { streams } = skin.core;
const levels = (from: number, step: number): readonly (readonly [string, string])[] =>
  Array.from({ length: 20 }, (_, at) => [(from + at * step).toFixed(1), "1.500"]);

/** Of a hundred messages ninety-two are quotes, four marks and four books. */
function push(): void {
  const symbol = names[update % names.length] ?? "";
  const name = symbol.toLowerCase();
  const at = exchange.now();
  const bid = 60_000 + (update % 97) / 10;
  const kind = update % 25;
  if (kind === 0) {
    streams.send(`${name}@markPrice@1s`, {
      e: "markPriceUpdate",
      E: at,
      s: symbol,
      p: bid.toFixed(8),
      i: bid.toFixed(8),
      P: bid.toFixed(8),
      r: "0.00010000",
      T: at + 3_600_000,
    });
  } else if (kind === 1) {
    streams.send(`${name}@depth20@500ms`, {
      e: "depthUpdate",
      E: at,
      T: at,
      s: symbol,
      U: update,
      u: update,
      pu: update - 1,
      b: levels(bid, -0.1),
      a: levels(bid + 0.1, 0.1),
    });
  } else {
    streams.send(`${name}@bookTicker`, {
      e: "bookTicker",
      u: update,
      s: symbol,
      b: bid.toFixed(1),
      B: "1.500",
      a: (bid + 0.1).toFixed(1),
      A: "1.500",
      T: at,
      E: at,
    });
  }
  update += 1;
  pushed += 1;
}

const startedAt = performance.now();
setInterval(() => {
  const due = ((performance.now() - startedAt) / 1_000) * PER_SECOND;
  while (pushed < due) push();
}, TICK_MS);
process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
process.on("SIGTERM", () => {
  process.stdout.write(`${JSON.stringify({ pushed, orderEvents })}\n`, () => process.exit(0));
});
