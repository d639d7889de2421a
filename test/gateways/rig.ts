import type { DeskEvent } from "../../src/core/event.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import { lots, ticks } from "../../src/core/units.ts";
import type { Clock, Gateway } from "../../src/desk/ports.ts";
import { openBinanceUsdm } from "../../src/gateways/binance-usdm.ts";
import type { ServerOptions } from "../../src/venue/web/server.ts";
import { KEY, type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { Wire } from "./wire.ts";

/** The machine's clocks with all waits fifty times shorter: reconnects and silences pass at once. */
export const hasty: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * 50,
  after: (ms, call) => {
    const timer = setTimeout(call, ms / 50);
    return () => clearTimeout(timer);
  },
};

/** A clock that only the test moves. */
export class HandClock implements Clock {
  wall = 1_700_000_000_000;
  #passed = 0;
  readonly #timers: { readonly due: number; readonly call: () => void }[] = [];

  now(): number {
    return this.wall;
  }
  monotonic(): number {
    return this.#passed;
  }
  after(ms: number, call: () => void): () => void {
    const timer = { due: this.#passed + ms, call };
    this.#timers.push(timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }
  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.length;
  }
  /** Lets `ms` pass: runs what falls due, in order, and lets promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#passed + ms;
    await settled();
    for (;;) {
      const [next] = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.wall += Math.max(0, next.due - this.#passed);
      this.#passed = Math.max(this.#passed, next.due);
      next.call();
      await settled();
    }
    this.wall += end - this.#passed;
    this.#passed = end;
  }
}

/** Lets every promise that is ready settle. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** A line of the gateway's log. */
interface LogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A Binance gateway on a served venue, with the wire between them and all that it said. */
export interface BinanceRig {
  readonly venue: Served;
  readonly wire: Wire;
  readonly gateway: Gateway;
  readonly market: DeskEvent[];
  readonly account: DeskEvent[];
  readonly log: LogLine[];
  /** Starts both feeds, the market at its first message. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the gateway that the desk uses against the built-in venue. */
export async function openRig(
  options: {
    readonly server?: Partial<ServerOptions>;
    readonly clock?: Clock;
    readonly symbols?: readonly string[];
    readonly timeoutMs?: number;
  } = {},
): Promise<BinanceRig> {
  const venue = await serveVenue(options.server);
  const wire = await Wire.to(venue.server.port);
  const market: DeskEvent[] = [];
  const account: DeskEvent[] = [];
  const log: LogLine[] = [];
  const symbols = options.symbols ?? ["BTCUSDT"];
  const gateway = await openBinanceUsdm({
    account: "main",
    keys: { apiKey: KEY.apiKey, secret: KEY.secret },
    target: { host: "127.0.0.1", port: wire.port },
    clock: options.clock ?? hasty,
    log: { warn: (message, fields) => log.push({ message, fields }) },
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return {
    venue,
    wire,
    gateway,
    market,
    account,
    log,
    start: async () => {
      await gateway.market.instruments(symbols);
      await gateway.market.start(symbols, (event) => market.push(event));
      await gateway.account.start((event) => account.push(event));
      await soon(() => {
        // The market stands still until it is moved.
        const isSpeaking = ["mark", "top"].every((type) => market.some((event) => event.type === type));
        if (!isSpeaking) venue.move(500_000);
        return isSpeaking;
      }, "the market speaks");
    },
    close: async () => {
      await gateway.account.stop();
      await gateway.market.stop();
      await wire.down();
      await venue.close();
    },
  };
}

let generation = 0;

/** An order of engine "grid1" on BTCUSDT: a buy of 10 lots at 49,000.0, post-only, unless the test says otherwise. */
export function order(change: Partial<OrderFacts> = {}): OrderFacts {
  generation += 1;
  return {
    clientId: `pdsk7qe${String(generation).padStart(6, "0")}`,
    account: "main",
    instrument: "BTCUSDT",
    positionSide: "both",
    engine: "grid1",
    role: "entry",
    rung: 0,
    slice: 0,
    side: "buy",
    kind: "limit",
    price: ticks(490_000),
    lots: lots(10),
    isReduceOnly: false,
    isPostOnly: true,
    ...change,
  };
}

/** A market order: no price, taker. */
export function marketOrder(change: Partial<OrderFacts> = {}): OrderFacts {
  const { price: _none, ...rest } = order();
  return { ...rest, kind: "market", isPostOnly: false, ...change };
}

/** A reduce-only stop that sells 10 lots when the mark falls to 49,000.0. */
export function stopOrder(change: Partial<OrderFacts> = {}): OrderFacts {
  return marketOrder({
    kind: "stopMarket",
    role: "stop",
    side: "sell",
    trigger: ticks(490_000),
    isReduceOnly: true,
    ...change,
  });
}

/** Waits for I/O on loopback: until `holds`, ten seconds at most. */
export async function soon(holds: () => boolean, what: string): Promise<void> {
  const patience = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > patience) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
