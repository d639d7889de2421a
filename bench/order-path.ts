/**
 * From a market frame's arrival to the order request leaving the process, on loopback: the desk (translation, kernel,
 * guard, router, ccxt) beside a bare socket handler that parses, signs and writes by hand. Both see the same frames.
 */

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { WebSocket } from "ws";
import { simKeys } from "../src/cli/sim-keys.ts";
import { systemClock } from "../src/cli/system-clock.ts";
import type { Engine, EngineView } from "../src/core/engine.ts";
import type { DeskEvent } from "../src/core/event.ts";
import type { Intent } from "../src/core/intent.ts";
import { lots, millis, rate, ticks, value } from "../src/core/units.ts";
import { Desk } from "../src/desk/desk.ts";
import type { KernelConfig } from "../src/desk/kernel/config.ts";
import { Kernel } from "../src/desk/kernel/kernel.ts";
import { openBinanceUsdm } from "../src/gateways/binance-usdm.ts";
import { writeBenchmark } from "./report.ts";

const ORDERS = Number(process.argv[2] ?? 300);
const EVERY = 3;
const { keys } = simKeys({});
const now = (): number => performance.now();

/** Places a passive order on every third quote and takes it back: the shortest way through the whole desk. */
class Pulse implements Engine {
  readonly id = "pulse";
  readonly account = "main";
  readonly needs = { instruments: ["BTCUSDT"], feeds: ["top" as const], timeframesMs: [], warmupBars: 0 };
  #seen = 0;
  placed = 0;

