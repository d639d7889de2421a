/**
 * From a market frame's arrival to the order leaving the process, on loopback: the desk (translation, kernel, guard,
 * router) over our own client and its order socket, beside a bare socket client that parses, signs and writes by hand.
 * Both see the same frames of the same venue at about 500 a second. `npm run bench -- order-path [ORDERS] [ccxt]`.
 */

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { WebSocket } from "ws";
import { simKeys } from "../src/cli/sim-keys.ts";
import { systemClock } from "../src/cli/system-clock.ts";
import type { Desk } from "../src/desk/desk.ts";
import { openBinanceDirect } from "../src/gateways/binance-direct.ts";
import { openBinanceUsdm } from "../src/gateways/binance-usdm.ts";
import { writeBenchmark } from "./report.ts";
import { Pulse } from "./support/pulse.ts";
import { pulseDesk } from "./support/pulse-desk.ts";

const ORDERS = Number(process.argv[2] ?? 300);
const isDirect = process.argv[3] !== "ccxt";
const EVERY = 20;
/** Market seconds a second: the synthetic market then quotes about 500 times a second. */
const SPEED = "2000";
const { keys } = simKeys({});
const now = (): number => performance.now();

async function openVenue(): Promise<{ readonly port: number; stop(): void }> {
  const child = spawn(
    process.execPath,
    ["bin/perpdesk.mjs", "venue", "--port", "0", "--market", "synthetic:1", "--speed", SPEED],
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

/** Notes when an order leaves: an HTTP request on any socket, a frame on the order socket (its frames are masked). */
function watchWrites(note: (at: number) => void): void {
  const orderSockets = new WeakSet<net.Socket>();
  const write = net.Socket.prototype.write as (...args: unknown[]) => boolean;
  net.Socket.prototype.write = function watched(this: net.Socket, ...args: unknown[]) {
    const [chunk] = args;
    const isFrame = orderSockets.has(this);
    const text =
      typeof chunk === "string"
        ? chunk.slice(0, 40)
        : chunk instanceof Uint8Array
          ? Buffer.from(chunk.subarray(0, 40)).toString("latin1")
          : "";
    if (text.startsWith("GET /ws-fapi/")) orderSockets.add(this);
    if (isFrame || text.startsWith("POST /fapi/v1/order")) note(now());
    return write.apply(this, args);
  } as typeof net.Socket.prototype.write;
}

/** The least that anybody could do on a frame: read a price, sign, write to a kept-open connection. */
function bare(port: number, note: (ms: number) => void) {
  const out = net.connect(port, "127.0.0.1");
  out.setNoDelay(true);
  out.resume();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/public/ws/bare`);
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
    seen: () => seen,
    stop: () => {
      socket.terminate();
      out.destroy();
    },
  };
}

let bareHands: ReturnType<typeof bare> | undefined;
// The order socket is known by its opening line: the watch stands before anything is opened.
const whole: number[] = [];
const own: number[] = [];
const carrier: number[] = [];
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
  carrier.push(at - decided);
  whole.push(at - (arrivedOf.shift() ?? Number.NaN));
});
const venue = await openVenue();
const options = {
  account: "main",
  keys,
  target: { host: "127.0.0.1", port: venue.port },
  clock: systemClock,
  log: { warn: () => undefined },
};
const gateway = isDirect ? openBinanceDirect(options) : await openBinanceUsdm(options);
const instruments = await gateway.market.instruments(["BTCUSDT"]);
const engine = new Pulse({ instrument: "BTCUSDT", every: EVERY, most: ORDERS });
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
desk = pulseDesk(gateway, instruments, engine, await firstAt, (ms) => void placement.push(ms));
desk.start();
const bareMs: number[] = [];
const startedAt = now();
bareHands = bare(venue.port, (ms) => bareMs.push(ms));
while (engine.placed < ORDERS || desk.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 50));
const rateOf = Math.round((bareHands.seen() / (now() - startedAt)) * 1_000);
bareHands.stop();
desk.stop();
venue.stop();
process.stdout.write(`${rateOf} quotes a second\n`);
await writeBenchmark(
  "order-path",
  `Market frame to order request (loopback, ${isDirect ? "own client" : "ccxt"})`,
  {
    "desk, frame to request written": whole,
    "of which desk (translate, kernel, guard, router)": own,
    "of which the carrier": carrier,
    "bare socket handler": bareMs,
    "placement: decision to acknowledgement": placement,
  },
  [["desk, frame to request written", "bare socket handler"]],
);
process.exit(0);
