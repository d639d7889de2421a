import type { DeskEvent } from "../../src/core/event.ts";
import type { Clock, Gateway } from "../../src/desk/ports.ts";
import { openBinanceCoinm } from "../../src/gateways/binance-coinm.ts";
import type { ServerOptions } from "../../src/venue/web/server.ts";
import { KEY } from "../venue/binance/served-venue.ts";
import { type ServedCoinm, serveCoinm } from "../venue/coinm/served-coinm.ts";
import { hasty, soon } from "./rig.ts";
import { Wire } from "./wire.ts";

/** A COIN-M gateway on a served venue, with the wire between them and all that it said. */
export interface CoinmRig {
  readonly venue: ServedCoinm;
  readonly wire: Wire;
  readonly gateway: Gateway;
  readonly market: DeskEvent[];
  readonly account: DeskEvent[];
  /** Starts both feeds, the market at its first message. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const START = { BTCUSD_PERP: 500_000, ETHUSD_PERP: 250_000 } as const;

/** Opens the gateway that the desk uses for COIN-M against the built-in venue, in both coins unless said otherwise. */
export async function openCoinmRig(
  options: {
    readonly server?: Partial<ServerOptions>;
    readonly clock?: Clock;
    readonly symbols?: readonly (keyof typeof START)[];
  } = {},
): Promise<CoinmRig> {
  const venue = await serveCoinm(options.server);
  const wire = await Wire.to(venue.served.server.port);
  const market: DeskEvent[] = [];
  const account: DeskEvent[] = [];
  const symbols = options.symbols ?? ["BTCUSD_PERP", "ETHUSD_PERP"];
  const gateway = await openBinanceCoinm({
    account: "main",
    keys: { apiKey: KEY.apiKey, secret: KEY.secret },
    target: { host: "127.0.0.1", port: wire.port },
    clock: options.clock ?? hasty,
    log: { warn: () => {} },
  });
  return {
    venue,
    wire,
    gateway,
    market,
    account,
    start: async () => {
      await gateway.market.instruments(symbols);
      await gateway.market.start(symbols, (event) => market.push(event));
      await gateway.account.start((event) => account.push(event));
      await soon(() => {
        // The market stands still until it is moved.
        const isSpeaking = ["mark", "top"].every((type) => market.some((event) => event.type === type));
        if (!isSpeaking) for (const symbol of symbols) venue.move(START[symbol], symbol);
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
