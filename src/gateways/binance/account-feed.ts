import type { DeskEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { millis } from "../../core/units.ts";
import type { AccountFeed, TruthReading } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { StreamKeeper } from "../stream-keeper.ts";
import { AccountReading } from "./account-reading.ts";
import type { Dialect } from "./dialect.ts";
import { plain } from "./errors.ts";
import { optionalText, type Payload } from "./fields.ts";
import { Hearing } from "./hearing.ts";
import { ListenKey } from "./listen-key.ts";
import type { BinanceParts } from "./market-feed.ts";
import type { Readings } from "./readings.ts";
import type { Translation } from "./translate.ts";

/**
 * For so long after a reading of all symbols the next ones ask only for those that are traded here, as long as the
 * private stream is up: it tells what happens in the others. The readings of a start come within a few seconds.
 */
const WHOLE_MS = 60_000;
/** From so many symbols on, asking for all of them costs no more than asking for each. */
const MANY = 40;

/** Private news of a Binance futures account: the user stream, and readings over REST. */
export class BinanceAccount implements AccountFeed {
  readonly #options: BinanceParts;
  readonly #client: ExchangeClient;
  readonly #dialect: Dialect;
  readonly #translation: Translation;
  readonly #reading: AccountReading;
  readonly #marketNow: () => number;
  readonly #hearing: Hearing;
  #keeper: StreamKeeper | undefined;
  #listenKey: ListenKey | undefined;
  #emit: ((event: DeskEvent) => void) | undefined;
  #url: string | undefined;
  #isUp = false;
  /** When the last reading of all symbols began, in wall time; undefined when the stream has missed something since. */
  #wholeAt: number | undefined;

  constructor(
    options: BinanceParts,
    dialect: Dialect,
    words: { readonly translation: Translation; readonly readings: Readings },
    marketNow: () => number,
  ) {
    this.#options = options;
    this.#client = options.client;
    this.#dialect = dialect;
    this.#translation = words.translation;
    this.#marketNow = marketNow;
    const { account, client, clock } = options;
    this.#hearing = new Hearing(clock, () => this.#keeper?.cut("it tells nothing of what is executed"));
    this.#reading = new AccountReading({
      account,
      client,
      clock,
      dialect,
      readings: words.readings,
      marketNow,
    });
  }

  async start(emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    const { account, clock } = this.#options;
    const times = () => ({ at: millis(this.#marketNow()), wallAt: millis(this.#client.now()) });
    const listenKey = new ListenKey(this.#client, this.#dialect.family, clock, (reason) =>
      this.#keeper?.cut(reason),
    );
    this.#listenKey = listenKey;
    const keeper = new StreamKeeper({
      clock,
      silenceMs: undefined,
      // ccxt would go on with a dead key for twenty minutes (research/gateways.md 1E.1): every socket has its own.
      open: async () => {
        const url = this.#dialect.privateUrl(this.#options.streams, await listenKey.open());
        this.#url = url;
        return this.#client.socket(url);
      },
      onUp: (isFirst) => {
        this.#isUp = true;
        this.#hearing.changed();
        if (!isFirst) emit({ type: "resynced", ...times(), stream: "account", account });
      },
      onDown: (reason) => {
        this.#isUp = false;
        this.#hearing.changed();
        this.#wholeAt = undefined;
        emit({ type: "gap", ...times(), stream: "account", account, reason: plain(reason) });
      },
    });
    this.#keeper = keeper;
    keeper.start();
    await keeper.ready;
  }

  async stop(): Promise<void> {
    this.#hearing.changed();
    this.#listenKey?.close();
    this.#keeper?.stop();
  }

  /** Reads a frame of the private socket; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    if (url !== this.#url) return;
    const raw = message as Payload;
    if (typeof raw !== "object" || raw === null) return;
    const kind = optionalText(raw, "e");
    if (kind === undefined) return;
    if (kind === "listenKeyExpired") {
      // ccxt knows nothing of this: its socket would stay open and silent (research/gateways.md 1E.1).
      this.#keeper?.cut("the listen key has expired");
      return;
    }
    this.#hearing.heard(raw["T"]);
    // Told outside of the try: what the desk can't bear is its own fault, not the message's.
    let events: readonly DeskEvent[] = [];
    try {
      events = this.#translation.account(raw, millis(this.#client.now()));
    } catch (error) {
      this.#options.log.warn("an account message could not be read", { error: String(error), kind });
      this.#keeper?.cut("an account message could not be read");
    }
    for (const event of events) this.#emit?.(event);
  }

  async truth(instruments: readonly InstrumentId[], historyFrom: number): Promise<TruthReading> {
    const startedAt = this.#client.now();
    const isNarrow =
      instruments.length < MANY &&
      this.#wholeAt !== undefined &&
      Math.abs(startedAt - this.#wholeAt) < WHOLE_MS;
    const wasUp = this.#isUp;
    const { opening } = this.#hearing;
    const reading = await this.#reading.truth(instruments, historyFrom, isNarrow);
    // Nothing of other symbols was missed since this reading began if the stream was up all the while.
    if (!isNarrow && wasUp && this.#isUp) this.#wholeAt = startedAt;
    const newestAt = reading.truth.fills.reduce((newest, { at }) => Math.max(newest, at), 0);
    if (wasUp) this.#hearing.read(newestAt, opening);
    return reading;
  }

  async exposure(): Promise<DeskEvent> {
    const books = await this.#reading.books();
    return {
      type: "exposure",
      at: millis(this.#marketNow()),
      wallAt: millis(this.#client.now()),
      account: this.#options.account,
      books,
    };
  }
}
