import type { Instrument } from "../../src/core/instrument.ts";
import { ONE, ticks, value } from "../../src/core/units.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { Script } from "../../src/venue/faults/script.ts";
import type { VenueRules } from "../../src/venue/venue-rules.ts";
import { type ServerOptions, startServer, type VenueServer } from "../../src/venue/web/server.ts";
import { LINEAR, ONE_BRACKET } from "../support/instruments.ts";
import { HandMarket } from "../venue/binance/hand-market.ts";
import { KEY, MARKET_START } from "../venue/binance/served-venue.ts";
import type { TurnTime } from "./turn-time.ts";

/** Where the price stands when a scenario begins: half a rung above the rung of 50,000.0. */
const FIRST_PRICE = 500_500;

/** A second instrument of the exchange, which the desk does not trade unless a scenario says so. */
const ETH: Instrument = { ...LINEAR, id: "ETHUSDT", base: "ETH" };

/** What a scenario may change about its exchange. */
export interface VenueChanges {
  /** What the instrument BTCUSDT has otherwise. */
  readonly instrument?: Partial<Instrument>;
  readonly rules?: Partial<VenueRules>;
  /** The desk's account is in hedge mode. */
  readonly isHedge?: boolean;
  readonly server?: Partial<ServerOptions>;
}

/** An exchange with two accounts behind a server on loopback; its market runs, at the price that was set last. */
export interface ScenarioVenue {
  readonly server: VenueServer;
  readonly exchange: Exchange;
  readonly market: HandMarket;
  /** What goes wrong, as the story calls for it. */
  readonly script: Script;
}

/** Serves an exchange whose clock is the world's. */
export async function openVenue(time: TurnTime, changes: VenueChanges = {}): Promise<ScenarioVenue> {
  const market = new HandMarket(MARKET_START, { BTCUSDT: FIRST_PRICE, ETHUSDT: 25_000 });
  const exchange = createExchange({
    instruments: [{ ...LINEAR, ...changes.instrument }, ETH],
    brackets: { BTCUSDT: ONE_BRACKET, ETHUSDT: ONE_BRACKET },
    market,
    accounts: [
      { id: "main", deposit: value(10_000 * ONE), hedgeMode: changes.isHedge === true },
      { id: "other", deposit: value(1_000_000 * ONE) },
    ],
    ...(changes.rules === undefined ? {} : { rules: changes.rules }),
    seed: 7,
  });
  const script = new Script(() => time.now());
  const server = await startServer({
    exchange,
    keys: [KEY],
    speed: 1,
    wall: time,
    weather: script.plan,
    shock: (instrument, percent) => {
      const { mark } = exchange.mark(instrument);
      market.set(instrument, ticks(Math.round(mark * (1 + percent / 100))));
      return true;
    },
    ...changes.server,
  });
  return { server, exchange, market, script };
}
