import type { InstrumentId } from "../../core/instrument.ts";
import type { VenueEvent } from "../exchange.ts";

/** One public trade. */
export type PublicTrade = Extract<VenueEvent, { type: "trade" }>;

/** Trades that are kept of each instrument. */
const KEPT = 10_000;
/** Those beyond are dropped in bunches: taking off the front moves the whole list. */
const BUNCH = 2_000;

/** The newest public trades of each instrument. */
export class TradeTape {
  readonly #trades = new Map<InstrumentId, PublicTrade[]>();

  /** Takes in a trade as the market tells it. */
  note(trade: PublicTrade): void {
    const kept = this.#trades.get(trade.instrument);
    if (kept === undefined) {
      this.#trades.set(trade.instrument, [trade]);
      return;
    }
    kept.push(trade);
    if (kept.length > KEPT + BUNCH) kept.splice(0, BUNCH);
  }

  /** Oldest first. */
  of(instrument: InstrumentId): readonly PublicTrade[] {
    return this.#trades.get(instrument) ?? [];
  }

  /** What the last trade moved, in lots; nothing before the first. */
  last(instrument: InstrumentId): PublicTrade | undefined {
    return this.#trades.get(instrument)?.at(-1);
  }
}
