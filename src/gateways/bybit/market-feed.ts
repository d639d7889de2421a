import { type Candle, TIMEFRAMES, type Timeframe } from "../../core/candle.ts";
import type { DeskEvent } from "../../core/event.ts";
import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { millis } from "../../core/units.ts";
import type { Clock, InstrumentInfo, InstrumentSteps, MarketFeed } from "../../desk/ports.ts";
import { plain } from "../binance/errors.ts";
import { optionalText, type Payload, PayloadError, text, whole } from "../binance/fields.ts";
import { CANDLES_MOST, candlesOf } from "../candles.ts";
import type { ExchangeClient, OpenSocket } from "../exchange-client.ts";
import { stepsIn } from "../steps.ts";
import { StreamKeeper } from "../stream-keeper.ts";
import { type Fees, feesOf, instrumentOf, type ReadInstrument } from "./instruments.ts";
import type { BybitLine } from "./line.ts";
import { MarketBooks } from "./market-books.ts";
import { MarketMarks } from "./market-marks.ts";
import { type Category, categoryOf } from "./words.ts";

/** The venue id of Bybit, as ccxt names it. */
export const BYBIT = "bybit";
/** Silence that means a dead socket: Bybit repeats the first level of a book that stands every three seconds. */
const SILENCE_MS = 10_000;
/** A book with a hole is subscribed anew, but not in a storm. */
const RESUBSCRIBE_MS = 5_000;

/** Bybit's published rates for perpetuals of those who have no other ones. @see https://www.bybit.com/en/help-center/article/Trading-Fee-Structure */
const BASE_FEES: Payload = { makerFeeRate: "0.0002", takerFeeRate: "0.00055" };

/** What a gateway to Bybit is made of, whoever carries its calls. */
export interface BybitParts {
  readonly account: string;
  readonly client: ExchangeClient;
  /** Addresses of the streams: the category is appended to the public one. */
  readonly streams: { readonly public: string; readonly private: string };
  /** The message that logs a private socket in, signed for this moment. */
  login(now: number): object;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
  /** Demo trading, which does not offer all calls. */
  readonly isDemo?: boolean;
}

/** The public stream of one category. */
interface Stream {
  readonly keeper: StreamKeeper;
  readonly books: MarketBooks;
  readonly marks: MarketMarks;
  readonly resubscribedAt: Map<string, number>;
  socket: OpenSocket | undefined;
}

/** Public market data of Bybit's perpetuals: instruments over REST, prices over a socket for each category. */
export class BybitMarket implements MarketFeed {
  readonly #parts: BybitParts;
  readonly #line: BybitLine;
  readonly #instruments: Map<string, Instrument>;
  /** As the desk started with them: counts of prices and sizes keep these steps. */
  readonly #known = new Map<string, ReadInstrument>();
  /** What was told of each last. */
  readonly #told = new Map<string, string>();
  readonly #streams = new Map<string, Stream>();
  readonly #down = new Set<Category>();
  #emit: ((event: DeskEvent) => void) | undefined;
  #lastAt = 0;

  constructor(parts: BybitParts, line: BybitLine, instruments: Map<string, Instrument>) {
    this.#parts = parts;
    this.#line = line;
    this.#instruments = instruments;
  }

