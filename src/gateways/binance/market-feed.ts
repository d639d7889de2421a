import type { Candle, Timeframe } from "../../core/candle.ts";
import type { DeskEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { millis } from "../../core/units.ts";
import type { Clock, InstrumentInfo, InstrumentSteps, MarketFeed } from "../../desk/ports.ts";
import { CANDLES_MOST, candlesOf } from "../candles.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { StreamKeeper } from "../stream-keeper.ts";
import type { Catalogue, Change } from "./catalogue.ts";
import type { Dialect, PublicSocket } from "./dialect.ts";
import { plain } from "./errors.ts";
import { object, optionalText, type Payload, whole } from "./fields.ts";
import type { Translation } from "./translate.ts";

/**
 * Silence that means a dead socket. Marks come every second; best prices and depth come when they change, and those
 * of a quiet symbol may stand for a while.
 */
const SILENCE_MS = { market: 10_000, public: 30_000 } as const;
/** From the exchange's word that a contract changed to our reading of it, and between attempts when that fails. */
const REFRESH_MS = 1_000;
const REFRESH_AGAIN_MS = 30_000;

/** What a gateway to Binance futures is made of, whoever carries its calls. */
export interface BinanceParts {
  readonly account: string;
  readonly client: ExchangeClient;
  /** Host of the streams, e.g. "wss://fstream.binance.com". */
  readonly streams: string;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

/** Public market data of Binance futures: instruments over REST, prices over two sockets. */
export class BinanceMarket implements MarketFeed {
  readonly #options: BinanceParts;
  readonly #client: ExchangeClient;
  readonly #dialect: Dialect;
  readonly #translation: Translation;
  readonly #catalogue: Catalogue;
  /** Which of our sockets an address is: thousands of messages a second ask. */
  readonly #sockets: ReadonlyMap<string, PublicSocket>;
  readonly #keepers = new Map<PublicSocket, StreamKeeper>();
  readonly #down = new Set<PublicSocket>();
  #emit: ((event: DeskEvent) => void) | undefined;
  #lastAt = 0;
  #cancelRefresh: (() => void) | undefined;
  #isStopped = false;

  constructor(options: BinanceParts, dialect: Dialect, translation: Translation, catalogue: Catalogue) {
    this.#options = options;
    this.#client = options.client;
    this.#dialect = dialect;
    this.#translation = translation;
    this.#catalogue = catalogue;
    this.#sockets = new Map(SOCKETS.map((each) => [dialect.publicUrl(options.streams, each), each]));
  }

  /** Market time of the last message; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  instruments(
    ids: readonly InstrumentId[],
    known?: ReadonlyMap<InstrumentId, InstrumentSteps>,
  ): Promise<readonly InstrumentInfo[]> {
    return this.#catalogue.load(ids, this.#lastAt, known);
  }

  async start(ids: readonly InstrumentId[], emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    const names = ids.map((id) => id.toLowerCase());
    this.#keep(
      "public",
      names.flatMap((name) => [`${name}@bookTicker`, `${name}@depth20@500ms`]),
    );
    this.#keep("market", [...names.map((name) => `${name}@markPrice@1s`), "!contractInfo"]);
    for (const keeper of this.#keepers.values()) keeper.start();
    await Promise.all([...this.#keepers.values()].map(({ ready }) => ready));
    this.#tell(this.#catalogue.unsaid());
  }

  async refresh(): Promise<void> {
    this.#tell(await this.#catalogue.changes(this.#lastAt));
  }

  #tell(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#emit?.({
        type: "instrumentChanged",
        at: millis(this.#lastAt),
        wallAt: millis(this.#client.now()),
        venue: this.#dialect.venue,
        ...change,
      });
    }
  }

  async candles(id: InstrumentId, timeframe: Timeframe, count: number): Promise<readonly Candle[]> {
    const instrument = this.#catalogue.instruments.get(id);
    if (instrument === undefined) throw new Error(`symbol "${id}" is not one that this desk trades`);
    const asked = { symbol: id, interval: timeframe, limit: Math.min(count, CANDLES_MOST) };
    return candlesOf(
      await this.#client.call(`GET /${this.#dialect.family}/v1/klines`, asked, "read"),
      instrument,
    );
  }

  async clockSkew(): Promise<number> {
    const before = this.#options.clock.now();
    const answer = object(
      await this.#client.call(`GET /${this.#dialect.family}/v1/time`, {}, "read"),
      "time",
    );
    const after = this.#options.clock.now();
    return whole(answer, "serverTime") - (before + after) / 2;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRefresh?.();
    for (const keeper of this.#keepers.values()) keeper.stop();
    await this.#client.close?.();
  }

  /** Reads a frame of the public sockets; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    const socket = this.#sockets.get(url);
    const raw = message as Payload;
    if (socket === undefined || typeof raw !== "object" || raw === null) return;
    const keeper = this.#keepers.get(socket);
    if (raw["error"] !== undefined) keeper?.cut("the exchange refused the subscription");
    if (optionalText(raw, "e") === undefined) return;
    keeper?.heard();
    if (raw["e"] === "contractInfo" && this.#catalogue.instruments.has(optionalText(raw, "s") ?? "")) {
      this.#refreshIn(REFRESH_MS);
    }
    let event: DeskEvent | undefined;
    try {
      event = this.#translation.market(raw, millis(this.#client.now()));
    } catch (error) {
      this.#options.log.warn("a market message could not be read", { error: String(error) });
    }
    if (event === undefined) return;
    if (event.at > this.#lastAt) this.#lastAt = event.at;
    // Told outside of the try: what the desk can't bear is its own fault, not the message's.
    this.#emit?.(event);
  }

  /** A contract changed: one reading for all that is told in the meantime. */
  #refreshIn(ms: number): void {
    if (this.#isStopped) return;
    this.#cancelRefresh?.();
    this.#cancelRefresh = this.#options.clock.after(ms, () => {
      this.refresh().catch((error: unknown) => {
        this.#options.log.warn("a changed contract could not be read", { error: plain(error) });
        this.#refreshIn(REFRESH_AGAIN_MS);
      });
    });
  }

  #keep(category: PublicSocket, streams: readonly string[]): void {
    const times = () => ({ at: millis(this.#lastAt), wallAt: millis(this.#client.now()) });
    this.#keepers.set(
      category,
      new StreamKeeper({
        clock: this.#options.clock,
        silenceMs: SILENCE_MS[category],
        open: async () =>
          this.#client.socket(this.#dialect.publicUrl(this.#options.streams, category), {
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

const SOCKETS = ["public", "market"] as const satisfies readonly PublicSocket[];
