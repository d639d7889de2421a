import type { DeskEvent } from "../../../src/core/event.ts";
import type { OrderFacts } from "../../../src/core/order.ts";
import { lots, ticks } from "../../../src/core/units.ts";
import type { Clock, Gateway } from "../../../src/desk/ports.ts";
import { openOkx } from "../../../src/gateways/okx.ts";
import { OKX_KEY, type ServedOkx, type ServedOptions, serveOkx } from "../../venue/okx/served-okx.ts";
import { hasty, soon } from "../rig.ts";
import { Wire } from "../wire.ts";

/** An OKX gateway on a served venue, with the wire between them and all that it said. */
export interface OkxRig {
  readonly venue: ServedOkx;
  readonly wire: Wire;
  readonly gateway: Gateway;
  readonly market: DeskEvent[];
  readonly account: DeskEvent[];
  readonly warnings: string[];
  /** Starts both feeds and waits until the market speaks. */
  start(instruments?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface RigOptions extends ServedOptions {
  readonly clock?: Clock;
  readonly timeoutMs?: number;
  readonly isDemo?: boolean;
}

export async function openOkxRig(options: RigOptions = {}): Promise<OkxRig> {
  const venue = await serveOkx(options);
  const wire = await Wire.to(venue.server.port);
  const [market, account, warnings]: [DeskEvent[], DeskEvent[], string[]] = [[], [], []];
  const gateway = await openOkx({
    account: "main",
    keys: { apiKey: OKX_KEY.apiKey, secret: OKX_KEY.secret, password: OKX_KEY.passphrase },
    target: { host: "127.0.0.1", port: wire.port },
    clock: options.clock ?? hasty,
    log: { warn: (message, fields) => warnings.push(`${message} ${JSON.stringify(fields)}`) },
    ...(options.isDemo === undefined ? {} : { isDemo: options.isDemo }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return {
    venue,
    wire,
    gateway,
    market,
    account,
    warnings,
    start: async (instruments = ["BTC-USDT-SWAP"]) => {
      await gateway.market.instruments(instruments);
      await gateway.market.start(instruments, (event) => market.push(event));
      await gateway.account.start((event) => account.push(event));
      await soon(() => {
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

/** A buy of 10 lots (0.1 contracts, 0.001 BTC) at 49,000.0, post-only, unless the test says otherwise. */
export function order(change: Partial<OrderFacts> = {}): OrderFacts {
  generation += 1;
  return {
    clientId: `pokx7qe${String(generation).padStart(6, "0")}`,
    account: "main",
    instrument: "BTC-USDT-SWAP",
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
