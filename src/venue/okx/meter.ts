/** Every limit of OKX counts requests within this much wall time. */
const WINDOW_MS = 2_000;

/** Counts each account's requests of each call, as OKX limits them: so many in two seconds. */
export class Meter {
  readonly #spent = new Map<string, number[]>();

  /** Takes one request in; false when it is one too many, and then it does not count. */
  spend(who: string, call: string, most: number, now: number): boolean {
    const name = `${who} ${call}`;
    const times = (this.#spent.get(name) ?? []).filter((at) => at > now - WINDOW_MS);
    this.#spent.set(name, times);
    if (times.length >= most) return false;
    times.push(now);
    return true;
  }
}
