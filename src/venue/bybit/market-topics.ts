import type { Instrument } from "../../core/instrument.ts";
import { IntervalCandles } from "../binance/interval-candles.ts";
import { bigMoney, lotsText, priceText } from "../binance/texts.ts";
import { turnoverOf } from "../binance/ticker.ts";
import type { DepthLevel, VenueEvent } from "../exchange.ts";
import { changes } from "../market-news.ts";
import type { Floor, House } from "./house.ts";
import { INTERVAL_OF } from "./intervals.ts";
import { tickerParts, tickerRow } from "./ticker.ts";
import type { Connection, Topics } from "./topics.ts";

type Of<T extends VenueEvent["type"]> = Extract<VenueEvent, { type: T }>;
type Side = readonly DepthLevel[];

/** A book as a topic's listeners have it. */
interface ShownBook {
  update: number;
  bids: Side;
  asks: Side;
  isStill: boolean;
}

const DEPTHS = ["1", "50", "200", "500", "1000"];
/** The longest book a topic follows: the exchange's own depth is no longer. */
const LEVELS_MOST = 500;

/** Turns what the markets do into the public topics; makes nothing that nobody listens to. Times are market time. */
export class MarketTopics {
  readonly #house: House;
  readonly #topics: Topics;
  readonly #books = new Map<string, ShownBook>();
  readonly #tickers = new Map<string, Record<string, string>>();
  readonly #intervals = new Map<Floor, IntervalCandles>();

  constructor(house: House, topics: Topics) {
    this.#house = house;
    this.#topics = topics;
  }

  /** Whether a public socket may ask for a topic. */
  knows(place: string, topic: string): boolean {
    const [kind = "", ...rest] = topic.split(".");
    const floor = this.#floorOf(place, rest.at(-1) ?? "");
    if (floor === undefined) return false;
    if (kind === "orderbook") return rest.length === 2 && DEPTHS.includes(rest[0] ?? "");
    if (kind === "kline") return rest.length === 2 && Object.hasOwn(INTERVAL_OF, rest[0] ?? "");
    return rest.length === 1 && (kind === "tickers" || kind === "publicTrade");
  }

  /** Sends a new listener the state that later messages change. */
  greet(connection: Connection, topic: string): void {
    const [kind, ...rest] = topic.split(".");
    const symbol = rest.at(-1) ?? "";
    const floor = this.#floorOf(connection.place, symbol);
    const instrument = floor?.instruments.get(symbol);
    if (floor === undefined || instrument === undefined) return;
    if (kind === "tickers") this.#snapshotTicker(floor, instrument, connection);
    if (kind === "orderbook") this.#snapshotBook(floor, instrument, Number(rest[0]), connection);
  }

