import type { DeskEvent } from "../core/event.ts";
import type { Instrument, InstrumentId } from "../core/instrument.ts";
import { rateOf } from "../core/text.ts";
import { millis } from "../core/units.ts";
import type { Clock, Gateway, InstrumentInfo, MarketFeed } from "../desk/ports.ts";
import { BinanceAccount } from "./binance/account-feed.ts";
import { plain } from "./binance/errors.ts";
import { list, object, optionalText, type Payload, text, whole } from "./binance/fields.ts";
import { bracketsOf, instrumentOf, symbolsOf } from "./binance/instruments.ts";
import { BinanceTrading } from "./binance/trading.ts";
import { Translation } from "./binance/translate.ts";
import { type ApiKeys, CcxtClient } from "./ccxt-client.ts";
import type { SocketTarget } from "./reroute.ts";
import { StreamKeeper } from "./stream-keeper.ts";

/** The venue id of Binance USDT-M futures, as ccxt names it. */
export const BINANCE_USDM = "binanceusdm";
/** Market streams send at least every second; this much silence means that the socket is dead. */
const MARKET_SILENCE_MS = 10_000;

/** What a gateway to Binance USDT-M futures is made of. */
export interface BinanceOptions {
  readonly account: string;
  readonly keys: ApiKeys;
  /** Loopback venue of the sim mode. */
  readonly target: SocketTarget | undefined;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

/** Binance USDT-M futures behind the desk's three ports. */
export async function openBinanceUsdm(options: BinanceOptions): Promise<Gateway> {
  const client = await CcxtClient.open({
    keys: options.keys,
    target: options.target,
    now: () => options.clock.now(),
  });
  const instruments = new Map<string, Instrument>();
  const translation = new Translation({ account: options.account, venue: BINANCE_USDM, instruments });
  const market = new BinanceMarket(options, client, translation, instruments);
  const account = new BinanceAccount(options, client, translation, () => market.lastAt);
  client.tap((socket, message) => market.take(socket.url, message) || account.take(socket.url, message));
  return {
    venue: BINANCE_USDM,
    market,
    account,
    trading: new BinanceTrading(options.account, client, translation),
  };
}

class BinanceMarket implements MarketFeed {
  readonly #options: BinanceOptions;
  readonly #client: CcxtClient;
  readonly #translation: Translation;
  readonly #instruments: Map<string, Instrument>;
  readonly #keepers: StreamKeeper[] = [];
  readonly #down = new Set<string>();
  #emit: ((event: DeskEvent) => void) | undefined;
  #lastAt = 0;

  constructor(
    options: BinanceOptions,
    client: CcxtClient,
    translation: Translation,
    instruments: Map<string, Instrument>,
  ) {
    this.#options = options;
    this.#client = client;
    this.#translation = translation;
    this.#instruments = instruments;
  }

  /** Market time of the last message; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  async instruments(ids: readonly InstrumentId[]): Promise<readonly InstrumentInfo[]> {
    const symbols = symbolsOf(await this.#client.call("fapiPublicGetExchangeInfo", {}, "read"));
    const infos: InstrumentInfo[] = [];
    for (const id of ids) {
      const symbol = symbols.get(id);
      if (symbol === undefined)
        throw new Error(`symbol "${id}" is not traded on ${BINANCE_USDM}; look at its list of symbols`);
      const [tiers] = list(
        await this.#client.call("fapiPrivateGetLeverageBracket", { symbol: id }, "read"),
        "leverageBracket",
      );
      const fees = object(
        await this.#client.call("fapiPrivateGetCommissionRate", { symbol: id }, "read"),
        "commissionRate",
      );
      const info = instrumentOf(
        symbol,
        bracketsOf(object(tiers, "leverageBracket")),
        {
          maker: rateOf(text(fees, "makerCommissionRate"), "makerCommissionRate"),
          taker: rateOf(text(fees, "takerCommissionRate"), "takerCommissionRate"),
        },
        BINANCE_USDM,
      );
      this.#instruments.set(id, info.instrument);
      infos.push(info);
    }
    return infos;
  }

  async start(ids: readonly InstrumentId[], emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    const names = ids.map((id) => id.toLowerCase());
    this.#keep(
      "public",
      names.flatMap((name) => [`${name}@bookTicker`, `${name}@depth20@500ms`]),
    );
    this.#keep(
      "market",
      names.map((name) => `${name}@markPrice@1s`),
    );
    for (const keeper of this.#keepers) keeper.start();
    await Promise.all(this.#keepers.map(({ ready }) => ready));
  }

  async clockSkew(): Promise<number> {
    const before = this.#options.clock.now();
    const answer = object(await this.#client.call("fapiPublicGetTime", {}, "read"), "time");
    const after = this.#options.clock.now();
    return whole(answer, "serverTime") - (before + after) / 2;
  }

  async stop(): Promise<void> {
    for (const keeper of this.#keepers) keeper.stop();
    await this.#client.close();
  }

  /** Reads a frame of the public sockets; false leaves it to others. */
  take(url: string, message: unknown): boolean {
    if (!url.includes("/public/") && !url.includes("/market/")) return false;
    const raw = message as Payload;
    if (typeof raw !== "object" || raw === null || optionalText(raw, "e") === undefined) return false;
    for (const keeper of this.#keepers) keeper.heard();
    try {
      const event = this.#translation.market(raw, millis(this.#client.now()));
      if (event !== undefined) {
        if (event.at > this.#lastAt) this.#lastAt = event.at;
        this.#emit?.(event);
      }
    } catch (error) {
      this.#options.log.warn("a market message could not be read", { error: String(error) });
    }
    return true;
  }

  #keep(category: "public" | "market", streams: readonly string[]): void {
    const times = () => ({ at: millis(this.#lastAt), wallAt: millis(this.#client.now()) });
    this.#keepers.push(
      new StreamKeeper({
        clock: this.#options.clock,
        silenceMs: MARKET_SILENCE_MS,
        open: async () => this.#client.subscribe(category, streams),
        onUp: (isFirst) => {
          if (this.#down.delete(category) && !isFirst && this.#down.size === 0) {
            this.#emit?.({ type: "resynced", ...times(), stream: "market" });
          }
        },
        onDown: (reason) => {
          this.#down.add(category);
          this.#emit?.({ type: "gap", ...times(), stream: "market", reason: plain(reason) });
        },
      }),
    );
  }
}
