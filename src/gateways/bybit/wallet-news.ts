import type { BalanceEvent } from "../../core/event.ts";
import { moneyOf } from "../../core/text.ts";
import { type Millis, millis, type Value } from "../../core/units.ts";
import { list, optionalText, type Payload, text } from "../binance/fields.ts";
import type { BybitLine } from "./line.ts";

/** Bybit's words for what moved a wallet; the ones that are missing here are "other". */
const CAUSES: Readonly<Record<string, BalanceEvent["cause"]>> = {
  TRADE: "trade",
  LIQUIDATION: "trade",
  ADL: "trade",
  DELIVERY: "trade",
  SETTLEMENT: "funding",
  TRANSFER_IN: "transfer",
  TRANSFER_OUT: "transfer",
};
/** How far back the log is searched for what moved a wallet, and how many of its lines. */
const LOOK_BACK_MS = 60_000;
const LINES = 50;
/** An execution explains no wallet message that is younger by more than this: its own came before it, or was lost. */
const EXPLAINS_MS = 5_000;

/** An execution or a funding payment that no wallet message has told of yet. */
interface Move {
  readonly at: number;
  readonly cause: "trade" | "funding";
}

/**
 * Wallet messages say how much there is but not why. An execution shortly before it explains it; any other change is looked
 * up in the transaction log. All times are the exchange's.
 */
export class WalletNews {
  readonly #account: string;
  readonly #line: BybitLine;
  readonly #known = new Map<string, Value>();
  readonly #moved = new Map<string, Move>();
  /** The latest message of a coin that was looked up: executions up to then are in it. */
  readonly #lookedUpAt = new Map<string, number>();

  constructor(account: string, line: BybitLine) {
    this.#account = account;
    this.#line = line;
  }

  /** An execution or a funding payment was told: the coin's next wallet message is of it, unless that came before. */
  executed(coin: string, cause: "trade" | "funding", at: number): void {
    if (at <= (this.#lookedUpAt.get(coin) ?? Number.NEGATIVE_INFINITY)) return;
    const known = this.#moved.get(coin);
    const isTrade = known?.cause === "trade" && at - known.at <= EXPLAINS_MS;
    this.#moved.set(coin, { at, cause: isTrade ? "trade" : cause });
  }

  /** Takes wallets from a reading: changes count from there. */
  read(wallets: readonly { readonly asset: string; readonly wallet: Value }[]): void {
    for (const { asset, wallet } of wallets) this.#known.set(asset, wallet);
  }

  /** Reads a wallet message; `emit` hears of every wallet that changed, of an unexplained one after a look at the log. */
  take(rows: readonly Payload[], at: Millis, emit: (event: BalanceEvent) => void): void {
    for (const { asset, wallet } of rows.flatMap(coinsOf)) {
      const before = this.#known.get(asset);
      const moved = this.#explanation(asset, at);
      this.#known.set(asset, wallet);
      const tell = (cause: BalanceEvent["cause"]): void =>
        emit({
          type: "balance",
          at,
          wallAt: millis(this.#line.now()),
          account: this.#account,
          asset,
          wallet,
          cause,
        });
      if (moved !== undefined) tell(moved);
      // Messages name coins that did not move, too; before the first one or a reading there is nothing to compare with.
      else if (before !== undefined && before !== wallet) {
        this.#lookedUpAt.set(asset, at);
        this.#causeOf(asset, at, wallet - before).then(tell, () => tell("other"));
      }
    }
  }

  /** What moved a coin by a message's time; each execution explains one message. */
  #explanation(asset: string, at: number): Move["cause"] | undefined {
    const moved = this.#moved.get(asset);
    // A message that is older than the execution can't know of it.
    if (moved === undefined || at < moved.at) return undefined;
    this.#moved.delete(asset);
    return at - moved.at <= EXPLAINS_MS ? moved.cause : undefined;
  }

  /** What the log's line of this very change says, or else its newest one; "other" where it has none. */
  async #causeOf(currency: string, at: number, change: number): Promise<BalanceEvent["cause"]> {
    const params = {
      accountType: "UNIFIED",
      currency,
      startTime: at - LOOK_BACK_MS,
      limit: LINES,
    };
    const log = await this.#line.call("GET /v5/account/transaction-log", params, "read");
    const lines = list(log["list"], "transaction-log");
    const line = lines.find((each) => isOf(each, change)) ?? lines[0];
    return line === undefined ? "other" : (CAUSES[text(line, "type")] ?? "other");
  }
}

/** Whether a line of the log tells of a change; both were rounded to our steps of money. */
function isOf(line: Payload, change: number): boolean {
  const told = optionalText(line, "change") ?? "";
  return told !== "" && Math.abs(moneyOf(told, "change") - change) <= 1;
}

/** The coins of a wallet: what each holds, without unrealised profit. */
export const coinsOf = (wallet: Payload): readonly { readonly asset: string; readonly wallet: Value }[] =>
  list(wallet["coin"], "coin").map((coin) => ({
    asset: text(coin, "coin"),
    wallet: moneyOf(text(coin, "walletBalance"), "walletBalance"),
  }));
