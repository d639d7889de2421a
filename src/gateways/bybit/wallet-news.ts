import type { BalanceEvent } from "../../core/event.ts";
import { moneyOf } from "../../core/text.ts";
import { type Millis, millis, type Value } from "../../core/units.ts";
import { list, type Payload, text } from "../binance/fields.ts";
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
/** How far back the log is searched for what moved a wallet. */
const LOOK_BACK_MS = 60_000;

/**
 * Wallet messages say how much there is but not why. An execution before it explains it; any other change is looked up in
 * the transaction log.
 */
export class WalletNews {
  readonly #account: string;
  readonly #line: BybitLine;
  readonly #known = new Map<string, Value>();
  readonly #moved = new Map<string, "trade" | "funding">();

  constructor(account: string, line: BybitLine) {
    this.#account = account;
    this.#line = line;
  }

  /** An execution or a funding payment was told: the coin's next wallet message is of it. */
  executed(coin: string, cause: "trade" | "funding"): void {
    if (this.#moved.get(coin) !== "trade") this.#moved.set(coin, cause);
  }

  /** Takes wallets from a reading: changes count from there. */
  read(wallets: readonly { readonly asset: string; readonly wallet: Value }[]): void {
    for (const { asset, wallet } of wallets) this.#known.set(asset, wallet);
  }

  /** Reads a wallet message; `emit` hears of every wallet that changed, of an unexplained one after a look at the log. */
  take(rows: readonly Payload[], at: Millis, emit: (event: BalanceEvent) => void): void {
    for (const { asset, wallet } of rows.flatMap(coinsOf)) {
      const before = this.#known.get(asset);
      const moved = this.#moved.get(asset);
      this.#known.set(asset, wallet);
      this.#moved.delete(asset);
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
        this.#causeOf(asset, at).then(tell, () => tell("other"));
      }
    }
  }

  /** What the newest line of the log says; "other" where it has none. */
  async #causeOf(currency: string, at: number): Promise<BalanceEvent["cause"]> {
    const params = {
      accountType: "UNIFIED",
      currency,
      startTime: at - LOOK_BACK_MS,
      limit: 1,
    };
    const log = await this.#line.call("GET /v5/account/transaction-log", params, "read");
    const [newest] = list(log["list"], "transaction-log");
    return newest === undefined ? "other" : (CAUSES[text(newest, "type")] ?? "other");
  }
}

/** The coins of a wallet: what each holds, without unrealised profit. */
export const coinsOf = (wallet: Payload): readonly { readonly asset: string; readonly wallet: Value }[] =>
  list(wallet["coin"], "coin").map((coin) => ({
    asset: text(coin, "coin"),
    wallet: moneyOf(text(coin, "walletBalance"), "walletBalance"),
  }));
