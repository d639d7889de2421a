interface Entry {
  readonly id: string;
  readonly rank: number;
  readonly arrival: number;
}

/**
 * Job ids in the order in which they are served: lower rank first, then earlier arrival.
 * Rank is a priority, a due time or a finishing time (ms), by line; arrival is any number that grows.
 */
export class RankedIds {
  readonly #entries = new Map<string, Entry>();
  readonly #order: Entry[] = [];

  get size(): number {
    return this.#order.length;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Puts an id in, or at its new place when it is there already. */
  add(id: string, rank: number, arrival: number): void {
    this.delete(id);
    const entry = { id, rank, arrival };
    this.#entries.set(id, entry);
    this.#order.splice(this.#placeOf(entry), 0, entry);
  }

  delete(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    let at = this.#placeOf(entry);
    while (this.#order[at]?.id !== id) at += 1;
    this.#order.splice(at, 1);
    return true;
  }

  first(): { readonly id: string; readonly rank: number } | undefined {
    return this.#order[0];
  }

  /** All ids, next to be served first. */
  ids(): string[] {
    return this.#order.map((entry) => entry.id);
  }

  /** The ids whose rank is at most `highest`, in order, at most `limit` of them. */
  upTo(highest: number, limit = Number.POSITIVE_INFINITY): string[] {
    const ids: string[] = [];
    for (const entry of this.#order) {
      if (entry.rank > highest || ids.length >= limit) break;
      ids.push(entry.id);
    }
    return ids;
  }

  /** How many ids have a rank strictly below `bound`. */
  countBelow(bound: number): number {
    return this.#placeOf({ id: "", rank: bound, arrival: Number.NEGATIVE_INFINITY });
  }

  countOf(rank: number): number {
    return this.#placeOf({ id: "", rank, arrival: Number.POSITIVE_INFINITY }) - this.countBelow(rank);
  }

  #placeOf(wanted: Entry): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#order[middle];
      if (entry !== undefined && isBefore(entry, wanted)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.rank === other.rank ? one.arrival < other.arrival : one.rank < other.rank;
}
