import type { InstrumentId } from "../core/instrument.ts";
import type { DepthEvent, MarkEvent, TopEvent } from "../core/market-event.ts";
import type { Lots, Millis, Rate, Ticks } from "../core/units.ts";

/** What the market last said about one instrument. */
export interface Quotes {
  top:
    | { readonly bid: Ticks; readonly bidLots: Lots; readonly ask: Ticks; readonly askLots: Lots }
    | undefined;
  /** Wall time at which the best prices were last told, or seen unchanged in the depth. */
  topWallAt: Millis | undefined;
  mark: Ticks | undefined;
  markWallAt: Millis | undefined;
  fundingRate: Rate | undefined;
  nextFundingAt: Millis | undefined;
  bids: DepthEvent["bids"];
  asks: DepthEvent["asks"];
  depthWallAt: Millis | undefined;
}

/** The latest quotes of all instruments, updated once before any engine runs. */
export class Board {
  readonly #quotes = new Map<InstrumentId, Quotes>();

  /** An instrument's quotes; all undefined before the market said anything. */
  of(instrument: InstrumentId): Quotes {
    let quotes = this.#quotes.get(instrument);
    if (quotes === undefined) {
      quotes = {
        top: undefined,
        topWallAt: undefined,
        mark: undefined,
        markWallAt: undefined,
        fundingRate: undefined,
        nextFundingAt: undefined,
        bids: [],
        asks: [],
        depthWallAt: undefined,
      };
      this.#quotes.set(instrument, quotes);
    }
    return quotes;
  }

  /** Takes a market event in. */
  apply(event: TopEvent | MarkEvent | DepthEvent): void {
    const quotes = this.of(event.instrument);
    switch (event.type) {
      case "top":
        quotes.top = event.bid > 0 && event.ask > 0 ? event : undefined;
        quotes.topWallAt = event.wallAt;
        return;
      case "mark":
        // A price of 0 is none: what is missing must not be counted with (I9).
        quotes.mark = event.mark > 0 ? event.mark : undefined;
        quotes.markWallAt = event.wallAt;
        quotes.fundingRate = event.fundingRate;
        quotes.nextFundingAt = event.nextFundingAt;
        return;
      default:
        quotes.bids = event.bids;
        quotes.asks = event.asks;
        quotes.depthWallAt = event.wallAt;
        // Best prices come when they change; a book that begins with them says that they still stand.
        if (quotes.top !== undefined && isBestOf(event, quotes.top)) quotes.topWallAt = event.wallAt;
    }
  }

  /** Wall time of the youngest best prices of any instrument. */
  youngest(): Millis | undefined {
    let found: Millis | undefined;
    for (const { topWallAt } of this.#quotes.values()) {
      if (topWallAt !== undefined && (found === undefined || topWallAt > found)) found = topWallAt;
    }
    return found;
  }
}

const isBestOf = ({ bids, asks }: DepthEvent, top: { readonly bid: Ticks; readonly ask: Ticks }): boolean =>
  bids[0]?.[0] === top.bid && asks[0]?.[0] === top.ask;