  /** Market time of the last message; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  async instruments(
    ids: readonly InstrumentId[],
    known?: ReadonlyMap<InstrumentId, InstrumentSteps>,
  ): Promise<readonly InstrumentInfo[]> {
    const infos: InstrumentInfo[] = [];
    for (const id of ids) {
      const read = await this.#read(id, known?.get(id));
      if (read === undefined)
        throw new Error(`symbol "${id}" is not traded on ${BYBIT}; look at its list of symbols`);
      this.#instruments.set(id, read.instrument);
      this.#known.set(id, read);
      this.#told.set(id, JSON.stringify(read));
      const { status: _status, ...info } = read;
      infos.push(info);
    }
    return infos;
  }

  async start(ids: readonly InstrumentId[], emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    for (const category of ["linear", "inverse"] as const) {
      const own = ids.filter((id) => categoryOf(id) === category);
      if (own.length > 0) this.#keep(category, own);
    }
    for (const { keeper } of this.#streams.values()) keeper.start();
    await Promise.all([...this.#streams.values()].map(({ keeper }) => keeper.ready));
    // What was so when the instruments were loaded is no change that a later reading would find.
    for (const id of ids) {
      const was = this.#known.get(id);
      if (was !== undefined && was.status !== "trading") this.#tell(id, was, was);
    }
  }

  async refresh(): Promise<void> {
    for (const [id, was] of [...this.#known]) {
      const read = await this.#read(id, was.instrument);
      const now = JSON.stringify(read ?? "gone");
      if (this.#told.get(id) === now) continue;
      this.#told.set(id, now);
      this.#tell(id, was, read);
    }
  }

  /** Tells how an instrument is now, in the steps that it was loaded with; `now` undefined: nobody lists it any more. */
  #tell(id: InstrumentId, was: ReadInstrument, now: ReadInstrument | undefined): void {
    const { instrument, brackets } = was;
    this.#emit?.({
      type: "instrumentChanged",
      at: millis(this.#lastAt),
      wallAt: millis(this.#line.now()),
      venue: BYBIT,
      instrument: id,
      brackets: now?.brackets ?? brackets,
      ...stepsIn(now ?? { instrument, brackets }, instrument),
      notionalMin: now?.instrument.notionalMin ?? instrument.notionalMin,
      status: now?.status ?? "gone",
    });
  }

  async candles(id: InstrumentId, timeframe: Timeframe, count: number): Promise<readonly Candle[]> {
    const instrument = this.#instruments.get(id);
    if (instrument === undefined) throw new Error(`symbol "${id}" is not one that this desk trades`);
    const interval = timeframe === "1d" ? "D" : String(TIMEFRAMES[timeframe] / 60_000);
    const asked = { category: categoryOf(id), symbol: id, interval, limit: Math.min(count, CANDLES_MOST) };
    return candlesOf((await this.#line.call("GET /v5/market/kline", asked, "read"))["list"], instrument);
  }

  async clockSkew(): Promise<number> {
    const before = this.#parts.clock.now();
    const answer = await this.#line.whole("GET /v5/market/time", {}, "read");
    const after = this.#parts.clock.now();
    return whole(answer, "time") - (before + after) / 2;
  }

  async stop(): Promise<void> {
    this.#emit = undefined;
    for (const { keeper } of this.#streams.values()) keeper.stop();
  }

  /** Reads a frame of the public sockets; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    const stream = this.#streams.get(url);
    if (stream === undefined || typeof message !== "object" || message === null) return;
    const raw = message as Payload;
    if (raw["success"] === false) stream.keeper.cut("the exchange refused the subscription");
    const topic = optionalText(raw, "topic");
    if (topic === undefined) return;
    stream.keeper.heard();
    let news: DeskEvent | undefined;
    try {
      news = this.#news(stream, topic, raw);
    } catch (error) {
      this.#parts.log.warn("a market message could not be read", { error: String(error), topic });
    }
    if (news === undefined) return;
    if (news.at > this.#lastAt) this.#lastAt = news.at;
    // Told outside of the try: what the desk can't bear is its own fault, not the message's.
    this.#emit?.(news);
  }

  #news(stream: Stream, topic: string, raw: Payload): DeskEvent | undefined {
    const wallAt = millis(this.#line.now());
    const news = topic.startsWith("tickers.")
      ? stream.marks.take(raw, wallAt)
      : topic.startsWith("orderbook.")
        ? stream.books.take(raw, wallAt)
        : undefined;
    if (news === "gap") this.#resubscribe(stream, topic);
    return news === "gap" || news === "nothing" ? undefined : news;
  }

  /** A fresh subscription brings a fresh snapshot. */
  #resubscribe({ socket, resubscribedAt }: Stream, topic: string): void {
    const now = this.#parts.clock.monotonic();
    if (now - (resubscribedAt.get(topic) ?? Number.NEGATIVE_INFINITY) < RESUBSCRIBE_MS) return;
    resubscribedAt.set(topic, now);
    this.#parts.log.warn("a book has a hole and is asked for anew", { topic });
    socket?.send({ op: "unsubscribe", args: [topic] });
    socket?.send({ op: "subscribe", args: [topic] });
  }

  /** An instrument with its tiers and fees; undefined when Bybit does not know the symbol. */
  async #read(symbol: InstrumentId, known: InstrumentSteps | undefined): Promise<ReadInstrument | undefined> {
    const of = { category: categoryOf(symbol), symbol };
    const rows = await this.#line
      .rows("GET /v5/market/instruments-info", of, "read")
      .catch((error: unknown) => {
        if (/symbol/i.test(String(error)) && /"retCode":10001\b/.test(String(error))) return [];
        throw error;
      });
    const row = rows.find((each) => text(each, "symbol") === symbol);
    if (row === undefined) return undefined;
    const tiers = await this.#line.rows("GET /v5/market/risk-limit", of, "read");
    return instrumentOf(row, tiers, await this.#fees(of), BYBIT, known);
  }

  /** What the account pays. Demo trading does not tell it: there the published base rates stand in. */
  async #fees(of: { readonly category: Category; readonly symbol: InstrumentId }): Promise<Fees> {
    const [fees] = await this.#line
      .rows("GET /v5/account/fee-rate", of, "read")
      .catch((error: unknown): readonly Payload[] => {
        if (this.#parts.isDemo !== true) throw error;
        return [BASE_FEES];
      });
    if (fees === undefined) throw new PayloadError(`fee-rate does not tell of ${of.symbol}`);
    return feesOf(fees);
  }

  #keep(category: Category, ids: readonly InstrumentId[]): void {
    const times = () => ({ at: millis(this.#lastAt), wallAt: millis(this.#line.now()) });
    const url = `${this.#parts.streams.public}/${category}`;
    const args = ids.flatMap((id) => [`tickers.${id}`, `orderbook.1.${id}`, `orderbook.50.${id}`]);
    const books = new MarketBooks(BYBIT, this.#instruments);
    const marks = new MarketMarks(BYBIT, this.#instruments);
    const keeper = new StreamKeeper({
      clock: this.#parts.clock,
      silenceMs: SILENCE_MS,
      open: async () => {
        books.clear();
        marks.clear();
        stream.socket = this.#parts.client.socket(url, { op: "subscribe", args });
        return stream.socket;
      },
      onUp: (isFirst) => {
        if (this.#down.delete(category) && !isFirst && this.#down.size === 0) {
          this.#emit?.({ type: "resynced", ...times(), stream: "market" });
        }
      },
      onDown: (reason) => {
        this.#down.add(category);
        this.#emit?.({ type: "gap", ...times(), stream: "market", reason: plain(reason) });
      },
    });
    const stream: Stream = { keeper, books, marks, resubscribedAt: new Map(), socket: undefined };
    this.#streams.set(url, stream);
  }
}
