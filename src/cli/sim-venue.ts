import type { Instrument } from "../core/instrument.ts";
import { invariant, unreachable } from "../core/invariant.ts";
import type { Value } from "../core/units.ts";
import type { Log } from "../observe/log.ts";
import type { ExchangeId, PositionMode, Settings } from "../settings/settings.ts";
import { createExchange } from "../venue/built-in-exchange.ts";
import { bybitSkin } from "../venue/bybit/skin.ts";
import { coinmSkin } from "../venue/coinm/skin.ts";
import type { Exchange } from "../venue/exchange.ts";
import type { FaultPlan } from "../venue/faults/plan.ts";
import { ShakenMarket } from "../venue/faults/shaken-market.ts";
import { bracketsFor, instrumentsOf } from "../venue/instruments.ts";
import type { MarketSource } from "../venue/market-source.ts";
import { namedMarket } from "../venue/named-market.ts";
import { okxSkin } from "../venue/okx/skin.ts";
import { rulesOf } from "../venue/venue-rules.ts";
import { type ServerOptions, startServer, type VenueServer } from "../venue/web/server.ts";
import type { SimKeys } from "./sim-keys.ts";

/** The built-in exchange with its server in this process. */
export interface SimVenue {
  /** One for each asset that contracts settle in. */
  readonly exchanges: readonly Exchange[];
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
  /** Whose protocol it speaks, and whose instruments it trades. */
  readonly exchange: ExchangeId;
  /** A candle file whose name tells no instrument is of the first of these, else of the first that ships. */
  readonly symbols?: readonly string[];
  readonly market: string;
  readonly speed: number;
  /** The deposit counts in steps of each settle asset. */
  readonly account: {
    readonly name: string;
    readonly deposit: Value;
    readonly positionMode?: PositionMode | undefined;
  };
  readonly keys: SimKeys["keys"];
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
      exchange: settings.exchange,
      symbols: settings.engines.map(({ symbol }) => symbol),
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
  const floors = floorsOf(options);
  const exchanges = floors.map(({ exchange }) => exchange);
  try {
    const server = await startServer({
      ...protocolOf(options, exchanges),
      port: options.port,
      speed: options.speed,
      wall: { now: Date.now, setTimeout, clearTimeout },
      control: options.control,
      ...(options.faults === undefined ? {} : { weather: options.faults }),
      shock: (instrument, percent, fadeMs) =>
        floors.some(({ market }) => market.shock(instrument, percent, fadeMs)),
      log: {
        error: (fields, message) => log.error(message, { ...fields }),
        warn: (fields, message) => log.warn(message, { ...fields }),
      },
    });
    return { exchanges, server, port: server.port, close: () => server.close() };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const mend =
      code === "EADDRINUSE"
        ? "it is in use: name another with --port, or 0 for any free one"
        : `the system says ${code}`;
    throw new VenueError(`port ${options.port}: ${mend}.`);
  }
}

/** One exchange for each settle asset, with the market that moves it. Throws `VenueError` when the market can't be had. */
function floorsOf(options: SimVenueOptions) {
  const { exchange: venue, symbols = [], account } = options;
  const shipped = instrumentsOf(venue);
  const wanted = (each: Instrument): number => (symbols.includes(each.id) ? 0 : 1);
  const named = marketOf(
    options.market,
    [...shipped].sort((a, b) => wanted(a) - wanted(b)),
  );
  const assets = [...new Set(named.instruments.map(({ settle }) => settle))];
  return assets.map((asset) => {
    const instruments = shipped.filter(
      (each) => each.settle === asset && named.instruments.some(({ id }) => id === each.id),
    );
    // A candle file is one market, and it is open already.
    const isOne = named.instruments.length === 1;
    const market = new ShakenMarket(isOne ? named.market : marketOf(options.market, instruments).market);
    const exchange = createExchange({
      instruments,
      brackets: bracketsFor(venue),
      market,
      accounts: [{ id: account.name, deposit: account.deposit, hedgeMode: account.positionMode === "hedge" }],
      rules: rulesOf(venue),
      seed: 1,
    });
    return { exchange, market };
  });
}

function marketOf(
  name: string,
  instruments: readonly Instrument[],
): { readonly market: MarketSource; readonly instruments: readonly Instrument[] } {
  const named = namedMarket(name, instruments);
  if (!named.ok) throw new VenueError(`${named.message}.`);
  return named;
}

/** The exchange's own protocol over the exchanges; Binance's USDT-M stands behind each of them. */
function protocolOf(
  { exchange: venue, keys: { apiKey, secret, password }, account }: SimVenueOptions,
  exchanges: readonly Exchange[],
): Pick<ServerOptions, "exchange" | "keys" | "skins"> {
  const [exchange] = exchanges;
  invariant(exchange !== undefined, "an exchange trades something");
  const keys = [{ apiKey, secret, account: account.name }];
  switch (venue) {
    case "binanceusdm":
      return { exchange, keys };
    case "binancecoinm":
      // What a key may do is asked on a host that both families share.
      return { exchange, keys, skins: [coinmSkin({ exchanges, keys })] };
    case "bybit":
      return { exchange, keys: [], skins: [(context) => bybitSkin({ exchanges, keys }, context)] };
    case "okx": {
      const passphrase = password ?? "";
      return {
        exchange,
        keys: [],
        skins: [okxSkin({ exchanges, keys: keys.map((key) => ({ ...key, passphrase })) })],
      };
    }
    default:
      return unreachable(venue);
  }
}
