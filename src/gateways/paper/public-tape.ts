import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import type { MarkEvent, TopEvent, TradeEvent } from "../../core/market-event.ts";
import { exactCount } from "../../core/text.ts";
import { type Lots, lots, type Millis, millis } from "../../core/units.ts";
import type { Clock } from "../../desk/ports.ts";
import { type PublicSocket, USDM } from "../binance/dialect.ts";
import { object, type Payload, PayloadError, text, whole, yes } from "../binance/fields.ts";
import { Translation } from "../binance/translate.ts";
import { nearestTick } from "../binance/words.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { StreamKeeper } from "../stream-keeper.ts";

/** How a market stands when the tape is opened. */
export interface TapeStart {
  readonly instrument: InstrumentId;
  readonly top: TopEvent;
  readonly mark: MarkEvent;
  /** What the last whole minute traded. */
  readonly minuteLots: Lots;
}

/** News of the tape. */
export type TapeEvent = TopEvent | TradeEvent | MarkEvent;

/** What a tape is made of. `client` is its own and has no keys. */
export interface TapeParts {
  readonly client: ExchangeClient;
  readonly instruments: ReadonlyMap<InstrumentId, Instrument>;
  /** Host of the streams. */
  readonly streams: string;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

const MINUTE_MS = 60_000;
/** Marks come every second; best prices of a quiet symbol may stand for a while. */
const SILENCE_MS: Readonly<Record<PublicSocket, number>> = { market: 10_000, public: 30_000 };
/** Apart from the gateway's own sockets on the same host. */
const NAME = "perpdesk-tape";

/** What the real exchange trades, as the venue of a paper desk hears it: best prices, every trade, marks. */
export class PublicTape {
  readonly #parts: TapeParts;
  readonly #translation: Translation;
  readonly #keepers = new Map<PublicSocket, StreamKeeper>();
  #emit: ((event: TapeEvent) => void) | undefined;

  constructor(parts: TapeParts) {
    this.#parts = parts;
    this.#translation = new Translation({
      account: "",
      venue: USDM.venue,
      instruments: parts.instruments,
      brackets: new Map(),
    });
    parts.client.tap((url, message) => this.#take(url, message));
  }

  /** Reads where each market stands. Rejects when one can't be read. */
  start(): Promise<readonly TapeStart[]> {
    return Promise.all([...this.#parts.instruments.values()].map((each) => this.#startOf(each)));
  }

  /** Listens from now on; resolves when the sockets are open. Reconnects by itself. */
  async listen(emit: (event: TapeEvent) => void): Promise<void> {
    this.#emit = emit;
    const names = [...this.#parts.instruments.keys()].map((id) => id.toLowerCase());
    this.#keep(
      "public",
      names.map((name) => `${name}@bookTicker`),
    );
    this.#keep(
      "market",
      names.flatMap((name) => [`${name}@aggTrade`, `${name}@markPrice@1s`]),
    );
    for (const keeper of this.#keepers.values()) keeper.start();
    await Promise.all([...this.#keepers.values()].map(({ ready }) => ready));
  }

  async stop(): Promise<void> {
    this.#emit = undefined;
    for (const keeper of this.#keepers.values()) keeper.stop();
    await this.#parts.client.close?.();
  }

  async #startOf(instrument: Instrument): Promise<TapeStart> {
    const { client } = this.#parts;
    const symbol = instrument.id;
    const [best, premium, candles] = await Promise.all([
      client.call("GET /fapi/v1/ticker/bookTicker", { symbol }, "read"),
      client.call("GET /fapi/v1/premiumIndex", { symbol }, "read"),
      client.call("GET /fapi/v1/klines", { symbol, interval: "1m", limit: 2 }, "read"),
    ]);
    const wallAt = millis(client.now());
    const told = object(best, "bookTicker");
    const state = object(premium, "premiumIndex");
    const top = this.#translation.market(
      {
        e: "bookTicker",
        s: symbol,
        T: told["time"],
        b: told["bidPrice"],
        B: told["bidQty"],
        a: told["askPrice"],
        A: told["askQty"],
      },
      wallAt,
    );
    const mark = this.#translation.market(
      {
        e: "markPriceUpdate",
        s: symbol,
        E: state["time"],
        p: state["markPrice"],
        i: state["indexPrice"],
        r: state["lastFundingRate"],
        T: state["nextFundingTime"],
      },
      wallAt,
    );
    if (top?.type !== "top" || mark?.type !== "mark") throw new PayloadError(`${symbol} has no prices`);
    return { instrument: symbol, top, mark, minuteLots: minuteOf(candles, instrument, mark.at) };
  }

  #take(url: string, message: unknown): void {
    const socket = SOCKETS.find((each) => url === this.#urlOf(each));
    const raw = message as Payload;
    if (socket === undefined || typeof raw !== "object" || raw === null) return;
    const keeper = this.#keepers.get(socket);
    if (raw["error"] !== undefined) keeper?.cut("the exchange refused the subscription");
    if (raw["e"] === undefined) return;
    keeper?.heard();
    try {
      const event = this.#eventOf(raw, millis(this.#parts.client.now()));
      if (event !== undefined) this.#emit?.(event);
    } catch (error) {
      this.#parts.log.warn("a message of the tape could not be read", { error: String(error) });
    }
  }

  #eventOf(raw: Payload, wallAt: Millis): TapeEvent | undefined {
    if (raw["e"] !== "aggTrade") {
      const event = this.#translation.market(raw, wallAt);
      return event?.type === "top" || event?.type === "mark" ? event : undefined;
    }
    const instrument = this.#parts.instruments.get(text(raw, "s"));
    if (instrument === undefined) return undefined;
    return {
      type: "trade",
      venue: USDM.venue,
      instrument: instrument.id,
      at: millis(whole(raw, "T")),
      wallAt,
      price: nearestTick(text(raw, "p"), instrument),
      lots: lots(exactCount(text(raw, "q"), instrument.lot, "q")),
      takerSide: yes(raw, "m") ? "sell" : "buy",
    };
  }

  #keep(socket: PublicSocket, streams: readonly string[]): void {
    const { client, clock, log } = this.#parts;
    const keeper = new StreamKeeper({
      clock,
      silenceMs: SILENCE_MS[socket],
      open: async () => client.socket(this.#urlOf(socket), { method: "SUBSCRIBE", params: streams, id: 1 }),
      onUp: () => {},
      onDown: () => log.warn("the tape of the real exchange is interrupted: paper orders wait", { socket }),
    });
    this.#keepers.set(socket, keeper);
  }

  #urlOf(socket: PublicSocket): string {
    return `${this.#parts.streams}/${socket}/ws/${NAME}`;
  }
}

const SOCKETS = ["public", "market"] as const satisfies readonly PublicSocket[];

/** The volume of the last whole minute; of the one that runs while there is no other. */
function minuteOf(raw: unknown, instrument: Instrument, now: number): Lots {
  if (!Array.isArray(raw) || raw.length === 0) throw new PayloadError(`${instrument.id} has no candles`);
  const rows = raw.map((row: unknown) => (Array.isArray(row) ? row.map(String) : []));
  const row = rows.findLast(([openAt]) => Number(openAt) + MINUTE_MS <= now) ?? rows[0] ?? [];
  return lots(exactCount(row[5] ?? "", instrument.lot, "volume"));
}
