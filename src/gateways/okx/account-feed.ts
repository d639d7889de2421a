import type { DeskEvent, ExposureOfBook } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { millis } from "../../core/units.ts";
import type { AccountFeed, TruthReading } from "../../desk/ports.ts";
import { plain } from "../binance/errors.ts";
import { optionalText, type Payload } from "../binance/fields.ts";
import { LoginPatience } from "../login-patience.ts";
import type { AccountReading } from "./account-reading.ts";
import { FundingBills } from "./funding-bills.ts";
import { Holdings } from "./holdings.ts";
import { loginMessage } from "./login.ts";
import type { OkxParts } from "./parts.ts";
import { OkxStream } from "./stream.ts";
import type { OkxTranslation } from "./translate.ts";
import { Wallets } from "./wallets.ts";
import { type Contract, isOfPositions } from "./words.ts";

/** What the account feed reads with. */
export interface AccountWords {
  readonly translation: OkxTranslation;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly reading: AccountReading;
  readonly marketNow: () => number;
}

/** Private news of an OKX account: two sockets that log in, and readings over REST. */
export class OkxAccount implements AccountFeed {
  readonly #parts: OkxParts;
  readonly #words: AccountWords;
  readonly #wallets = new Wallets();
  readonly #holdings = new Holdings();
  readonly #funding: FundingBills;
  #patience = new LoginPatience("OKX");
  #streams: readonly OkxStream[] = [];
  #emit: ((event: DeskEvent) => void) | undefined;
  #isFirstBalance = true;
  #isDown = false;

  constructor(parts: OkxParts, words: AccountWords) {
    this.#parts = parts;
    this.#words = words;
    this.#funding = new FundingBills(parts, words.marketNow, (event) => this.#emit?.(event));
  }

  async start(emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    const patience = new LoginPatience("OKX");
    this.#patience = patience;
    const { streams } = this.#parts;
    // Orders of every kind of instrument are news, positions are books: those of swaps.
    const instType = "ANY";
    this.#streams = [
      this.#stream(streams.private, [
        { channel: "orders", instType },
        { channel: "positions", instType: "SWAP" },
        { channel: "account" },
        { channel: "balance_and_position" },
      ]),
      this.#stream(streams.business, [{ channel: "orders-algo", instType }]),
    ];
    for (const stream of this.#streams) stream.start();
    try {
      await Promise.race([Promise.all(this.#streams.map(({ ready }) => ready)), patience.lost]);
      patience.admitted();
    } catch (error) {
      for (const stream of this.#streams) stream.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.stop();
    this.#emit = undefined;
  }

  /** Reads a frame of the private sockets; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    if (this.#streams.some((each) => each.url === url)) {
      const refusal = refusalOf(message);
      if (refusal !== undefined) this.#patience.refused(refusal);
    }
    for (const stream of this.#streams) stream.take(url, message);
  }

  async truth(instruments: readonly InstrumentId[], historyFrom: number): Promise<TruthReading> {
    this.#funding.retry();
    return this.#words.reading.truth(instruments, historyFrom);
  }

  async exposure(): Promise<DeskEvent> {
    this.#funding.retry();
    const books: readonly ExposureOfBook[] = await this.#words.reading.books();
    return { type: "exposure", ...this.#of(), books };
  }

  #stream(url: string, channels: readonly object[]): OkxStream {
    const { client, clock, keys } = this.#parts;
    return new OkxStream({
      client,
      clock,
      url,
      channels,
      ...(keys === undefined ? {} : { login: () => loginMessage(keys, client.now()) }),
      silenceMs: undefined,
      onLive: () => {
        if (!this.#isDown || !this.#streams.every(({ isLive }) => isLive)) return;
        this.#isDown = false;
        this.#emit?.({ type: "resynced", ...this.#of(), stream: "account" });
      },
      onDown: (reason) => {
        this.#isFirstBalance = true;
        this.#wallets.forget();
        this.#holdings.forget();
        this.#isDown = true;
        this.#emit?.({ type: "gap", ...this.#of(), stream: "account", reason: plain(reason) });
      },
      onPush: (channel, _id, rows) => this.#pushed(url, channel, rows),
    });
  }

  #pushed(url: string, channel: string, rows: readonly Payload[]): void {
    const events: DeskEvent[] = [];
    try {
      for (const row of rows) events.push(...this.#read(channel, row));
    } catch (error) {
      this.#parts.log.warn("an account message could not be read", { error: String(error), channel });
      const stream = this.#streams.find((each) => each.url === url);
      stream?.cut("an account message could not be read");
    }
    // Told outside of the try: what the desk can't bear is its own fault, not the message's.
    for (const event of events) this.#emit?.(event);
  }

  #read(channel: string, row: Payload): readonly DeskEvent[] {
    const wallAt = millis(this.#parts.client.now());
    switch (channel) {
      case "orders":
        return isOfPositions(row) ? this.#words.translation.pushedOrder(row, wallAt) : [];
      case "orders-algo":
        return isOfPositions(row) ? [this.#words.translation.algo(row, wallAt)] : [];
      case "positions": {
        const held = this.#holdings.take(row, this.#words.contracts);
        return held === undefined ? [] : [{ type: "position", ...this.#of(row), ...held }];
      }
      case "account": {
        const news = this.#wallets.account(row, this.#isFirstBalance);
        this.#isFirstBalance = false;
        return news.map((each) => ({ type: "balance", ...this.#of(row), ...each }));
      }
      case "balance_and_position":
        if (optionalText(row, "eventType") === "funding_fee") this.#funding.due();
        return this.#wallets.moved(row).map((each) => ({ type: "balance", ...this.#of(row), ...each }));
      default:
        return [];
    }
  }

  #of(row: Payload = {}) {
    const told = Number(optionalText(row, "uTime") ?? optionalText(row, "pTime") ?? Number.NaN);
    return {
      at: millis(Number.isSafeInteger(told) ? told : this.#words.marketNow()),
      wallAt: millis(this.#parts.client.now()),
      account: this.#parts.account,
    };
  }
}

/** OKX's refusals of a login: their words are its own, while those of a message that it can't read repeat what was sent. */
const LOGIN_CODES: ReadonlySet<string> = new Set(
  "60001 60002 60003 60004 60005 60006 60007 60009 60011 60024 60031 60032".split(" "),
);

/** What an error message says, without anything that we sent; undefined for other messages. */
function refusalOf(message: unknown): string | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const raw = message as Payload;
  if (optionalText(raw, "event") !== "error") return undefined;
  const code = optionalText(raw, "code") ?? "no code";
  const words = LOGIN_CODES.has(code) ? (optionalText(raw, "msg") ?? "") : "";
  return words === "" ? code : `${code}: ${words}`;
}
