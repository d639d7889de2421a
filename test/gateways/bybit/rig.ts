import type { DeskEvent } from "../../../src/core/event.ts";
import type { Gateway } from "../../../src/desk/ports.ts";
import { openBybit } from "../../../src/gateways/bybit.ts";
import { KEY, type ServedBybit, serveBybit } from "../../venue/bybit/served-bybit.ts";
import { hasty, soon } from "../rig.ts";
import { Wire } from "../wire.ts";

/** A Bybit gateway on a served venue, with the wire between them and all that it said. */
export interface BybitRig {
  readonly venue: ServedBybit;
  readonly wire: Wire;
  readonly gateway: Gateway;
  readonly market: DeskEvent[];
  readonly account: DeskEvent[];
  readonly log: string[];
  /** Starts both feeds, the market at its first message. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the gateway that the desk uses against the built-in venue's Bybit. */
export async function openBybitRig(
  options: {
    readonly venue?: Parameters<typeof serveBybit>[0];
    readonly symbols?: readonly string[];
    readonly timeoutMs?: number;
    /** Another one than the exchange knows. */
    readonly secret?: string;
    readonly world?: "live" | "demo";
  } = {},
): Promise<BybitRig> {
  const venue = await serveBybit(options.venue);
  const wire = await Wire.to(venue.server.port);
  const market: DeskEvent[] = [];
  const account: DeskEvent[] = [];
  const log: string[] = [];
  const symbols = options.symbols ?? ["BTCUSDT"];
  const gateway = await openBybit({
    account: "main",
    keys: { apiKey: KEY.apiKey, secret: options.secret ?? KEY.secret },
    target: { host: "127.0.0.1", port: wire.port },
    clock: hasty,
    log: { warn: (message, fields) => log.push(`${message} ${JSON.stringify(fields)}`) },
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.world === undefined ? {} : { world: options.world }),
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
      await soon(() => market.some(({ type }) => type === "mark"), "the market speaks");
    },
    close: async () => {
      await gateway.account.stop();
      await gateway.market.stop();
      await wire.down();
      await venue.close();
    },
  };
}
