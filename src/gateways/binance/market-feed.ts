import type { DeskEvent } from "../../core/event.ts";
import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { rateOf, type Step } from "../../core/text.ts";
import { millis } from "../../core/units.ts";
import type { Clock, InstrumentInfo, MarketFeed } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { StreamKeeper } from "../stream-keeper.ts";
import { plain } from "./errors.ts";
import { list, object, optionalText, type Payload, text, whole } from "./fields.ts";
import { bracketsOf, instrumentOf, symbolsOf } from "./instruments.ts";
import type { Translation } from "./translate.ts";

/** The venue id of Binance USDT-M futures, as ccxt names it. */
export const BINANCE_USDM = "binanceusdm";
/**
 * Silence that means a dead socket. Marks come every second; best prices and depth come when they change, and those
 * of a quiet symbol may stand for a while.
 */
const SILENCE_MS = { market: 10_000, public: 30_000 } as const;
type Category = keyof typeof SILENCE_MS;

/** What a gateway to Binance futures is made of, whoever carries its calls. */
export interface BinanceParts {
  readonly account: string;
  readonly client: ExchangeClient;
  /** Host of the streams, e.g. "wss://fstream.binance.com". */
  readonly streams: string;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

/** Public market data of Binance USDT-M futures: instruments over REST, prices over two sockets. */
export class BinanceMarket implements MarketFeed {
  readonly #options: BinanceParts;
  readonly #client: ExchangeClient;
  readonly #translation: Translation;
  readonly #instruments: Map<string, Instrument>;
  readonly #known = new Map<string, InstrumentInfo>();
  readonly #keepers = new Map<Category, StreamKeeper>();
  readonly #down = new Set<Category>();
  #emit: ((event: DeskEvent) => void) | undefined;
  #lastAt = 0;

  constructor(options: BinanceParts, translation: Translation, instruments: Map<string, Instrument>) {
    this.#options = options;
    this.#client = options.client;
    this.#translation = translation;
    this.#instruments = instruments;
  }

  /** Market time of the last message; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  async instruments(ids: readonly InstrumentId[]): Promise<readonly InstrumentInfo[]> {
    const symbols = symbolsOf(await this.#client.call("GET /fapi/v1/exchangeInfo", {}, "read"));
    const infos: InstrumentInfo[] = [];
    for (const id of ids) {
      const symbol = symbols.get(id);
      if (symbol === undefined)
        throw new Error(`symbol "${id}" is not traded on ${BINANCE_USDM}; look at its list of symbols`);
      const [tiers] = list(
        await this.#client.call("GET /fapi/v1/leverageBracket", { symbol: id }, "read"),
        "leverageBracket",
      );
      const fees = object(
        await this.#client.call("GET /fapi/v1/commissionRate", { symbol: id }, "read"),
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
      this.#known.set(id, info);
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

  async refresh(): Promise<void> {
    const before = new Map(this.#known);
    for (const { instrument, brackets } of await this.instruments([...before.keys()])) {
      const was = before.get(instrument.id);
      if (was === undefined || isSame(was, { instrument, brackets })) continue;
      // Counts of prices and sizes keep the steps that the desk started with.
      this.#instruments.set(instrument.id, was.instrument);
      this.#known.set(instrument.id, was);
      this.#emit?.({
        type: "instrumentChanged",
        at: millis(this.#lastAt),
        wallAt: millis(this.#client.now()),
        venue: BINANCE_USDM,
        instrument: instrument.id,
        brackets,
        priceStep: multiple(instrument.tick, was.instrument.tick),
        lotStep: multiple(instrument.lot, was.instrument.lot),
        notionalMin: instrument.notionalMin,
        status: "trading",
      });
    }
  }

  async clockSkew(): Promise<number> {
    const before = this.#options.clock.now();
    const answer = object(await this.#client.call("GET /fapi/v1/time", {}, "read"), "time");
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
        open: async () =>
          this.#client.socket(`${this.#options.streams}/${category}/ws/perpdesk`, {
            method: "SUBSCRIBE",
            params: streams,
            id: 1,
          }),
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

const isSame = (one: InstrumentInfo, other: InstrumentInfo): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** How many old steps make a new one; undefined when it doesn't come out even. */
function multiple(now: Step, was: Step): number | undefined {
  const decimals = Math.max(now.decimals, was.decimals);
  const count = (now.units * 10 ** (decimals - now.decimals)) / (was.units * 10 ** (decimals - was.decimals));
  return Number.isInteger(count) ? count : undefined;
}