  handle(event: DeskEvent, view: EngineView): readonly Intent[] {
    if (event.type === "orderReport" && event.status === "open") {
      return [{ type: "cancel", clientId: event.clientId, reason: "bench" }];
    }
    if (event.type !== "top" || !view.mayIncrease || this.placed >= ORDERS) return [];
    this.#seen += 1;
    if (this.#seen % EVERY !== 0) return [];
    this.placed += 1;
    return [
      {
        type: "place",
        reason: "bench",
        facts: {
          clientId: view.newId("entry", this.placed, 0),
          account: "main",
          instrument: "BTCUSDT",
          positionSide: "both",
          engine: this.id,
          role: "entry",
          rung: this.placed,
          slice: 0,
          side: "buy",
          kind: "limit",
          price: ticks(Math.floor(event.bid * 0.97)),
          lots: lots(4),
          isReduceOnly: false,
          isPostOnly: true,
        },
      },
    ];
  }

  adopt(): readonly Intent[] {
    return [];
  }

  snapshot() {
    return {
      summary: "",
      rungsHeld: 0,
      rungsOpening: 0,
      cycles: 0,
      stops: 0,
      realized: value(0),
      state: null,
    };
  }
}

async function openVenue(): Promise<{ readonly port: number; stop(): void }> {
  const child = spawn(
    process.execPath,
    ["bin/perpdesk.mjs", "venue", "--port", "0", "--market", "synthetic:1", "--speed", "300"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  return { port, stop: () => child.kill("SIGTERM") };
}

/** Notes when a quote comes in on a socket, before anything has read it. */
function watchReads(note: (socket: net.Socket, at: number) => void): void {
  const emit = net.Socket.prototype.emit;
  net.Socket.prototype.emit = function watched(this: net.Socket, name: string | symbol, ...args: unknown[]) {
    const [chunk] = args;
    if (name === "data" && chunk instanceof Uint8Array && Buffer.from(chunk).includes("bookTicker"))
      note(this, now());
    return emit.apply(this, [name, ...args] as Parameters<typeof emit>);
  } as typeof net.Socket.prototype.emit;
}

/** Notes when an order request is written to any socket. */
function watchWrites(note: (at: number) => void): void {
  const write = net.Socket.prototype.write as (...args: unknown[]) => boolean;
  net.Socket.prototype.write = function watched(this: net.Socket, ...args: unknown[]) {
    const [chunk] = args;
    const text =
      typeof chunk === "string"
        ? chunk.slice(0, 40)
        : chunk instanceof Uint8Array
          ? Buffer.from(chunk.subarray(0, 40)).toString("latin1")
          : "";
    if (text.startsWith("POST /fapi/v1/order")) note(now());
    return write.apply(this, args);
  } as typeof net.Socket.prototype.write;
}

/** The bare way: one socket for frames, one kept alive for orders, by hand. */
function bare(port: number, note: (ms: number) => void) {
  const out = net.connect(port, "127.0.0.1");
  out.setNoDelay(true);
  out.on("data", () => undefined);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/public/ws/bare`, { perMessageDeflate: false });
  let seen = 0;
  socket.on("open", () =>
    socket.send(JSON.stringify({ method: "SUBSCRIBE", params: ["btcusdt@bookTicker"], id: 1 })),
  );
  socket.on("message", (raw: Buffer) => {
    const frame = JSON.parse(raw.toString()) as { e?: string; b?: string };
    if (frame.e !== "bookTicker") return;
    seen += 1;
    if (seen % EVERY !== 1) return;
    const price = (Math.floor(Number(frame.b) * 9.7) / 10).toFixed(1);
    const query = `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.004&price=${price}&newClientOrderId=bare${seen}&recvWindow=3000&timestamp=${Date.now()}`;
    const signature = createHmac("sha256", keys.secret).update(query).digest("hex");
    const body = `${query}&signature=${signature}`;
    out.write(
      `POST /fapi/v1/order/test HTTP/1.1\r\nHost: fapi.binance.com\r\nX-MBX-APIKEY: ${keys.apiKey}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    note(now() - bareArrivedAt);
  });
  return {
    // The socket under the WebSocket, known once it is open.
    isOwn: (found: net.Socket) => (socket as unknown as { _socket?: net.Socket })._socket === found,
    stop: () => {
      socket.terminate();
      out.destroy();
    },
  };
}

let bareHands: ReturnType<typeof bare> | undefined;
const venue = await openVenue();
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: console.error,
  trade: () => undefined,
  entryFilled: () => undefined,
};
const gateway = await openBinanceUsdm({
  account: "main",
  keys,
  target: { host: "127.0.0.1", port: venue.port },
  clock: systemClock,
  log: quiet,
});
const instruments = await gateway.market.instruments(["BTCUSDT"]);
const config: KernelConfig = {
  version: "bench",
  mode: "sim",
  desk: "bch",
  account: "main",
  venue: gateway.venue,
  asset: "USDT",
  nonce: "bnch",
  epoch: 1,
  bootWallAt: millis(Date.now()),
  entriesHoldMs: millis(500),
  staleMs: millis(10_000),
  speed: 300,
  instruments,
  grids: [
    {
      engine: "pulse",
      account: "main",
      instrument: "BTCUSDT",
      positionSide: "both",
      direction: "buy",
      quantity: lots(4),
      takeProfit: rate(1),
      step: rate(1),
      ordersMax: 200,
      waitMs: millis(0),
      positionMax: lots(4_000),
      purse: value(900_000_000_000),
      leverage: 3,
      stopLoss: undefined,
      anchor: undefined,
    },
  ],
  leverageMax: 3,
  grossLeverageMax: 3,
  distanceMin: rate(20_000_000),
  proposals: { expiresMs: millis(60_000), drift: rate(200_000), dataAgeMaxMs: millis(5_000) },
  ledger: "whole",
};
const engine = new Pulse();
const whole: number[] = [];
const own: number[] = [];
const library: number[] = [];
const placement: number[] = [];
let arrivedAt = 0;
let bareArrivedAt = 0;
const decidedAt: number[] = [];
const arrivedOf: number[] = [];
watchReads((socket, at) => {
  if (bareHands?.isOwn(socket) === true) bareArrivedAt = at;
  else arrivedAt = at;
});
watchWrites((at) => {
  const decided = decidedAt.shift();
  if (decided === undefined) return;
  library.push(at - decided);
  whole.push(at - (arrivedOf.shift() ?? Number.NaN));
});
const { trading } = gateway;
const place = trading.place.bind(trading);
trading.place = (facts) => {
  decidedAt.push(now());
  arrivedOf.push(arrivedAt);
  own.push(now() - arrivedAt);
  return place(facts);
};
let desk: Desk | undefined;
const firstAt = new Promise<number>((resolve) => {
  gateway.market
    .start(["BTCUSDT"], (event) => {
      resolve(event.at);
      desk?.emit(event);
    })
    .catch((error: unknown) => console.error(error));
});
desk = new Desk({
  kernel: new Kernel(config, [engine]),
  gateway,
  store: { ledger: { append: async () => undefined } } as never,
  clock: systemClock,
  recorder: undefined,
  chat: () => undefined,
  isLeader: () => true,
  showProposal: async () => undefined,
  log: { ...quiet, placement: ({ ms }) => void placement.push(ms) },
  historyFrom: millis(await firstAt),
});
desk.start();
const bareMs: number[] = [];
bareHands = bare(venue.port, (ms) => bareMs.push(ms));
while (engine.placed < ORDERS || desk.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 50));
bareHands.stop();
desk.stop();
venue.stop();
await writeBenchmark("order-path", "Market frame to order request (loopback)", {
  "desk, frame to request written": whole,
  "of which desk (translate, kernel, guard, router)": own,
  "of which ccxt and its HTTP client": library,
  "bare socket handler": bareMs,
  "placement: decision to acknowledgement": placement,
});
process.exit(0);
