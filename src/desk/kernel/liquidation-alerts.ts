import type { Book } from "../../core/book.ts";
import { explained, ownLots } from "../../core/book.ts";
import { type Instrument, type InstrumentId, sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent, AlertLevel } from "../../core/intent.ts";
import { digitsOf, moneyText, percentText, textOf } from "../../core/text.ts";
import type { Millis, Ticks, Value } from "../../core/units.ts";
import { LevelWatch, type LiquidationLevel, liquidationDistance } from "../../risk/liquidation.ts";

/** What the watch must know of a book at one moment. */
export interface WatchedBook {
  readonly book: Book;
  readonly instrument: Instrument;
  readonly mark: Ticks | undefined;
  readonly liquidation: Ticks | "none" | undefined;
  readonly marginRatio: number | undefined;
  readonly unrealized: Value | undefined;
}

/** The level that is nearest to liquidation, and whose it is. */
interface WorstLevel {
  readonly level: LiquidationLevel;
  readonly instrument: InstrumentId | undefined;
}

const LEVELS: readonly LiquidationLevel[] = ["LOW", "MEDIUM", "HIGH", "EXTREME", "CRITICAL"];
const ALERT_OF: Readonly<Record<LiquidationLevel, AlertLevel>> = {
  LOW: "resolved",
  MEDIUM: "notice",
  HIGH: "high",
  EXTREME: "extreme",
  CRITICAL: "critical",
};

/**
 * Watches how near each book is to liquidation and says so when the level changes (seed S3, X47). It runs in the
 * turn of every mark price: it never waits for a queue.
 */
export class LiquidationAlerts {
  readonly #watches = new Map<
    string,
    { readonly watch: LevelWatch; told: LiquidationLevel; seen: boolean }
  >();

  /** What each book was judged at last; one that was liquidated and is flat is judged once. */
  readonly #judged = new Map<
    string,
    { readonly level: LiquidationLevel; readonly isFlat: boolean; readonly instrument: InstrumentId }
  >();

  /**
   * The worst of all books at their last readings, and the instrument that it is of. A contract that is at its end is settled,
   * which looks like a liquidation and is none: `isEnding` says which ones are.
   */
  worst(isEnding: (instrument: InstrumentId) => boolean): WorstLevel {
    let worst: WorstLevel = { level: "LOW", instrument: undefined };
    for (const { level, isFlat, instrument } of this.#judged.values()) {
      if (isFlat && isEnding(instrument)) continue;
      if (LEVELS.indexOf(level) > LEVELS.indexOf(worst.level)) worst = { level, instrument };
    }
    return worst;
  }

  /** The level of a book as people are told it. */
  level(book: Book): LiquidationLevel {
    return this.#watches.get(book.key)?.watch.level ?? "LOW";
  }

  /** A liquidation order was seen on this book: CRITICAL until it is flat. */
  liquidated(book: Book): void {
    this.#of(book).seen = true;
  }

  /** Takes a reading; an alert when the level changed. */
  check(watched: WatchedBook, at: Millis): AlertIntent | undefined {
    const { book } = watched;
    this.#judged.delete(book.key);
    if (explained(book) === 0 && !this.#watches.has(book.key)) return undefined;
    const entry = this.#of(book);
    const isFlat = explained(book) === 0;
    const level = entry.watch.read(
      {
        mark: watched.mark,
        liquidation: isFlat ? "none" : watched.liquidation,
        isLiquidationSeen: entry.seen,
        ...(watched.marginRatio === undefined || isFlat ? {} : { marginRatio: watched.marginRatio }),
      },
      at,
    );
    this.#judged.set(book.key, { level, isFlat, instrument: book.instrument });
    // Liquidated and flat: the story of this position has ended; the next one starts from nothing.
    if (entry.seen && isFlat) this.#watches.delete(book.key);
    if (level === entry.told) return undefined;
    const alert = this.#alert(watched, entry.told, level);
    entry.told = level;
    return alert;
  }

  #of(book: Book) {
    let entry = this.#watches.get(book.key);
    if (entry === undefined) {
      entry = { watch: new LevelWatch(), told: "LOW", seen: false };
      this.#watches.set(book.key, entry);
    }
    return entry;
  }

  #alert(watched: WatchedBook, before: LiquidationLevel, level: LiquidationLevel): AlertIntent {
    const { book, instrument, mark, liquidation } = watched;
    const size = explained(book);
    const price = (count: Ticks | undefined): string =>
      count === undefined ? "unknown" : textOf(count, instrument.tick);
    const distance =
      mark !== undefined && typeof liquidation === "number"
        ? percentText(liquidationDistance(mark, liquidation))
        : "unknown";
    const held =
      size === 0
        ? "Nothing is held any more."
        : `${size > 0 ? "Long" : "Short"} ${textOf(Math.abs(size), instrument.lot)} ${sizeUnit(instrument)}, unrealized ${
            watched.unrealized === undefined
              ? "unknown"
              : moneyText(watched.unrealized, digitsOf(instrument.settle))
          } ${instrument.settle}.`;
    const where = `Mark ${price(mark)}, liquidation at ${
      typeof liquidation === "number" ? price(liquidation) : (liquidation ?? "unknown")
    }: ${distance} away.`;
    return {
      type: "alert",
      key: `liquidation:${book.key}`,
      level: ALERT_OF[level],
      title: titleOf(instrument.id, before, level),
      lines:
        level === "CRITICAL"
          ? [held, "Look at /positions and /balance now."]
          : [
              held,
              ...(size === 0 ? [] : [where]),
              ADVICE[level](closeWords(book, instrument), marginWords(book, instrument)),
            ],
      instrument: instrument.id,
    };
  }
}

function titleOf(instrument: string, before: LiquidationLevel, level: LiquidationLevel): string {
  if (level === "CRITICAL") return `${instrument}: LIQUIDATED or at the margin limit (CRITICAL)`;
  if (level === "LOW") return `${instrument}: liquidation risk resolved (was ${before})`;
  return `${instrument}: liquidation risk ${level}`;
}

/** What to type: the foreign part of a book is only closed when it is named. */
const closeWords = (book: Book, instrument: Instrument): string =>
  `/close ${instrument.id}${book.foreign.lots === 0 ? "" : " foreign"}`;

/** How to add margin: what is foreign alone gets it on the exchange. */
const marginWords = (book: Book, instrument: Instrument): string =>
  ownLots(book) === 0
    ? "on the exchange"
    : `with /add_margin ${instrument.id} ${book.positionSide === "both" ? "" : `${book.positionSide} `}AMOUNT`;

const ADVICE: Readonly<Record<LiquidationLevel, (close: string, margin: string) => string>> = {
  LOW: () => "No action is needed.",
  MEDIUM: () => "No action is needed yet.",
  HIGH: (close, margin) => `Close a part with ${close} 50%, or add margin ${margin}.`,
  EXTREME: (close) => `Close all or a part now: ${close}`,
  CRITICAL: () => "",
};
