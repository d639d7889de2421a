interface Waiter<Entry> {
  readonly wants: (entry: Entry) => boolean;
  readonly isTaking: boolean;
  readonly give: (entry: Entry) => void;
}

/**
 * Everything a bot asked of an emulated chat platform, in the order of arrival, with a way to wait for the next thing of interest.
 * `wait` hands out every entry at most once: two waits for "a message was sent" give two messages, in order, and an
 * entry that arrived before the wait began is not lost. Nothing here holds a token.
 */
export class Journal<Entry> {
  #entries: Entry[] = [];
  readonly #listeners = new Set<(entry: Entry) => void>();
  readonly #taken = new Set<Entry>();
  readonly #waiting = new Set<Waiter<Entry>>();

  /** All entries so far, oldest first. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Writes one entry down and wakes the first wait that wants it. */
  record(entry: Entry): void {
    this.#entries.push(entry);
    for (const hear of this.#listeners) hear(entry);
    for (const waiter of this.#waiting) {
      if ((waiter.isTaking && this.#taken.has(entry)) || !waiter.wants(entry)) continue;
      this.#waiting.delete(waiter);
      if (waiter.isTaking) this.#taken.add(entry);
      waiter.give(entry);
    }
  }

  /** The oldest entry not yet handed out that is wanted, now or within `ms`; rejects naming the last entries when none came. */
  wait(wants: (entry: Entry) => boolean, ms = 3_000): Promise<Entry> {
    const known = this.#entries.find((entry) => !this.#taken.has(entry) && wants(entry));
    if (known === undefined) return this.#await(wants, true, ms);
    this.#taken.add(known);
    return Promise.resolve(known);
  }

  /** The oldest entry that is wanted, handed out or not, now or within `ms`; it stays there for a `wait`. */
  see(wants: (entry: Entry) => boolean, ms = 3_000): Promise<Entry> {
    const known = this.#entries.find(wants);
    return known === undefined ? this.#await(wants, false, ms) : Promise.resolve(known);
  }

  /** Counts everything so far as handed out, so that the next wait sees only what comes after. */
  skip(): void {
    for (const entry of this.#entries) this.#taken.add(entry);
  }

  /** Hears every entry from now on, as it is written. */
  listen(hear: (entry: Entry) => void): void {
    this.#listeners.add(hear);
  }

  /** Drops all entries so far: a run of many thousand rounds would drown in them. */
  forget(): void {
    this.#entries = [];
    this.#taken.clear();
  }

  #await(wants: (entry: Entry) => boolean, isTaking: boolean, ms: number): Promise<Entry> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        const last = this.#entries.slice(-5).map((entry) => JSON.stringify(entry)?.slice(0, 300));
        reject(
          new Error(`nothing wanted arrived within ${ms} ms; the last entries are:\n${last.join("\n")}`),
        );
      }, ms);
      const give = (entry: Entry): void => {
        clearTimeout(timer);
        resolve(entry);
      };
      const waiter = { wants, isTaking, give };
      this.#waiting.add(waiter);
    });
  }
}
