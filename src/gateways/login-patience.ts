/** Refused logins before the first success after which a start gives up: a wrong key does not mend itself. */
const REFUSALS_MOST = 3;

/** How long a start goes on when the exchange refuses its login. After the first success nothing is counted any more. */
export class LoginPatience {
  readonly #exchange: string;
  #refusals = 0;
  #isOver = false;
  #giveUp: ((error: Error) => void) | undefined;
  /** Rejects with the exchange's own words when it refused too often; never resolves. */
  readonly lost: Promise<never>;

  /** `exchange` is its name as people write it. */
  constructor(exchange: string) {
    this.#exchange = exchange;
    this.lost = new Promise((_resolve, reject) => {
      this.#giveUp = reject;
    });
    // Whoever starts waits for it; nobody does once the start is over.
    this.lost.catch(() => {});
  }

  /** The exchange refused a login; `words` are its own, with its code. */
  refused(words: string): void {
    if (this.#isOver) return;
    this.#refusals += 1;
    if (this.#refusals < REFUSALS_MOST) return;
    this.#isOver = true;
    this.#giveUp?.(
      new Error(
        `${this.#exchange} refused the login ${this.#refusals} times (${words}); check the keys in .env`,
      ),
    );
  }

  /** The exchange let us in. */
  admitted(): void {
    this.#isOver = true;
  }
}
