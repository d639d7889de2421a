import type { MarginBracket } from "../core/instrument.ts";
import { ONE, rate, value } from "../core/units.ts";
import type { InstrumentInfo } from "../desk/ports.ts";
import { openBinancePaper, openBinanceTape, type Terms } from "../gateways/paper/binance-paper.ts";
import type { PublicTape } from "../gateways/paper/public-tape.ts";
import { createExchange } from "../venue/built-in-exchange.ts";
import { bracketsFor, instrumentsOf } from "../venue/instruments.ts";
import { LiveMarket } from "../venue/live-market.ts";
import { mergedMarket } from "../venue/market-source.ts";
import { startServer } from "../venue/web/server.ts";
import { settleAsset } from "./grids.ts";
import { CHECK_NETWORK, inTime } from "./in-time.ts";
import type { GatewayParts, OpenExchange } from "./open-gateway.ts";
import { reach } from "./reach.ts";
import type { SimVenue } from "./sim-venue.ts";
import { StartError } from "./start-error.ts";

/** For symbols whose margin tiers do not ship: stricter than any that the exchange has for what a desk may trade. */
const CAUTIOUS: readonly MarginBracket[] = [
  {
    floor: value(0),
    cap: value(40_000_000 * ONE),
    maintenance: rate(ONE / 20),
    deduction: value(0),
    leverageMax: 10,
  },
];

/** Real prices, orders matched by the built-in exchange that they move. Binance USDT-M alone; settings refuse the others. */
export async function openPaper(parts: GatewayParts): Promise<OpenExchange> {
  const { settings, clock, log, target } = parts;
  const symbols = [...new Set(settings.engines.map(({ symbol }) => symbol))];
  if (symbols.length === 0)
    throw new StartError(
      "mode paper needs at least one engine in the settings: its symbol is what is listened to.",
    );
  const where = `${settings.exchange} (public data)`;
  const options = { account: settings.account.name, target, clock, log };
  const { infos, tape } = await reach(() => openBinanceTape(options, symbols, termsOf), {
    target: where,
    clock,
    log,
  });
  const venue = await openVenue(parts, infos, tape).catch(async (error: unknown) => {
    await tape.stop();
    throw error;
  });
  const gateway = await openBinancePaper(options, {
    keys: parts.simKeys,
    target: { host: "127.0.0.1", port: venue.port },
  });
  return {
    gateway,
    venue,
    where,
    notes: notesOf(symbols),
    close: async () => {
      await gateway.account.stop();
      await gateway.market.stop();
      await venue.close();
    },
  };
}

/** A venue that the tape moves. */
async function openVenue(
  { settings, simKeys, clock, log }: GatewayParts,
  infos: readonly InstrumentInfo[],
  tape: PublicTape,
): Promise<SimVenue> {
  settleAsset(infos);
  const where = `${settings.exchange} (public data)`;
  const starts = await reach(() => tape.start(), { target: where, clock, log });
  const markets = starts.map((start) => new LiveMarket(start));
  const { name, deposit, positionMode } = settings.account;
  const exchange = createExchange({
    instruments: infos.map(({ instrument }) => instrument),
    brackets: Object.fromEntries(infos.map(({ instrument, brackets }) => [instrument.id, brackets])),
    market: mergedMarket(markets),
    accounts: [{ id: name, deposit, hedgeMode: positionMode === "hedge" }],
    seed: 1,
  });
  const server = await startServer({
    exchange,
    keys: [{ apiKey: simKeys.apiKey, secret: simKeys.secret, account: name }],
    speed: 1,
    wall: { now: Date.now, setTimeout, clearTimeout },
    log: {
      error: (fields, message) => log.error(message, { ...fields }),
      warn: (fields, message) => log.warn(message, { ...fields }),
    },
  });
  const listening = tape.listen((event) => {
    for (const market of markets) market.take(event);
  });
  await inTime(listening, clock, () => `the streams of ${where} did not open: ${CHECK_NETWORK}`).catch(
    async (error: unknown) => {
      await server.close();
      throw error;
    },
  );
  return {
    exchanges: [exchange],
    server,
    port: server.port,
    close: async () => {
      await tape.stop();
      await server.close();
    },
  };
}

/** What the exchange tells only to accounts: tiers that ship, else cautious ones; the fees that everybody begins with. */
function termsOf(symbol: string): Terms {
  const [shipped] = instrumentsOf("binanceusdm");
  return {
    brackets: bracketsFor("binanceusdm")[symbol] ?? CAUTIOUS,
    fees: { maker: shipped?.makerFee ?? rate(0), taker: shipped?.takerFee ?? rate(0) },
  };
}

function notesOf(symbols: readonly string[]): readonly string[] {
  const unknown = symbols.filter((symbol) => bracketsFor("binanceusdm")[symbol] === undefined);
  const assumed = `Prices are real; fills, fees (maker 0.02 %, taker 0.05 %) and funding are reckoned here, and no key is used.`;
  return unknown.length === 0
    ? [assumed]
    : [assumed, `The margin tiers of ${unknown.join(", ")} do not ship: 5 % maintenance margin is assumed.`];
}
