import type { InstrumentId } from "../../core/instrument.ts";
import { lots, type Millis, millis, type Ticks } from "../../core/units.ts";
import type { Exchange, VenueCandle, VenueEvent } from "../exchange.ts";

const MINUTE = 60_000;
/** Minutes that are kept of each instrument: thirty days. */
const KEPT = 43_200;

/** Candles of mark prices by the minute, from when the venue opened on. */
export class MarkCandles {
  readonly #candles = new Map<InstrumentId, VenueCandle[]>();
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Takes in a mark price. */
  note({ instrument, at, mark }: Extract<VenueEvent, { type: "mark" }>): void {
    const kept = this.#candles.get(instrument);
    const last = kept?.at(-1);
    if (kept === undefined || last === undefined) {
      this.#candles.set(instrument, [opened(at, mark)]);
    } else if (at > last.closeAt) {
      kept.push(opened(at, mark));
      // Dropped in bunches: taking off the front moves the whole list.
      if (kept.length > KEPT + 1_000) kept.splice(0, 1_000);
    } else if (mark !== last.close) {
      const high = Math.max(last.high, mark) as Ticks;
      const low = Math.min(last.low, mark) as Ticks;
      kept[kept.length - 1] = { ...last, high, low, close: mark };
    }
  }

  /** Oldest first, the unfinished one last; before the market moved, one candle at the mark as it stands. */
  of(instrument: InstrumentId): readonly VenueCandle[] {
    const kept = this.#candles.get(instrument);
    if (kept !== undefined) return kept;
    return [opened(this.#exchange.now(), this.#exchange.mark(instrument).mark)];
  }
}

function opened(at: Millis, price: Ticks): VenueCandle {
  const openAt = Math.floor(at / MINUTE) * MINUTE;
  return {
    openAt: millis(openAt),
    closeAt: millis(openAt + MINUTE - 1),
    open: price,
    high: price,
    low: price,
    close: price,
    volume: lots(0),
  };
}
