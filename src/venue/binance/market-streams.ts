import type { Instrument } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import { lots } from "../../core/units.ts";
import type { DepthLevel, Exchange, VenueEvent } from "../exchange.ts";
import { CandleStreams } from "./candle-streams.ts";
import { type Memory, remember } from "./memory.ts";
import { NewsStreams } from "./news-streams.ts";
import type { Streams } from "./streams.ts";
import { familyOf, lotsText, pairOf, priceText, rateText } from "./texts.ts";
import { dayTexts } from "./ticker.ts";

type Of<T extends VenueEvent["type"]> = Extract<VenueEvent, { type: T }>;

/** Market time between two messages of the streams that Binance slows down. */
const PACE = { markPrice: 3_000, miniTicker: 1_000, ticker: 1_000 } as const;
const PARTIAL_DEPTHS = [5, 10, 20] as const;
const PARTIAL_SPEEDS = ["", "@100ms", "@500ms"] as const;
const DIFF_STREAMS = ["@depth", "@depth@100ms", "@depth@500ms", "@rpiDepth@500ms"] as const;

/** Turns what the market does into the public streams; makes nothing that nobody listens to. Times are market time. */
export class MarketStreams {
  readonly #exchange: Exchange;
  readonly #streams: Streams;
  readonly #memory: Pick<Memory, "day" | "tape" | "marks">;
  readonly #candles: CandleStreams;
  readonly #news: NewsStreams;
  readonly #lastSent = new Map<string, number>();
  readonly #instruments: ReadonlyMap<string, Instrument>;

  constructor(
    exchange: Exchange,
    instruments: ReadonlyMap<string, Instrument>,
    streams: Streams,
    memory: Pick<Memory, "day" | "tape" | "marks">,
  ) {
    this.#exchange = exchange;
    this.#instruments = instruments;
    this.#streams = streams;
    this.#memory = memory;
    this.#candles = new CandleStreams(exchange, streams);
    this.#news = new NewsStreams(exchange, streams);
  }

