import type { Instrument, MarginBracket } from "../../core/instrument.ts";
import type { Rate } from "../../core/units.ts";
import type { Clock, Gateway, InstrumentInfo } from "../../desk/ports.ts";
import { USDM } from "../binance/dialect.ts";
import { BINANCE_STREAMS } from "../binance/hosts.ts";
import { instrumentOf, symbolsOf } from "../binance/instruments.ts";
import { BINANCE_USDM_PROFILE } from "../binance/profile.ts";
import { binanceUsdm } from "../binance-usdm.ts";
import { type ApiKeys, CcxtClient } from "../ccxt-client.ts";
import type { SocketTarget } from "../reroute.ts";
import { type Split, splitClient } from "../split-client.ts";
import { PublicTape } from "./public-tape.ts";

/** Public calls by path; an account's own brackets and fees are signed and therefore the venue's. */
const PUBLIC_CALL = /^GET \/fapi\/v1\/(ping|time|exchangeInfo|depth|klines|premiumIndex|ticker\/bookTicker)$/;
const PUBLIC_STREAM = /^wss:\/\/fstream\.binance\.com\/(public|market)\//;

const SPLIT: Split = {
  isPublicCall: (name) => PUBLIC_CALL.test(name),
  isPublicStream: (url) => PUBLIC_STREAM.test(url),
};

/** What paper trading on Binance's USDT-M prices is made of. */
export interface PaperOptions {
  readonly account: string;
  /** Where public sockets are led instead of the real exchange; only tests give it. */
  readonly target: SocketTarget | undefined;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

/** What the exchange tells nobody without a key: margin tiers and fees. */
export interface Terms {
  readonly brackets: readonly MarginBracket[];
  readonly fees: { readonly maker: Rate; readonly taker: Rate };
}

/** A carrier without keys: it could not sign a request if it wanted to. */
const publicClient = ({ target, clock }: PaperOptions): Promise<CcxtClient> =>
  CcxtClient.open({ profile: BINANCE_USDM_PROFILE, keys: undefined, target, now: () => clock.now() });

/**
 * The real exchange's public side: its instruments, under the given terms, and the tape of what is traded. Rejects when it can't be
 * read, or names a symbol that is not traded there.
 */
export async function openBinanceTape(
  options: PaperOptions,
  symbols: readonly string[],
  termsOf: (symbol: string) => Terms,
): Promise<{ readonly infos: readonly InstrumentInfo[]; readonly tape: PublicTape }> {
  const client = await publicClient(options);
  const listed = symbolsOf(await client.call(`GET /${USDM.family}/v1/exchangeInfo`, {}, "read"));
  const infos = symbols.map((id) => {
    const symbol = listed.get(id);
    if (symbol === undefined)
      throw new Error(`symbol "${id}" is not traded on ${USDM.venue}; look at its list of symbols`);
    const { brackets, fees } = termsOf(id);
    return instrumentOf(symbol, brackets, fees, USDM.venue);
  });
  const instruments = new Map<string, Instrument>(infos.map(({ instrument }) => [instrument.id, instrument]));
  const { clock, log } = options;
  return { infos, tape: new PublicTape({ client, instruments, streams: BINANCE_STREAMS.live, clock, log }) };
}

/** The gateway of a paper desk: public data of the real exchange, orders at the venue behind `own`. */
export async function openBinancePaper(
  options: PaperOptions,
  own: { readonly keys: ApiKeys; readonly target: SocketTarget },
): Promise<Gateway> {
  const { account, clock, log } = options;
  const venueClient = await CcxtClient.open({
    profile: BINANCE_USDM_PROFILE,
    keys: own.keys,
    target: own.target,
    now: () => clock.now(),
  });
  const client = splitClient(await publicClient(options), venueClient, SPLIT);
  return binanceUsdm({ account, client, clock, log, streams: BINANCE_STREAMS.live });
}
