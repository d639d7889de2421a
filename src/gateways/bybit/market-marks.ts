import type { Instrument } from "../../core/instrument.ts";
import type { MarkEvent } from "../../core/market-event.ts";
import { rateOf } from "../../core/text.ts";
import { type Millis, millis } from "../../core/units.ts";
import { object, optionalText, type Payload, text, whole } from "../binance/fields.ts";
import { nearestTick } from "../binance/words.ts";

/** The parts of a ticker that a mark event tells. */
const FIELDS = ["markPrice", "indexPrice", "fundingRate", "nextFundingTime"] as const;
/** A mark that stands is repeated after so much market time, as long as other parts of the ticker change. */
const REPEAT_MS = 5_000;

/** Keeps the tickers of `tickers.SYMBOL`: a message only tells what changed. */
export class MarketMarks {
  readonly #venue: string;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #tickers = new Map<string, Record<string, unknown>>();
  readonly #toldAt = new Map<string, number>();

  constructor(venue: string, instruments: ReadonlyMap<string, Instrument>) {
    this.#venue = venue;
    this.#instruments = instruments;
  }

  /** Forgets everything: the socket broke. */
  clear(): void {
    this.#tickers.clear();
  }

  /** Takes a ticker message; undefined when it holds no news of the mark. Throws `PayloadError`. */
  take(raw: Payload, wallAt: Millis): MarkEvent | undefined {
    const told = object(raw["data"], "data");
    const instrument = this.#instruments.get(text(told, "symbol"));
    if (instrument === undefined) return undefined;
    const isSnapshot = text(raw, "type") === "snapshot";
    const known = isSnapshot ? {} : this.#tickers.get(instrument.id);
    // Changes that overtook their snapshot mean nothing.
    if (known === undefined) return undefined;
    for (const name of FIELDS) if (told[name] !== undefined) known[name] = told[name];
    this.#tickers.set(instrument.id, known);
    const at = millis(whole(raw, "ts"));
    const isNews = FIELDS.some((name) => told[name] !== undefined);
    if (!isNews && at - (this.#toldAt.get(instrument.id) ?? 0) < REPEAT_MS) return undefined;
    this.#toldAt.set(instrument.id, at);
    return {
      type: "mark",
      venue: this.#venue,
      instrument: instrument.id,
      at,
      wallAt,
      mark: nearestTick(text(known, "markPrice"), instrument),
      index: nearestTick(text(known, "indexPrice"), instrument),
      fundingRate: rateOf(optionalText(known, "fundingRate") || "0", "fundingRate"),
      nextFundingAt: millis(whole(known, "nextFundingTime")),
    };
  }
}