  /** Takes in one event of the market; of those of accounts only forced orders are public. */
  take(event: VenueEvent): void {
    const id = event.type === "order" ? event.order.request.instrument : instrumentOf(event);
    const instrument = id === undefined ? undefined : this.#instruments.get(id);
    if (instrument === undefined) return;
    remember(this.#memory, event);
    if (event.type === "order") this.#news.order(event, instrument);
    else if (event.type === "instrument") this.#news.contract(event, instrument);
    else if (event.type === "top") this.#top(event, instrument);
    else if (event.type === "trade") this.#trade(event, instrument);
    else if (event.type === "mark") this.#mark(event, instrument);
    else if (event.type === "candle") this.#candle(event, instrument);
    else if (event.type === "depth") this.#depth(event, instrument);
  }

  #top(event: Of<"top">, instrument: Instrument): void {
    const name = `${instrument.id.toLowerCase()}@bookTicker`;
    if (!this.#streams.has(name) && !this.#streams.has("!bookTicker")) return;
    const message = {
      e: "bookTicker",
      u: this.#exchange.depth(instrument.id, 1).lastUpdateId,
      s: instrument.id,
      ps: pairOf(instrument),
      b: priceText(event.bid, instrument),
      B: lotsText(event.bidLots, instrument),
      a: priceText(event.ask, instrument),
      A: lotsText(event.askLots, instrument),
      T: event.at,
      E: event.at,
      st: familyOf(instrument),
    };
    this.#streams.send(name, message);
    this.#streams.send("!bookTicker", message);
  }

  #trade(event: Of<"trade">, instrument: Instrument): void {
    const symbol = instrument.id.toLowerCase();
    const shared = { E: event.at, T: event.at, s: instrument.id };
    const p = priceText(event.price, instrument);
    const q = lotsText(event.lots, instrument);
    const m = event.takerSide === "sell";
    this.#offer(`${symbol}@trade`, () => ({ e: "trade", ...shared, t: event.tradeId, p, q, X: "MARKET", m }));
    const id = event.tradeId;
    this.#offer(`${symbol}@aggTrade`, () => ({
      e: "aggTrade",
      ...shared,
      a: id,
      p,
      q,
      nq: q,
      f: id,
      l: id,
      m,
      st: familyOf(instrument),
    }));
  }

  #mark(event: Of<"mark">, instrument: Instrument): void {
    const symbol = instrument.id.toLowerCase();
    const message = {
      e: "markPriceUpdate",
      E: event.at,
      s: instrument.id,
      p: priceText(event.mark, instrument),
      ap: priceText(event.mark, instrument),
      i: priceText(event.index, instrument),
      P: priceText(event.index, instrument),
      r: rateText(event.fundingRate),
      T: event.nextFundingAt,
      st: familyOf(instrument),
    };
    this.#offer(`${symbol}@markPrice@1s`, () => message);
    this.#offer("!markPrice@arr@1s", () => [message]);
    this.#paced(`${symbol}@markPrice`, PACE.markPrice, event.at, () => message);
    this.#paced("!markPrice@arr", PACE.markPrice, event.at, () => [message]);
  }

  #candle(event: Of<"candle">, instrument: Instrument): void {
    this.#candles.take(event, instrument);
    const symbol = instrument.id.toLowerCase();
    const mini = (): object => this.#ticker(instrument, event.at, true);
    const full = (): object => this.#ticker(instrument, event.at, false);
    this.#paced(`${symbol}@miniTicker`, PACE.miniTicker, event.at, mini);
    this.#paced(`${symbol}@ticker`, PACE.ticker, event.at, full);
    this.#paced("!miniTicker@arr", PACE.miniTicker, event.at, () => [mini()]);
    this.#paced("!ticker@arr", PACE.ticker, event.at, () => [full()]);
  }

  #ticker(instrument: Instrument, at: number, isMini: boolean): object {
    const day = this.#memory.day.of(instrument);
    invariant(day !== undefined, "a candle was noted before its ticker is made");
    const last = this.#memory.tape.last(instrument.id);
    const words = dayTexts(day, last?.lots ?? lots(0), instrument);
    const shared = {
      E: at,
      s: instrument.id,
      ps: pairOf(instrument),
      c: words.last,
      o: words.open,
      h: words.high,
      l: words.low,
      v: words.volume,
      q: words.turnover,
      st: familyOf(instrument),
    };
    if (isMini) return { e: "24hrMiniTicker", ...shared };
    return {
      e: "24hrTicker",
      ...shared,
      p: words.change,
      P: words.changePercent,
      w: words.average,
      Q: words.lastLots,
      O: day.from,
      C: at,
      F: Math.max(0, (last?.tradeId ?? 0) - day.candles + 1),
      L: last?.tradeId ?? 0,
      n: day.candles,
    };
  }

  #depth(event: Of<"depth">, instrument: Instrument): void {
    const symbol = instrument.id.toLowerCase();
    const ids = { U: event.firstUpdateId, u: event.lastUpdateId, pu: event.previousUpdateId };
    const shared = {
      e: "depthUpdate",
      E: event.at,
      T: event.at,
      s: instrument.id,
      ps: pairOf(instrument),
      st: familyOf(instrument),
      ...ids,
    };
    const message = (bids: readonly DepthLevel[], asks: readonly DepthLevel[]) => () => ({
      ...shared,
      b: levels(bids, instrument),
      a: levels(asks, instrument),
    });
    for (const kind of DIFF_STREAMS) this.#offer(symbol + kind, message(event.bids, event.asks));
    for (const size of PARTIAL_DEPTHS) {
      for (const speed of PARTIAL_SPEEDS) {
        const name = `${symbol}@depth${size}${speed}`;
        if (!this.#streams.has(name)) continue;
        const book = this.#exchange.depth(instrument.id, size);
        this.#streams.send(name, message(book.bids, book.asks)());
      }
    }
  }

  #offer(stream: string, make: () => object): void {
    if (this.#streams.has(stream)) this.#streams.send(stream, make());
  }

  /** Sends at most one message per `pace` of market time. */
  #paced(stream: string, pace: number, at: number, make: () => object): void {
    if (!this.#streams.has(stream)) return;
    if (at - (this.#lastSent.get(stream) ?? Number.NEGATIVE_INFINITY) < pace) return;
    this.#lastSent.set(stream, at);
    this.#streams.send(stream, make());
  }
}

/** The instrument that an event is about, if it is about one. */
const instrumentOf = (event: VenueEvent): string | undefined =>
  "instrument" in event ? event.instrument : undefined;

const levels = (side: readonly DepthLevel[], instrument: Instrument): string[][] =>
  side.map((level) => [priceText(level.price, instrument), lotsText(level.lots, instrument)]);
