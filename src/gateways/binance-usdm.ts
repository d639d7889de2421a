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
const BINANCE_USDM = "binanceusdm";
/**
 * Silence that means a dead socket. Marks come every second; best prices and depth come when they change, and those
 * of a quiet symbol may stand for a while.
 */
const SILENCE_MS = { market: 10_000, public: 30_000 } as const;
type Category = keyof typeof SILENCE_MS;

/** What a gateway to Binance USDT-M futures is made of. */
export interface BinanceOptions {
  readonly account: string;
  readonly keys: ApiKeys;
  /** Loopback venue of the sim mode. */
  readonly target: SocketTarget | undefined;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
  /** A request without an answer after this long is lost; 5 s unless set. */
  readonly timeoutMs?: number;
}

/** Binance USDT-M futures behind the desk's three ports. */
export async function openBinanceUsdm(options: BinanceOptions): Promise<Gateway> {
  const client = await CcxtClient.open({
    keys: options.keys,
    target: options.target,
    now: () => options.clock.now(),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const instruments = new Map<string, Instrument>();
  const translation = new Translation({ account: options.account, venue: BINANCE_USDM, instruments });
  const market = new BinanceMarket(options, client, translation, instruments);
  const account = new BinanceAccount(options, client, translation, () => market.lastAt);
  client.tap(({ url }, message) => {
    market.take(url, message);
    account.take(url, message);
  });
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
  readonly #keepers = new Map<Category, StreamKeeper>();
  readonly #down = new Set<Category>();
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
    for (const keeper of this.#keepers.values()) keeper.start();
    await Promise.all([...this.#keepers.values()].map(({ ready }) => ready));
  }

  async clockSkew(): Promise<number> {
    const before = this.#options.clock.now();
    const answer = object(await this.#client.call("fapiPublicGetTime", {}, "read"), "time");
    const after = this.#options.clock.now();
    return whole(answer, "serverTime") - (before + after) / 2;
  }

  async stop(): Promise<void> {
    for (const keeper of this.#keepers.values()) keeper.stop();
  }

  /** Reads a frame of the public sockets; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    const category = url.includes("/public/") ? "public" : url.includes("/market/") ? "market" : undefined;
    const raw = message as Payload;
    if (category === undefined || typeof raw !== "object" || raw === null) return;
    const keeper = this.#keepers.get(category);
    if (raw["error"] !== undefined) keeper?.cut("the exchange refused the subscription");
    if (optionalText(raw, "e") === undefined) return;
    keeper?.heard();
    try {
      const event = this.#translation.market(raw, millis(this.#client.now()));
      if (event !== undefined) {
        if (event.at > this.#lastAt) this.#lastAt = event.at;
        this.#emit?.(event);
      }
    } catch (error) {
      this.#options.log.warn("a market message could not be read", { error: String(error) });
    }
  }

  #keep(category: Category, streams: readonly string[]): void {
    const times = () => ({ at: millis(this.#lastAt), wallAt: millis(this.#client.now()) });
    this.#keepers.set(
      category,
      new StreamKeeper({
        clock: this.#options.clock,
        silenceMs: SILENCE_MS[category],
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
