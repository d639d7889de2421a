import type { InstrumentId } from "../core/instrument.ts";
import type { Millis } from "../core/units.ts";
import type { HistoryQuery } from "./exchange.ts";

/** What an archive needs to know of an entry. */
interface ArchiveFacts {
  readonly id: number;
  readonly clientId: string;
  readonly instrument: InstrumentId;
  readonly createdAt: Millis;
}

/**
 * An account's orders, open and closed, in the order of their ids. What was closed without a trace is forgotten
 * after a while, as Binance forgets unfilled cancelled orders after three days.
 */
export class Archive<T> {
  readonly #facts: (entry: T) => ArchiveFacts;
  readonly #entries = new Map<number, T>();
  readonly #latest = new Map<string, T>();
  readonly #leaving: { readonly entry: T; readonly from: number }[] = [];
  #left = 0;

  constructor(facts: (entry: T) => ArchiveFacts) {
    this.#facts = facts;
  }

  add(entry: T): void {
    const { id, clientId, instrument } = this.#facts(entry);
    this.#entries.set(id, entry);
    this.#latest.set(`${instrument} ${clientId}`, entry);
  }

  /** Forgets an entry at market time `from`; times never go back. */
  forgetAt(entry: T, from: number): void {
    this.#leaving.push({ entry, from });
  }

  byId(id: number, at: Millis): T | undefined {
    this.#sweep(at);
    return this.#entries.get(id);
  }

  /** The newest entry with this client id. */
  byClientId(instrument: InstrumentId, clientId: string, at: Millis): T | undefined {
    this.#sweep(at);
    return this.#latest.get(`${instrument} ${clientId}`);
  }

  /** Oldest first. With `fromId` or `from` the first `limit` from there, else the newest `limit`. */
  select(query: HistoryQuery, at: Millis): readonly T[] {
    this.#sweep(at);
    return selection([...this.#entries.values()], query, this.#facts);
  }

  #sweep(at: Millis): void {
    for (let next = this.#leaving[this.#left]; next && next.from <= at; next = this.#leaving[this.#left]) {
      const { id, clientId, instrument } = this.#facts(next.entry);
      this.#entries.delete(id);
      const name = `${instrument} ${clientId}`;
      if (this.#latest.get(name) === next.entry) this.#latest.delete(name);
      this.#left += 1;
    }
    if (this.#left > 1000) {
      this.#leaving.splice(0, this.#left);
      this.#left = 0;
    }
  }
}

/** Picks by a history query from entries that are sorted oldest first. */
export function selection<T>(
  entries: readonly T[],
  query: HistoryQuery,
  facts: (entry: T) => {
    readonly id: number;
    readonly instrument?: InstrumentId;
    readonly createdAt: Millis;
  },
): readonly T[] {
  const { instrument, fromId, from, to, limit } = query;
  const found = entries.filter((entry) => {
    const fact = facts(entry);
    if (instrument !== undefined && fact.instrument !== instrument) return false;
    if (fromId !== undefined && fact.id < fromId) return false;
    if (from !== undefined && fact.createdAt < from) return false;
    return to === undefined || fact.createdAt <= to;
  });
  if (limit === undefined || found.length <= limit) return found;
  return fromId === undefined && from === undefined ? found.slice(-limit) : found.slice(0, limit);
}
