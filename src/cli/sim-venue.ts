import type { Log } from "../observe/log.ts";
import type { Settings } from "../settings/settings.ts";
import { createExchange } from "../venue/built-in-exchange.ts";
import type { Exchange } from "../venue/exchange.ts";
import type { FaultPlan } from "../venue/faults/plan.ts";
import { ShakenMarket } from "../venue/faults/shaken-market.ts";
import { BRACKETS, INSTRUMENTS } from "../venue/instruments.ts";
import { namedMarket } from "../venue/named-market.ts";
import { startServer, type VenueServer } from "../venue/web/server.ts";

/** The built-in exchange with its server in this process. */
export interface SimVenue {
  readonly exchange: Exchange;
  readonly server: VenueServer;
  readonly port: number;
  close(): Promise<void>;
}

/** Why the built-in exchange could not start: one sentence. */
export class VenueError extends Error {
  override readonly name = "VenueError";
}

/** How the built-in exchange is asked for. */
export interface SimVenueOptions {
  readonly market: string;
  readonly speed: number;
  readonly account: { readonly name: string; readonly deposit: number };
  readonly keys: { readonly apiKey: string; readonly secret: string };
  readonly port: number;
  readonly control: boolean;
  /** What goes wrong, and when; nothing unless set. */
  readonly faults?: FaultPlan | undefined;
}

/** Starts the built-in exchange on loopback for the settings of a desk. Rejects with `VenueError`. */
export const openSimVenue = (
  settings: Settings,
  keys: SimVenueOptions["keys"],
  log: Log,
): Promise<SimVenue> =>
  startSimVenue(
    {
      market: settings.market,
      speed: settings.speed,
      account: settings.account,
      keys,
      port: 0,
      control: false,
    },
    log,
  );

/** Starts the built-in exchange on loopback. Rejects with `VenueError`. */
export async function startSimVenue(options: SimVenueOptions, log: Log): Promise<SimVenue> {
  const named = namedMarket(
    options.market,
    INSTRUMENTS.filter(({ kind }) => kind === "linear"),
  );
  if (!named.ok) throw new VenueError(`${named.message}.`);
  const { name, deposit } = options.account;
  const market = new ShakenMarket(named.market);
  const exchange = createExchange({
    instruments: named.instruments,
    brackets: BRACKETS,
    market,
    accounts: [{ id: name, deposit: deposit as never }],
    seed: 1,
  });
  try {
    const server = await startServer({
      exchange,
      keys: [{ apiKey: options.keys.apiKey, secret: options.keys.secret, account: name }],
      port: options.port,
      speed: options.speed,
      wall: { now: Date.now, setTimeout, clearTimeout },
      control: options.control,
      ...(options.faults === undefined ? {} : { weather: options.faults }),
      shock: (instrument, percent, fadeMs) => market.shock(instrument, percent, fadeMs),
      log: {
        error: (fields, message) => log.error(message, { ...fields }),
        warn: (fields, message) => log.warn(message, { ...fields }),
      },
    });
    return { exchange, server, port: server.port, close: () => server.close() };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const mend =
      code === "EADDRINUSE"
        ? "it is in use: name another with --port, or 0 for any free one"
        : `the system says ${code}`;
    throw new VenueError(`port ${options.port}: ${mend}.`);
  }
}