  /** Bybit repeats the first level of a book that stands still, so that silence means a dead socket. */
  repeatStill(): void {
    for (const floor of this.#house.floors) {
      for (const instrument of floor.instruments.values()) {
        const topic = `orderbook.1.${instrument.id}`;
        const book = this.#books.get(`${floor.category} ${topic}`);
        if (book === undefined || !this.#topics.has(floor.category, topic)) continue;
        if (book.isStill) this.#sendBook(floor, instrument, topic, "snapshot", book, book.bids, book.asks);
        book.isStill = true;
      }
    }
  }

  /** Takes in one event of a floor; events of accounts are none of its business. */
  take(floor: Floor, event: VenueEvent): void {
    if (!("instrument" in event) || event.instrument === undefined) return;
    const instrument = floor.instruments.get(event.instrument);
    if (instrument === undefined) return;
    if (event.type === "depth") this.#depth(floor, instrument);
    else if (event.type === "top") this.#ticker(floor, instrument, tickerParts.top);
    else if (event.type === "mark") this.#ticker(floor, instrument, tickerParts.mark);
    else if (event.type === "trade") this.#trade(floor, instrument, event);
    else if (event.type === "candle") this.#candle(floor, instrument, event);
  }

  #floorOf(place: string, symbol: string): Floor | undefined {
    return this.#house.floors.find(
      ({ category, instruments }) => category === place && instruments.has(symbol),
    );
  }

  #snapshotTicker(floor: Floor, instrument: Instrument, only: Connection): void {
    const topic = `tickers.${instrument.id}`;
    const data = { ...tickerRow(floor, instrument) };
    this.#tickers.set(`${floor.category} ${topic}`, data);
    const ts = floor.exchange.now();
    this.#topics.sendMarket(floor.category, topic, { topic, type: "snapshot", data, cs: ts, ts }, only);
  }

  #ticker(
    floor: Floor,
    instrument: Instrument,
    part: (floor: Floor, instrument: Instrument) => Readonly<Record<string, string>>,
  ): void {
    const topic = `tickers.${instrument.id}`;
    if (!this.#topics.has(floor.category, topic)) return;
    const shown = this.#tickers.get(`${floor.category} ${topic}`) ?? {};
    const changed = Object.entries(part(floor, instrument)).filter(([name, text]) => shown[name] !== text);
    if (changed.length === 0) return;
    for (const [name, text] of changed) shown[name] = text;
    const data = { symbol: instrument.id, ...Object.fromEntries(changed) };
    const ts = floor.exchange.now();
    this.#topics.sendMarket(floor.category, topic, { topic, type: "delta", data, cs: ts, ts });
  }

  #depth(floor: Floor, instrument: Instrument): void {
    for (const levels of DEPTHS) {
      const topic = `orderbook.${levels}.${instrument.id}`;
      const name = `${floor.category} ${topic}`;
      const shown = this.#books.get(name);
      if (shown === undefined) continue;
      if (!this.#topics.has(floor.category, topic)) {
        this.#books.delete(name);
        continue;
      }
      const now = floor.exchange.depth(instrument.id, Math.min(LEVELS_MOST, Number(levels)));
      const [bids, asks] = [changes(shown.bids, now.bids), changes(shown.asks, now.asks)];
      if (bids.length + asks.length === 0) continue;
      shown.update += 1;
      shown.bids = now.bids;
      shown.asks = now.asks;
      shown.isStill = false;
      this.#sendBook(floor, instrument, topic, "delta", shown, bids, asks);
    }
  }

  #snapshotBook(floor: Floor, instrument: Instrument, levels: number, only: Connection): void {
    const topic = `orderbook.${levels}.${instrument.id}`;
    const name = `${floor.category} ${topic}`;
    let book = this.#books.get(name);
    if (book === undefined) {
      const now = floor.exchange.depth(instrument.id, Math.min(LEVELS_MOST, levels));
      book = { update: now.lastUpdateId, bids: now.bids, asks: now.asks, isStill: false };
      this.#books.set(name, book);
    }
    this.#sendBook(floor, instrument, topic, "snapshot", book, book.bids, book.asks, only);
  }

  #sendBook(
    floor: Floor,
    instrument: Instrument,
    topic: string,
    type: "snapshot" | "delta",
    book: ShownBook,
    bids: Side,
    asks: Side,
    only?: Connection,
  ): void {
    const rows = (side: Side): string[][] =>
      side.map((level) => [priceText(level.price, instrument), lotsText(level.lots, instrument)]);
    const ts = floor.exchange.now();
    const data = { s: instrument.id, b: rows(bids), a: rows(asks), u: book.update, seq: ts };
    this.#topics.sendMarket(floor.category, topic, { topic, type, ts, data, cts: ts }, only);
  }

  #trade(floor: Floor, instrument: Instrument, event: Of<"trade">): void {
    const topic = `publicTrade.${instrument.id}`;
    if (!this.#topics.has(floor.category, topic)) return;
    const data = [
      {
        T: event.at,
        s: instrument.id,
        S: event.takerSide === "buy" ? "Buy" : "Sell",
        v: lotsText(event.lots, instrument),
        p: priceText(event.price, instrument),
        L: "ZeroPlusTick",
        i: String(event.tradeId),
        BT: false,
        RPI: false,
        seq: event.tradeId,
      },
    ];
    this.#topics.sendMarket(floor.category, topic, { topic, type: "snapshot", ts: event.at, data });
  }

  #candle(floor: Floor, instrument: Instrument, event: Of<"candle">): void {
    floor.day.note(instrument.id, event.candle);
    this.#ticker(floor, instrument, tickerParts.day);
    const intervals = this.#intervals.get(floor) ?? new IntervalCandles(floor.exchange);
    this.#intervals.set(floor, intervals);
    for (const [name, interval] of Object.entries(INTERVAL_OF)) {
      const topic = `kline.${name}.${instrument.id}`;
      if (!this.#topics.has(floor.category, topic)) {
        intervals.forget(instrument, interval);
        continue;
      }
      const { candle, isClosed } = intervals.grow(instrument.id, interval, event.candle, event.isClosed);
      const data = [
        {
          start: candle.openAt,
          end: candle.closeAt,
          interval: name,
          open: priceText(candle.open, instrument),
          close: priceText(candle.close, instrument),
          high: priceText(candle.high, instrument),
          low: priceText(candle.low, instrument),
          volume: lotsText(candle.volume, instrument),
          turnover: bigMoney(turnoverOf(candle, instrument)),
          confirm: isClosed,
          timestamp: event.at,
        },
      ];
      this.#topics.sendMarket(floor.category, topic, { topic, type: "snapshot", ts: event.at, data });
    }
  }
}
