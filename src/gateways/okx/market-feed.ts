import type { Candle, Timeframe } from "../../core/candle.ts";
import type { DeskEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import { millis } from "../../core/units.ts";
import type { InstrumentInfo, InstrumentSteps, MarketFeed } from "../../desk/ports.ts";
import { plain } from "../binance/errors.ts";
import { object, type Payload, whole } from "../binance/fields.ts";
import { CANDLES_MOST, candlesOf } from "../candles.ts";
import { type Change, Listings } from "./listings.ts";
import { OkxMarketWords, timeOf } from "./market-words.ts";
import { OKX, type OkxParts } from "./parts.ts";
import { OkxStream } from "./stream.ts";
import { type Contract, rowOf } from "./words.ts";

/**
 * Silence that means a dead socket: OKX repeats mark prices every ten seconds at the latest, and ccxt's pings are answered
 * on the socket itself.
 */
const SILENCE_MS = 30_000;

/** OKX's names of the spans; longer ones than an hour have capitals, and days begin at midnight UTC. */
const BARS: Readonly<Record<Timeframe, string>> = {
  "1m": "1m",
  "5m": "5m",
  "15m": "15m",
  "1h": "1H",
  "4h": "4H",
  "1d": "1Dutc",
};

/** Public market data of OKX's perpetual swaps: instruments over REST, prices over one socket. */
export class OkxMarket implements MarketFeed {
  readonly #parts: OkxParts;
  readonly #contracts: ReadonlyMap<string, Contract>;
  readonly #words: OkxMarketWords;
  readonly #listings: Listings;
  #stream: OkxStream | undefined;
  #emit: ((event: DeskEvent) => void) | undefined;
  #lastAt = 0;

  constructor(parts: OkxParts, contracts: Map<string, Contract>) {
    this.#parts = parts;
    this.#contracts = contracts;
    this.#words = new OkxMarketWords(OKX, contracts);
    this.#listings = new Listings(parts.client, contracts);
  }

  /** Market time of the last message; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  instruments(
    ids: readonly InstrumentId[],
    known?: ReadonlyMap<InstrumentId, InstrumentSteps>,
  ): Promise<readonly InstrumentInfo[]> {
    return this.#listings.load(ids, known);
  }

  async start(ids: readonly InstrumentId[], emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    const { client, clock, streams } = this.#parts;
    const indexes = new Set(ids.map((id) => this.#contracts.get(id)?.index ?? id.replace(/-SWAP$/, "")));
    const stream = new OkxStream({
      client,
      clock,
      url: streams.public,
      channels: [
        // Index and funding first: marks are only told with them.
        ...[...indexes].map((instId) => ({ channel: "index-tickers", instId })),
        ...["funding-rate", "mark-price", "bbo-tbt", "books5"].flatMap((channel) =>
          ids.map((instId) => ({ channel, instId })),
        ),
      ],
      silenceMs: SILENCE_MS,
      onLive: (isFirst) => {
        if (!isFirst) emit({ type: "resynced", ...this.#times(), stream: "market" });
      },
      onDown: (reason) => emit({ type: "gap", ...this.#times(), stream: "market", reason: plain(reason) }),
      onPush: (channel, id, rows) => {
        for (const row of rows) this.#take(channel, id, row);
      },
    });
    this.#stream = stream;
    stream.start();
    await stream.ready;
    this.#tell(this.#listings.unsaid());
  }

  async refresh(): Promise<void> {
    this.#tell(await this.#listings.refresh());
  }

  #tell(changes: readonly Change[]): void {
    for (const change of changes) {
      const event: InstrumentChangedEvent = {
        type: "instrumentChanged",
        ...this.#times(),
        venue: OKX,
        ...change,
      };
      this.#emit?.(event);
    }
  }

  async candles(id: InstrumentId, timeframe: Timeframe, count: number): Promise<readonly Candle[]> {
    const contract = this.#contracts.get(id);
    if (contract === undefined) throw new Error(`symbol "${id}" is not one that this desk trades`);
    const asked = { instId: id, bar: BARS[timeframe], limit: String(Math.min(count, CANDLES_MOST)) };
    const answer = await this.#parts.client.call("GET /api/v5/market/candles", asked, "read");
    return candlesOf(object(answer, "candles")["data"], contract.instrument);
  }

  async clockSkew(): Promise<number> {
    const { client, clock } = this.#parts;
    const before = clock.now();
    const answer = rowOf(await client.call("GET /api/v5/public/time", {}, "read"), "time");
    const after = clock.now();
    return whole(answer, "ts") - (before + after) / 2;
  }

  async stop(): Promise<void> {
    this.#stream?.stop();
    await this.#parts.client.close?.();
  }

  /** Reads a frame of the public socket; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    this.#stream?.take(url, message);
  }

  #take(channel: string, id: string, row: Payload): void {
    let event: DeskEvent | undefined;
    try {
      const at = timeOf(row);
      if (at > this.#lastAt) this.#lastAt = at;
      event = this.#words.read(channel, id, row, millis(this.#parts.client.now()));
    } catch (error) {
      this.#parts.log.warn("a market message could not be read", { error: String(error), channel });
    }
    // Told outside of the try: what the desk can't bear is its own fault, not the message's.
    if (event !== undefined) this.#emit?.(event);
  }

  #times() {
    return { at: millis(this.#lastAt), wallAt: millis(this.#parts.client.now()) };
  }
}
